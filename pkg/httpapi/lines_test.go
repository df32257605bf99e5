package httpapi

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"twofold/pkg/enroll"
	"twofold/pkg/fault"
)

// plainValue reports whether a value can stand in a line: no line break, and text.
func plainValue(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\ufffd")
}

// What standard writers write is read as it was.
func FuzzLinesRoundTrip(f *testing.F) {
	f.Add("ann", "ann@acme.example", "otpauth://totp/x?secret=A", "b\"o", "b,o@acme.example", "")
	f.Add(" ", "\"", ",", "'", "=1+1", "\x00")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g string) {
		want := []importLine{{a, b, g, c}, {d, e, c, g}}
		for _, l := range want {
			if !plainValue(l.User) || !plainValue(l.Email) || !plainValue(l.Otpauth) || !plainValue(l.Language) {
				return
			}
		}
		var asJSON, asCSV bytes.Buffer
		encoder, writer := json.NewEncoder(&asJSON), csv.NewWriter(&asCSV)
		_ = writer.Write([]string{"email", "otpauth", "language", "user"})
		for _, l := range want {
			if err := encoder.Encode(l); err != nil {
				t.Fatal(err)
			}
			_ = writer.Write([]string{l.Email, l.Otpauth, l.Language, l.User})
		}
		writer.Flush()
		for media, body := range map[string][]byte{mediaNDJSON: asJSON.Bytes(), mediaCSV: asCSV.Bytes()} {
			lines, err := readLines(media, body)
			if err != nil || len(lines) != len(want) {
				t.Fatalf("%s: %d lines, %v", media, len(lines), err)
			}
			for i, l := range lines {
				if l.sent != want[i] || l.err != nil {
					t.Errorf("%s: read %+v, %v, want %+v", media, l.sent, l.err, want[i])
				}
			}
		}
	})
}

// Whatever comes, each line that is not blank has one result, in its place, in fixed words.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"{\"user\":\"a\"}\n\n{\"user\":\"b\"\r\n", "user,email\na,\"b\nc,d\"\n", "user,email,otpauth\r\n\"a\"\"b\",c,\n", "\ufeffuser,email\na,b", "email,user\n\"\n", "[]\nnull\n1e999\n\xff",
		"{\"user\":1,\"S3cret\":2}", "user,email\n\ufffd,a", strings.Repeat("x\n", 1001),
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, asCSV bool) {
		media := mediaNDJSON
		if asCSV {
			media = mediaCSV
		}
		lines, err := readLines(media, body)
		if err != nil {
			var known *fault.Error
			if !errors.As(err, &known) || len(lines) > 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		parts := strings.Split(string(body), "\n")
		at := 0
		if asCSV {
			at = 1
		}
		for _, l := range lines {
			for at++; strings.TrimSpace(parts[at-1]) == ""; at++ {
			}
			if l.number != at {
				t.Fatalf("line %d is told as %d", at, l.number)
			}
			var known *fault.Error
			if l.err != nil && (!errors.As(l.err, &known) || known.Field != "" && !presentable(known.Field)) {
				t.Fatalf("line %d: %v", at, l.err)
			}
			if l.err == nil && !(plainValue(l.sent.User) || strings.ContainsRune(l.sent.User, '\r') || strings.Contains(l.sent.User, "\n")) {
				t.Fatalf("line %d passed with %q", at, l.sent.User)
			}
			if w := l.wanted(); w.Malformed == nil && (!ValidID(w.User) || w.Email == "" || w.Plants != (w.Secret != nil)) {
				t.Fatalf("line %d is wanted as %+v", at, w)
			}
		}
		if len(lines) > enroll.MaxLines {
			t.Fatalf("%d lines", len(lines))
		}
	})
}

func TestTheLargestLinesFit(t *testing.T) {
	var body bytes.Buffer
	secret := strings.Repeat("A", 103)
	for i := range enroll.MaxLines {
		id := fmt.Sprintf("%0128d", i)
		fmt.Fprintf(&body, `{"user":"%s","email":"%s@%s.example","otpauth":"otpauth://totp/%s?secret=%s&algorithm=SHA1&digits=6&period=30&issuer=Old"}`+"\n",
			id, strings.Repeat("e", 64), strings.Repeat("d", 60), strings.Repeat("l", 200), secret)
	}
	if body.Len() > maxImport {
		t.Errorf("1,000 long lines have %d bytes", body.Len())
	}
	lines, err := readLines(mediaNDJSON, body.Bytes())
	if err != nil || len(lines) != enroll.MaxLines || lines[999].err != nil || lines[999].wanted().Malformed != nil {
		t.Errorf("%d lines, %v, %v", len(lines), err, lines[999].wanted().Malformed)
	}
}
