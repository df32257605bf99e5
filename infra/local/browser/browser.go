// Package browser is a person at a browser, for tests: Debian's Chromium, and a vocabulary of what a person does and sees. Fields are found by
// their visible labels, buttons and links by their texts, so a page that cannot be used without its source fails here. What a page at rest may never
// have is checked whether or not a test asks: an error in the console, a violation of the content security policy.
//
// Every wait is bounded, and none is for a length of time: after each action the page comes to rest (nothing loads, its scripts have run), and what is
// looked for is waited for. A failing test leaves a picture of the page beside those that tests take: see Folder.
//
// It is for tests and may not be imported by anything that is deployed.
package browser

import (
	"context"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// patience bounds each action and each look. It is generous: two cores may be building and testing other packages at the same time.
const patience = 30 * time.Second

// looking is how long something may take to appear on a page at rest: scripts count down and animate.
const looking = 10 * time.Second

// Browser is a person's own browser: cookies and cache are nobody else's. Settings hold for the pages that are opened after them.
type Browser struct {
	t        testing.TB
	own      *rod.Browser
	width    int
	height   int
	dark     bool
	language string
	scripts  bool
	looking  time.Duration
}

// New gives the test a browser of its own: a window of 1280×800, light, English, with JavaScript. All browsers of a test binary are one process.
// A machine without Chromium fails the test.
func New(t testing.TB) *Browser {
	t.Helper()
	process, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	own, err := process.Context(ctx).Incognito()
	if err != nil {
		cancel()
		t.Fatalf("browser: Chromium gives no window: %v", err)
	}
	t.Cleanup(func() {
		defer cancel()
		bounded, done := context.WithTimeout(ctx, patience)
		defer done()
		if err := own.Context(bounded).Close(); err != nil {
			t.Errorf("browser: a window does not close: %v", err)
		}
	})
	return &Browser{t: t, own: own, width: 1280, height: 800, language: "en", scripts: true, looking: looking}
}

// Dark prefers dark pages.
func (b *Browser) Dark() *Browser { b.dark = true; return b }

// Language is the one that the person reads, as a BCP 47 tag.
func (b *Browser) Language(tag string) *Browser { b.language = tag; return b }

// WithoutJavaScript runs no script of any page.
func (b *Browser) WithoutJavaScript() *Browser { b.scripts = false; return b }

// Size is the window's, in CSS pixels.
func (b *Browser) Size(width, height int) *Browser { b.width, b.height = width, height; return b }

// Open opens a page in a tab of its own and returns when it is at rest. The status may be any; no answer at all fails the test.
func (b *Browser) Open(url string) *Page {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.own.GetContext(), patience)
	defer cancel()
	made, err := proto.TargetCreateTarget{URL: "about:blank", BrowserContextID: b.own.BrowserContextID}.Call(b.own.Context(ctx))
	if err != nil {
		b.t.Fatalf("browser: no tab for %s: %v", url, err)
	}
	tab, err := b.own.PageFromTarget(made.TargetID)
	if err != nil {
		b.t.Fatalf("browser: no tab for %s: %v", url, err)
	}
	p := &Page{t: b.t, b: b, tab: tab, record: newRecord(tab.FrameID)}
	p.watch()
	b.t.Cleanup(p.close)
	p.must(p.do(func(tab *rod.Page) error {
		if err := b.emulate(tab); err != nil {
			return err
		}
		return tab.Navigate(url)
	}))
	return p
}

// emulate makes the tab one of this person's.
func (b *Browser) emulate(tab *rod.Page) error {
	is, err := proto.BrowserGetVersion{}.Call(tab)
	if err != nil {
		return err
	}
	scheme := "light"
	if b.dark {
		scheme = "dark"
	}
	for _, set := range []interface{ Call(proto.Client) error }{
		proto.EmulationSetDeviceMetricsOverride{Width: b.width, Height: b.height, DeviceScaleFactor: 1},
		proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: scheme}}},
		proto.EmulationSetUserAgentOverride{UserAgent: is.UserAgent, AcceptLanguage: b.language},
		proto.EmulationSetScriptExecutionDisabled{Value: !b.scripts},
		proto.EmulationSetFocusEmulationEnabled{Enabled: true}, // a tab behind another one has no focus to walk with
	} {
		if err := set.Call(tab); err != nil {
			return err
		}
	}
	return nil
}
