package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
)

const form = `<form method="post" action="/next">
<label for="code">Six digits <span>from the app</span></label><input id="code" name="code" maxlength="6">
<label>Language <select name="language"><option value="en">English</option><option value="de">Deutsch</option></select></label>
<label><input type="checkbox" name="remember" value="yes"> Remember this browser</label>
<p id="by">Until</p><input type="date" name="until" aria-labelledby="by">
<label hidden for="unseen">Unseen</label><input id="unseen">
<label for="tiny" style="position:absolute;width:1px;height:1px;overflow:hidden">Tiny</label><input id="tiny">
<label for="off">Off</label><input id="off" disabled>
<button>Go on</button><button disabled>Not yet</button></form><a href="/elsewhere">Elsewhere</a>`

// posts answers a form slowly and by a redirect, as our pages do, and shows what came.
func posts(t *testing.T) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			time.Sleep(150 * time.Millisecond) // an answer that takes its time
			_ = r.ParseForm()
			http.Redirect(w, r, "/came?"+r.PostForm.Encode(), http.StatusSeeOther)
		case r.URL.Path == "/came":
			whole(w, fmt.Sprintf("<p>code=%s language=%s remember=%s until=%s</p>", r.FormValue("code"), r.FormValue("language"), r.FormValue("remember"), r.FormValue("until")))
		case r.URL.Path == "/elsewhere":
			time.Sleep(150 * time.Millisecond)
			whole(w, "<p>Here</p>")
		default:
			whole(w, form)
		}
	})
}

func TestAFormIsFilledAndPosted(t *testing.T) {
	url := posts(t)
	for _, b := range []*Browser{New(t), New(t).WithoutJavaScript()} {
		p := b.Open(url)
		p.Fill("Six digits", "000000")
		p.Fill("Six digits", "123456")
		p.Fill("Language", "Deutsch")
		p.Fill("Until", "2026-12-24")
		p.Click("Remember this browser")
		p.Sees("Deutsch")
		p.Lacks("Unseen")
		p.Click("Go on")
		if at := p.URL(); !strings.Contains(at, "/came") {
			t.Errorf("after the click the page is still %s", at)
		}
		p.Sees("code=123456 language=de remember=yes until=2026-12-24")
		p.Go(url)
		p.Click("Elsewhere")
		if at := p.URL(); !strings.HasSuffix(at, "/elsewhere") {
			t.Errorf("after the click the page is still %s", at)
		}
	}
}

func TestWhatCannotBeUsedIsSaid(t *testing.T) {
	p := New(t).Open(posts(t))
	p.b.looking = 200 * time.Millisecond // it never comes
	for what, err := range map[string]error{
		"no label of that name": p.fill("Seven digits", "1"), "its label is not seen": p.fill("Unseen", "1"), "it is disabled": p.fill("Off", "1"),
		"its label is a pixel": p.fill("Tiny", "1"), "the button is disabled": p.click("Not yet"),
		"a part of a word": p.fill("Six dig", "1"),
	} {
		if err == nil {
			t.Errorf("%s: done all the same", what)
		}
	}
	refused(t, p.fill("Six digits", "1234567"), "does not take", "123456")
	refused(t, p.fill("Language", "Klingon"), "holds “English”")
	refused(t, p.click("Go away"), "“Go on”", "“Elsewhere”")
	refused(t, p.press("Meta"), "Meta")
}

func TestTwoOfOneNameNeedAPlace(t *testing.T) {
	p := New(t).Open(site(t, map[string]string{"/": `<section hidden>Ben <a href="/ana">Reset</a></section><section><table><tbody>
<tr><td>Ana</td><td><a href="/ana">Reset</a></td></tr><tr><td>Ben</td><td><a href="/ben">Reset</a></td></tr></tbody></table></section>`, "/ben": "<p>Ben it is</p>"}))
	refused(t, p.click("Reset"), "2 things")
	p.In("Ben").Click("Reset")
	p.Sees("Ben it is")
}

func TestWhatIsBelowTheWindowIsClicked(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		whole(w, `<p>at `+r.URL.Path+`</p><div style="height:3000px"></div><a href="/low">Low</a>`)
	})
	p := New(t).Open(url)
	p.Click("Low")
	p.Sees("at /low")
}

func TestWithoutJavaScript(t *testing.T) {
	url := site(t, map[string]string{"/": `<noscript>plain</noscript><output></output><script src="/says.js"></script>`,
		"/says.js": `document.querySelector("output").textContent = "scripted"`})
	New(t).Open(url).Sees("scripted")
	p := New(t).WithoutJavaScript().Open(url)
	p.Sees("plain")
	p.Lacks("scripted")
}

// A page may go on by itself between two looks; then somebody looks again.
func TestWhatWentWithItsPageIsLookedForAgain(t *testing.T) {
	url := posts(t)
	p := New(t).Open(url)
	turns := 0
	err := p.look(func(tab *rod.Page) error {
		e, err := p.find(tab, "field", "Six digits")
		if turns++; err != nil || turns > 1 {
			return err
		}
		if err := p.do(func(tab *rod.Page) error { return tab.Navigate(url + "/?again") }); err != nil {
			return err
		}
		_, err = e.Evaluate(rod.Eval(fieldHolds).This(e.Object))
		return err
	})
	if err != nil || turns != 2 {
		t.Errorf("%d turns, %v", turns, err)
	}
}

func TestWhatIsCoveredIsNotClicked(t *testing.T) {
	url := site(t, map[string]string{"/": `<link rel="stylesheet" href="/over.css"><button>Under</button><div id="over">x</div>`,
		"/over.css": "#over{position:fixed;inset:0;background:#fff}"})
	refused(t, New(t).Open(url).click("Under"), "is covered by", "over")
}

func TestAKeyboardIsEnough(t *testing.T) {
	url := posts(t)
	for _, b := range []*Browser{New(t), New(t).WithoutJavaScript()} {
		p := b.Open(url)
		p.Press("Tab")
		if at := p.Focused(); !strings.HasPrefix(at, "Six digits") {
			t.Errorf("the focus is on %q", at)
		}
		p.Type("654321")
		p.Press("Tab", "Down", "Tab", "Space", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Enter")
		p.Sees("code=654321 language=de remember=yes")
	}
}

func TestPaste(t *testing.T) {
	url := site(t, map[string]string{
		"/":         `<label for="code">Code</label><input id="code" maxlength="6" autofocus>`,
		"/taken":    `<label for="code">Code</label><input id="code" maxlength="6" autofocus><script src="/paste.js"></script>`,
		"/paste.js": `document.querySelector("input").addEventListener("paste", e => { e.preventDefault(); e.target.value = e.clipboardData.getData("text").replace(" ", "") })`,
	})
	for path, want := range map[string]string{"/": "123 45", "/taken": "123456"} {
		p := New(t).Open(url + path)
		p.Paste("123 456")
		p.Sees(want)
	}
}

// A page whose script fetches before it shows something is at rest only then.
func TestAScriptIsWaitedFor(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			whole(w, `<button>Ask</button><output></output><script src="/ask.js"></script>`)
		case "/ask.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `const ask = async () => { document.querySelector("output").textContent = await (await fetch("/answer")).text() }
document.querySelector("button").onclick = () => setTimeout(ask)`)
		default:
			time.Sleep(150 * time.Millisecond)
			fmt.Fprint(w, "forty-two")
		}
	})
	p := New(t).Open(url)
	p.Click("Ask")
	p.record.mu.Lock()
	resting := p.record.resting()
	p.record.mu.Unlock()
	if !resting {
		t.Error("the click is done before its answer is there")
	}
	if text := p.Text(); !strings.Contains(text, "forty-two") {
		t.Errorf("it shows %q", text)
	}
}
