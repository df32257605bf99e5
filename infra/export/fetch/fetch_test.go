package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/export"
	"twofold/pkg/sign"
)

const everything = "name\r\nana\r\nbo\r\ncy\r\ndan\r\neve\r\nfay\r\ngil\r\n"

func TestAnExportIsKeptAndCanBeCheckedAgain(t *testing.T) {
	d := deploy(t)
	f, _, progress := d.fetch()
	chain, err := f.Run(t.Context())
	if err != nil || chain.Pages != 4 || chain.Lines != 7 || len(d.asked) != 4 {
		t.Fatalf("%+v, %v, asked %q", chain, err, d.asked)
	}
	if !strings.HasPrefix(progress.String(), "7 lines in 4 pages") {
		t.Errorf("told %q", progress)
	}
	if got := left(t, f.Files); !slices.Equal(got, []string{"", ".jwks.json", ".jws"}) {
		t.Errorf("left %q", got)
	}
	text, err := os.ReadFile(f.Files.Path)
	info, _ := os.Stat(f.Files.Path)
	if err != nil || string(text) != everything || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v", text, err)
	}
	d.Close()
	if again, err := Verify(f.Files, ""); err != nil || again.Lines != 7 {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := f.Run(t.Context()); err == nil {
		t.Error("it runs without a server")
	}
}

// What is kept, tampered with in every way, and the page that is named. The pages are 0 to 15, 15 to 24, 24 to 34 and 34 to the end.
func TestWhatIsKeptIsCheckedToTheLastByte(t *testing.T) {
	d := deploy(t)
	f, _, _ := d.fetch()
	if _, err := f.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := map[string][]byte{}
	for _, end := range []string{"", signatures, keys} {
		kept[end], _ = os.ReadFile(f.Files.Path + end)
	}
	lines := bytes.SplitAfter(kept[signatures], []byte("\n"))[:4]
	other, _, _ := d.fetch()
	if _, err := other.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	others, _ := os.ReadFile(other.Files.Path + signatures)
	foreign := bytes.SplitAfter(others, []byte("\n"))
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	text := kept[""]
	for name, c := range map[string]struct {
		page              int
		pages, signatures []byte
	}{
		"a letter":                                  {2, bytes.Replace(text, []byte("cy"), []byte("di"), 1), nil},
		"a line less":                               {3, bytes.Replace(text, []byte("eve\r\n"), nil, 1), nil},
		"a line more":                               {4, join(text, []byte("joe\r\n")), nil},
		"more after the last":                       {5, join(text, []byte("\n")), nil},
		"cut off":                                   {4, text[:len(text)-3], nil},
		"the last page gone":                        {4, text[:34], nil},
		"the last page and its signature":           {4, text[:34], join(lines[:3]...)},
		"a page and its signature":                  {2, join(text[:15], text[24:]), join(lines[0], lines[2], lines[3])},
		"a page twice":                              {3, join(text[:24], text[15:]), join(lines[0], lines[1], lines[1], lines[2], lines[3])},
		"two pages exchanged":                       {2, join(text[:15], text[24:34], text[15:24], text[34:]), join(lines[0], lines[2], lines[1], lines[3])},
		"a signature of another export":             {3, text, join(lines[0], lines[1], foreign[2], lines[3])},
		"all signatures but the first's of another": {2, text, join(lines[0], foreign[1], foreign[2], foreign[3])},
		"nothing":                                   {1, nil, []byte{}},
		"no signature":                              {1, text, []byte("\n")},
		"a signature that is too long":              {1, text, bytes.Repeat([]byte("A"), 1<<20)},
		"a signature that is none":                  {2, text, join(lines[0], []byte("canary\n"), lines[1])},
	} {
		if c.signatures == nil {
			c.signatures = kept[signatures]
		}
		write(t, f.Files.Path, c.pages)
		write(t, f.Files.Path+signatures, c.signatures)
		want := c.page
		if name == "a line more" || name == "more after the last" {
			want = 5
		}
		if _, err := Verify(f.Files, ""); flawed(err) != want || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, want page %d", name, err, want)
		}
	}
	write(t, f.Files.Path, text)
	write(t, f.Files.Path+signatures, kept[signatures])
	strangers := f.Files.Path + ".strangers"
	write(t, strangers, bytes.Replace(kept[keys], []byte(`"kid":"`), []byte(`"kid":"x`), -1))
	if _, err := Verify(f.Files, strangers); flawed(err) != 1 {
		t.Errorf("with a stranger's keys: %v", err)
	}
	write(t, strangers, []byte("{}"))
	if _, err := Verify(f.Files, strangers); !errors.Is(err, sign.ErrKeys) || flawed(err) != 0 {
		t.Errorf("without keys: %v", err)
	}
	for _, end := range []string{"", signatures, keys} {
		_ = os.Remove(f.Files.Path + end)
		if _, err := Verify(f.Files, ""); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("without %q: %v", end, err)
		}
		write(t, f.Files.Path+end, kept[end])
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A server, or somebody before it, that does not give what was asked for, whole: nothing that looks complete is left, and the page is named.
func TestWhatComesIsChecked(t *testing.T) {
	type turn = func(http.ResponseWriter, export.Page, string)
	edited := func(w http.ResponseWriter, p export.Page, link string) {
		p.Body = append([]byte(nil), p.Body...)
		p.Body[0] ^= 1
		give(w, p, link)
	}
	for name, c := range map[string]struct {
		page  int
		turns func(d *deployment) []turn
	}{
		"edited": {2, func(*deployment) []turn { return []turn{nil, edited} }},
		"said to be the last": {3, func(*deployment) []turn {
			return []turn{nil, nil, func(w http.ResponseWriter, p export.Page, _ string) { give(w, p, "") }}
		}},
		"left out": {2, func(d *deployment) []turn {
			return []turn{func(w http.ResponseWriter, p export.Page, link string) {
				q := map[string][]string{"format": {"csv"}}
				second := d.page("acme", q, p.Next)
				q["cursor"] = []string{second.Next}
				give(w, p, "<?format=csv&cursor="+second.Next+`>; rel="next"`)
			}}
		}},
		"of another organisation": {1, func(d *deployment) []turn {
			return []turn{func(w http.ResponseWriter, _ export.Page, _ string) {
				d.lines = d.lines[:1] // or the missing Link would be what is wrong
				give(w, d.page("globex", map[string][]string{"format": {"csv"}}, ""), "")
			}}
		}},
		"of another query": {1, func(d *deployment) []turn {
			return []turn{func(w http.ResponseWriter, _ export.Page, _ string) {
				d.lines = d.lines[:1]
				give(w, d.page("acme", map[string][]string{"format": {"ndjson"}}, ""), "")
			}}
		}},
		"of long ago": {1, func(d *deployment) []turn {
			return []turn{func(w http.ResponseWriter, _ export.Page, _ string) {
				d.lines = d.lines[:1]
				d.now = d.now.Add(-time.Hour)
				give(w, d.page("acme", map[string][]string{"format": {"csv"}}, ""), "")
				d.now = d.now.Add(time.Hour)
			}}
		}},
		"of another export": {2, func(d *deployment) []turn {
			q := map[string][]string{"format": {"csv"}}
			first := d.page("acme", q, "")
			second := d.page("acme", q, first.Next)
			return []turn{nil, func(w http.ResponseWriter, _ export.Page, link string) { give(w, second, link) }}
		}},
	} {
		d := deploy(t)
		d.turns = c.turns(d)
		f, _, _ := d.fetch()
		_, err := f.Run(t.Context())
		if flawed(err) != c.page {
			t.Errorf("%s: %v, want page %d", name, err, c.page)
		}
		if got := left(t, f.Files); !slices.Equal(got, []string{".part", ".part.jwks.json", ".part.jws"}) {
			t.Errorf("%s: left %q", name, got)
		}
		d.turns = nil
		if _, err := f.Run(t.Context()); err == nil || !strings.Contains(err.Error(), ".part") {
			t.Errorf("%s: what is there for inspection is written over: %v", name, err)
		}
	}
}

func problem(status int, code, after string) func(http.ResponseWriter, export.Page, string) {
	return func(w http.ResponseWriter, _ export.Page, _ string) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"detail":"Fixed words.","field":"query"}`, code)
	}
}

func cutOff(w http.ResponseWriter, _ export.Page, _ string) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, "name")
}

func TestWhatIsBusyIsAskedAgain(t *testing.T) {
	d := deploy(t)
	f, waits, _ := d.fetch()
	d.turns = []func(http.ResponseWriter, export.Page, string){nil, problem(503, "unavailable", "3"), problem(429, "", ""), cutOff, problem(500, "internal", "-9"), problem(504, "", "99999")}
	if chain, err := f.Run(t.Context()); err != nil || chain.Lines != 7 || len(d.asked) != 9 || d.asked[1] != d.asked[6] {
		t.Fatalf("%+v, %v, asked %q", chain, err, d.asked)
	}
	w := *waits
	if len(w) != 5 || w[0] != 3*time.Second || w[1] < firstWait/2 || w[4] != longWait {
		t.Errorf("waited %v", w)
	}
	d.turns = nil
	for range tries + 1 {
		d.turns = append(d.turns, problem(503, "unavailable", ""))
	}
	*waits = nil
	f.Files.Path += ".again"
	if _, err := f.Run(t.Context()); err == nil || flawed(err) != 0 || len(*waits) != tries-1 || left(t, f.Files) != nil {
		t.Errorf("%v after %d waits, left %q", err, len(*waits), left(t, f.Files))
	}
}

func TestWhatIsRefusedForGoodIsNotAskedAgain(t *testing.T) {
	for name, turn := range map[string]func(http.ResponseWriter, export.Page, string){
		"401": problem(401, "unauthenticated", ""), "403": problem(403, "role_forbidden", ""), "422": problem(422, "export_expired", ""), "302": problem(302, "", ""),
		"no signature": func(w http.ResponseWriter, p export.Page, _ string) { _, _ = w.Write(p.Body) },
		"another server": func(w http.ResponseWriter, p export.Page, _ string) {
			give(w, p, `<https://thief.example/>; rel="next"`)
		},
		"the same path of another server": func(w http.ResponseWriter, p export.Page, _ string) {
			give(w, p, `<//thief.example/v1/organizations/acme/report/export?x>; rel="next"`)
		},
		"another scheme": func(w http.ResponseWriter, p export.Page, _ string) {
			give(w, p, `<ftp:/v1/organizations/acme/report/export?x>; rel="next"`)
		},
		"another path": func(w http.ResponseWriter, p export.Page, _ string) {
			give(w, p, `</v1/organizations/globex/report/export>; rel="next"`)
		},
		"two next":         func(w http.ResponseWriter, p export.Page, _ string) { give(w, p, `<?a>; rel="next", <?b>; rel=next`) },
		"a user's address": func(w http.ResponseWriter, p export.Page, _ string) { give(w, p, `<//a:b@thief.example/>; rel="next"`) },
	} {
		d := deploy(t)
		d.turns = []func(http.ResponseWriter, export.Page, string){nil, turn}
		f, waits, _ := d.fetch()
		_, err := f.Run(t.Context())
		if err == nil || flawed(err) != 0 || len(*waits) > 0 || len(d.asked) != 2 || left(t, f.Files) != nil {
			t.Errorf("%s: %v after %d calls, left %q", name, err, len(d.asked), left(t, f.Files))
		}
		if strings.Contains(fmt.Sprint(err), "cursor=") {
			t.Errorf("%s: the address is told: %v", name, err)
		}
	}
}

func TestNothingIsWrittenOver(t *testing.T) {
	for _, end := range []string{"", signatures, keys} {
		d := deploy(t)
		f, _, _ := d.fetch()
		write(t, f.Files.Path+end, []byte("mine"))
		if _, err := f.Run(t.Context()); err == nil || len(d.asked) > 0 {
			t.Errorf("%q: %v", end, err)
		}
		if text, _ := os.ReadFile(f.Files.Path + end); string(text) != "mine" {
			t.Errorf("%q is written over", end)
		}
	}
}

func TestAnInterruptionLeavesNothing(t *testing.T) {
	d := deploy(t)
	ctx, stop := context.WithCancel(t.Context())
	d.turns = []func(http.ResponseWriter, export.Page, string){nil, func(w http.ResponseWriter, p export.Page, link string) {
		stop()
		problem(503, "unavailable", "")(w, p, link)
	}}
	f, _, _ := d.fetch()
	if _, err := f.Run(ctx); !errors.Is(err, context.Canceled) || left(t, f.Files) != nil {
		t.Errorf("%v, left %q", err, left(t, f.Files))
	}
}
