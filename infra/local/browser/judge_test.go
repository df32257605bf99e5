package browser

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

func TestAccessible(t *testing.T) {
	url := site(t, map[string]string{
		"/good": `<p>Text</p><img alt="A dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, "/grey.css": "p{color:#aaa;background:#fff}",
		"/grey": `<link rel="stylesheet" href="/grey.css"><p>Text</p>`, "/nameless": `<input>`,
		"/white": `<link rel="stylesheet" href="/white.css"><p>Text</p>`, "/white.css": "p{color:#fff;background:#fff}",
		"/night": `<link rel="stylesheet" href="/night.css"><p>Text</p>`, "/night.css": ":root{color-scheme:light dark}p{color:light-dark(#333,#ccc)}",
		"/dusk": `<link rel="stylesheet" href="/dusk.css"><p>Text</p>`, "/dusk.css": ":root{color-scheme:light dark}p{color:#333}",
	})
	for _, b := range []*Browser{New(t), New(t).WithoutJavaScript()} {
		p := b.Open(url + "/good")
		p.Accessible()
		for path, want := range map[string]string{"/grey": "4.5:1", "/nameless": "label", "/white": "color-contrast"} {
			p.Go(url + path)
			refused(t, p.accessible(), want)
		}
	}
	day, night := New(t).Open(url+"/night"), New(t).Dark().Open(url+"/night")
	day.Accessible()
	night.Accessible()
	day.Go(url + "/dusk")
	night.Go(url + "/dusk")
	day.Accessible()
	refused(t, night.accessible(), "color-contrast", ": p:")
}

func TestFits(t *testing.T) {
	url := site(t, map[string]string{
		"/good": "<p>" + strings.Repeat("words ", 100) + "</p>", "/wide": "<pre>" + strings.Repeat("x", 100) + "</pre>",
		"/inside": `<link rel="stylesheet" href="/inside.css"><div>` + strings.Repeat("x", 100) + "</div>", "/inside.css": "div{overflow-x:auto}",
		"/table": `<link rel="stylesheet" href="/inside.css"><div tabindex="0"><table><tr><td>` + strings.Repeat("x", 100) + "</table></div>",
	})
	b := New(t)
	p := b.Open(url + "/good")
	p.Fits(320)
	if wide, err := p.tab.Eval("() => innerWidth"); err != nil || wide.Value.Int() != 1280 {
		t.Errorf("afterwards the window is %v, %v", wide, err)
	}
	b.Open(url + "/table").Fits(320)
	refused(t, b.Open(url+"/wide").fits(320), "sideways", "<pre>")
	refused(t, b.Open(url+"/inside").fits(320), "sideways", "<div>")
	desk := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><title>x</title><p>x") })
	refused(t, b.Open(desk).fits(320), "viewport")
}

// heard is a test that goes on when it fails.
type heard struct {
	testing.TB
	said []string
}

func (h *heard) Helper()                        {}
func (h *heard) Errorf(format string, a ...any) { h.said = append(h.said, fmt.Sprintf(format, a...)) }
func (h *heard) Fatalf(format string, a ...any) { h.Errorf(format, a...) }

func TestTheConsole(t *testing.T) {
	url := site(t, map[string]string{
		"/good": `<script src="/fine.js"></script>`, "/fine.js": `console.log("fine"); console.warn("hm")`,
		"/error": `<script src="/error.js"></script>`, "/error.js": `console.error("wrong", 42)`,
		"/thrown": `<script src="/thrown.js"></script>`, "/thrown.js": `throw new Error("unforeseen")`,
		"/rejected": `<script src="/rejected.js"></script>`, "/rejected.js": `Promise.reject(new Error("unkept"))`,
		"/inline": `<script>1</script>`, "/style": `<p style="color:red">x</p>`, "/elsewhere": `<form action="http://localhost:1/"><button>Go</button></form>`,
		"/missing": `<img alt="" src="/none.png">`, "/dialog": `<script src="/dialog.js"></script>`, "/dialog.js": `alert("stop")`,
	})
	p := New(t).Open(url + "/good")
	for path, want := range map[string]string{
		"/good": "", "/error": "wrong 42", "/thrown": "unforeseen", "/rejected": "unkept", "/inline": "script-src", "/style": "style-src",
		"/missing": "none.png", "/dialog": "stop", "/there-is-no-page": "",
	} {
		p.Go(url + path)
		if got := strings.Join(p.Console(), "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in %q", path, want, got)
		}
	}
	p.Go(url + "/elsewhere")
	p.Click("Go")
	if got := strings.Join(p.Console(), " "); !strings.Contains(got, "form-action") {
		t.Errorf("a form that leads elsewhere: %q", got)
	}
	if again := p.Console(); again != nil {
		t.Errorf("held against it twice: %q", again)
	}
	h := &heard{TB: t}
	b := New(t)
	b.t = h
	b.Open(url + "/error").close()
	if got := strings.Join(h.said, ""); !strings.Contains(got, "wrong 42") {
		t.Errorf("at the end of a test it says %q", got)
	}
}

// A page is looked at whichever tab was opened last.
func TestAPageBehindAnotherIsLookedAt(t *testing.T) {
	t.Setenv(FolderVariable, t.TempDir())
	url := site(t, map[string]string{"/": "<p>" + strings.Repeat("words ", 100) + "</p>"})
	b := New(t)
	first, second := b.Open(url), b.Open(url)
	for range 5 {
		for _, p := range []*Page{first, second} {
			p.Fits(320)
			p.Screenshot("behind")
			p.Fits(640)
		}
	}
}

func TestQR(t *testing.T) {
	const said = "otpauth://totp/Example:ana?secret=ABCDEFGH"
	code, err := qr.Encode(said, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	if code, err = barcode.Scale(code, 200, 200); err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, code); err != nil {
		t.Fatal(err)
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/code.png" {
			_, _ = w.Write(picture.Bytes())
			return
		}
		whole(w, `<p>Scan</p>`+map[string]string{"/": `<div style="height:2000px"></div><img alt="QR code" style="padding:20px" src="/code.png">`}[r.URL.Path])
	})
	if got := New(t).Open(url).QR(); got != said {
		t.Errorf("it reads %q", got)
	}
	_, err = New(t).Open(url + "/none").qr()
	refused(t, err, "zbarimg")
}

func TestScreenshot(t *testing.T) {
	t.Setenv(FolderVariable, t.TempDir())
	folder, _ := Folder()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		whole(w, `<style>:root{color-scheme:light dark}</style><div style="height:2000px"></div>`)
	})
	for name, b := range map[string]*Browser{"day/light": New(t), "day/dark": New(t).Dark().Size(400, 300)} {
		path := b.Open(url).Screenshot(name)
		if path != filepath.Join(folder, filepath.FromSlash(name)+".png") {
			t.Errorf("it is at %s", path)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		width := map[string]int{"day/light": 1280, "day/dark": 400}[name]
		if is := picture.Bounds(); is.Dx() != width || is.Dy() < 2000 {
			t.Errorf("%s is %v", name, is)
		}
		if grey := color.GrayModel.Convert(picture.At(width-1, 1000)).(color.Gray).Y; (grey < 128) != (name == "day/dark") {
			t.Errorf("%s has a ground of %d", name, grey)
		}
	}
}

func TestAFailureLeavesAPicture(t *testing.T) {
	t.Setenv(FolderVariable, t.TempDir())
	folder, _ := Folder()
	h := &heard{TB: t}
	b := New(t)
	b.t = h
	b.Open(site(t, map[string]string{"/": "x"})).must(fmt.Errorf("no"))
	if _, err := os.Stat(filepath.Join(folder, "failed", t.Name()+".png")); err != nil || len(h.said) != 1 || !strings.Contains(h.said[0], t.Name()+".png") {
		t.Errorf("%v; said: %q", err, h.said)
	}
}

func TestLanguage(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		whole(w, "<p>wants "+r.Header.Get("Accept-Language")+"</p>")
	})
	New(t).Language("de").Open(url).Sees("wants de")
	New(t).Open(url).Sees("wants en")
}

// Weight counts what came, compressed, of the page and of what it needs, and not its pictures, nor an earlier page.
func TestWeight(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/from":
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case "/heavy.css":
			w.Header().Set("Content-Type", "text/css")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, "p{color:#000}/*"+strings.Repeat("x", 100_000)+"*/")
			z.Close()
		case "/picture.png":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(make([]byte, 50_000))
		case "/light":
			whole(w, "x")
		default:
			whole(w, strings.Repeat("word ", 1000)+`<link rel="stylesheet" href="/heavy.css"><img alt="" src="/picture.png">`)
		}
	})
	p := New(t).Open(url + "/from")
	if w := p.Weight(); w < 5000 || w > 7000 {
		t.Errorf("it weighs %d", w)
	}
	p.Go(url + "/light")
	if w := p.Weight(); w == 0 || w > 1000 {
		t.Errorf("the light one weighs %d", w)
	}
}

// A page may go on by itself; that disturbs nobody who looks.
func TestAPageThatRefreshes(t *testing.T) {
	turn := 0
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		turn++
		whole(w, fmt.Sprintf(`<meta http-equiv="refresh" content="1"><p>turn %d.</p>`, turn))
	})
	began := time.Now()
	p := New(t).Open(url)
	p.Sees("turn 3.")
	if took := time.Since(began); took > looking {
		t.Errorf("it took %v", took)
	}
}
