package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func unzipped(t *testing.T, content []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestAssets(t *testing.T) {
	s := gallerySite(t, Options{}, nil)
	for name, kind := range map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		path, err := assetPath(name)
		if err != nil {
			t.Fatal(err)
		}
		w := get(t, s, path)
		sum := sha256.Sum256(w.Body.Bytes())
		stem, extension, _ := strings.Cut(name, ".")
		if want := "/assets/" + stem + "." + hex.EncodeToString(sum[:8]) + "." + extension; path != want {
			t.Errorf("%s is at %s, not %s", name, path, want)
		}
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		z := get(t, s, path, "Accept-Encoding", "br, gzip")
		if z.Header().Get("Content-Encoding") != "gzip" || unzipped(t, z.Body.Bytes()) != w.Body.String() || z.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s compressed: %v", name, z.Header())
		}
		for _, first := range []*httptest.ResponseRecorder{w, z} {
			again := get(t, s, path, "If-None-Match", first.Header().Get("ETag"), "Accept-Encoding", first.Header().Get("Content-Encoding"))
			if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("ETag") != first.Header().Get("ETag") || again.Header().Get("Content-Encoding") != "" {
				t.Errorf("%s asked for again: %d %v", name, again.Code, again.Header())
			}
		}
		if w.Header().Get("ETag") == z.Header().Get("ETag") {
			t.Errorf("%s: two representations have one tag", name)
		}
		other := get(t, s, path, "If-None-Match", `"x"`)
		if other.Code != 200 {
			t.Errorf("%s with another tag: %d", name, other.Code)
		}
	}
	if _, err := assetPath("none.css"); err == nil {
		t.Error("an asset that there is not has an address")
	}
}

func TestWhatIsNoAsset(t *testing.T) {
	s := gallerySite(t, Options{}, nil)
	good := themePath(color{0xff, 0xc8, 0})
	if w := get(t, s, good); w.Code != 200 || w.Header().Get("Content-Type") != "text/css; charset=utf-8" || w.Body.String() != themeOf(color{0xff, 0xc8, 0}) {
		t.Fatalf("%s: %d %s", good, w.Code, w.Body)
	}
	css, _ := assetPath("page.css")
	for _, path := range []string{
		"/assets/", "/assets", "/assets/page.css", "/assets/page.0000000000000000.css", css + "/", css + "x", "/assets/../page.go", "/assets/%2e%2e/page.go", "page.css",
		"/assets/theme/", "/assets/theme/ffc800.css", strings.Replace(good, "ffc800", "FFC800", 1), strings.Replace(good, "ffc800", "ffc801", 1), good + "x", good + "/",
		"/assets/theme/ffc8000.css", "/assets/theme/ffc80.css", "/assets/theme/" + strings.Repeat("f", 5000) + ".css", "/assets/theme/}.css", "/assets/theme/%23fffff.css",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 404 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, css, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 404 {
		t.Errorf("POST of an asset: %d", w.Code)
	}
}

// Whoever asks for all themes there are fills no memory.
func TestFewThemesAreKept(t *testing.T) {
	for i := range 3 * maxThemes {
		c := color{1, uint8(i), uint8(i >> 8)}
		if a := theme(c); string(a.content) != themeOf(c) || theme(c) != a {
			t.Fatalf("%s has another's theme, or is made twice", c)
		}
		if n := len(themes.made); n > maxThemes {
			t.Fatalf("%d themes are kept", n)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "br;q=1.0, GZIP;q=0.5": true, "gzip ; q=0.001": true, "gzip;q=1": true,
		"": false, "br": false, "identity": false, "*": false, "gzip;q=0": false, "gzip; q=0.000": false, "gzipped": false, "x-gzip": false, "gzip;q=": false,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if acceptsGzip(r) != want {
			t.Errorf("%q: %t", header, !want)
		}
	}
}

// A page is compressed where the browser takes that, unless it shows a secret.
func TestPagesAreCompressed(t *testing.T) {
	s := gallerySite(t, Options{}, gallery(same[string]))
	plain := get(t, s, "/code")
	z := get(t, s, "/code", "Accept-Encoding", "gzip")
	if z.Header().Get("Content-Encoding") != "gzip" || unzipped(t, z.Body.Bytes()) != plain.Body.String() || z.Header().Get("Vary") != "Accept-Encoding" || plain.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("compressed: %v, plain: %v", z.Header(), plain.Header())
	}
	if secret := get(t, s, "/setup", "Accept-Encoding", "gzip"); secret.Header().Get("Content-Encoding") != "" || !strings.Contains(secret.Body.String(), "JBSW") {
		t.Errorf("a page with a secret: %v", secret.Header())
	}
}

// What a first page weighs with all that it needs. Everything is compressed as it is served.
func TestAFirstPageIsLight(t *testing.T) {
	s := gallerySite(t, Options{}, gallery(same[string]))
	total := 0
	for _, path := range []string{"/code", assets()["page.css"].path, assets()["page.js"].path, assets()["icon.svg"].path, themePath(color{10, 125, 90})} {
		w := get(t, s, path, "Accept-Encoding", "gzip")
		if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		total += w.Body.Len()
	}
	t.Logf("%d bytes", total)
	if total > 20<<10 || len(assets()["page.css"].content) > 15<<10 || len(assets()["page.js"].content) > 4<<10 {
		t.Errorf("%d bytes compressed, stylesheet %d, script %d", total, len(assets()["page.css"].content), len(assets()["page.js"].content))
	}
}
