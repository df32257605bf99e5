package mail

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

var update = flag.Bool("update", false, "write the golden files anew")

// logoOf is a picture of one colour, with its file.
func logoOf(t testing.TB) *org.Logo {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, 120, 40), color.Palette{color.RGBA{20, 90, 160, 255}})
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return &org.Logo{Type: "image/png", Data: file.Bytes(), Width: 120, Height: 40}
}

// branded is an organisation with a logo and, in each language, a sign-off of its own.
func branded(t testing.TB, language words.Language) voice {
	v := speaking(language, "Acme GmbH & Söhne")
	v.branding.Logo = logoOf(t)
	v.branding.Texts = map[string]string{}
	for _, l := range words.Languages() {
		v.branding.Texts[org.TextKey(string(l), words.Signoff)] = "{organization}, +49 89 4711"
	}
	return v
}

// Every letter reads and looks as it did, in every language; with -update it is written anew, to be read before it is committed.
func TestLettersAreAsTheyWere(t *testing.T) {
	seen := map[string]bool{}
	for _, language := range words.Languages() {
		for name, l := range letters(branded(t, language), "Acme GmbH & Söhne") {
			m := l.message()
			file := filepath.Join("testdata", "golden", string(language), strings.NewReplacer(" ", "-", "/", "-", ".", "-").Replace(name))
			golden(t, file+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, file+".html", m.HTML)
			seen[file+".txt"], seen[file+".html"] = true, true
		}
	}
	stored, err := filepath.Glob(filepath.Join("testdata", "golden", "*", "*"))
	if err != nil || len(stored) != len(seen) {
		t.Errorf("%d golden files are stored and %d letters written, %v", len(stored), len(seen), err)
	}
	for _, file := range stored {
		if !seen[file] {
			t.Errorf("%s is of no letter any more", file)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed: look at it, then run with -update\n%s", file, got)
	}
}
