package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"
	"github.com/go-rod/rod/lib/proto"
)

// Page is a tab and what a person does and sees in it. A method that cannot do what it says fails the test, with what there is instead.
type Page struct {
	t      testing.TB
	b      *Browser
	tab    *rod.Page
	record *record
	within []string
}

// In is the same page for somebody who looks only at the row, list item, form, dialog, article or section that has the text: the innermost one.
func (p *Page) In(text string) *Page {
	part := *p
	part.within = append(part.within[:len(part.within):len(part.within)], text)
	return &part
}

// URL is the address that the page has.
func (p *Page) URL() string {
	p.t.Helper()
	var url string
	p.must(p.look(func(tab *rod.Page) error {
		is, err := tab.Info()
		if err == nil {
			url = is.URL
		}
		return err
	}))
	return url
}

// Go goes to another page in the same tab.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.must(p.do(func(tab *rod.Page) error { return tab.Navigate(url) }))
}

// must fails the test and leaves a picture.
func (p *Page) must(err error) {
	p.t.Helper()
	if err == nil {
		return
	}
	picture := "no picture"
	if name, failed := p.picture("failed/" + strings.ReplaceAll(p.t.Name(), "/", "-")); failed == nil {
		picture = name
	}
	p.t.Fatalf("%v\n%s", err, picture)
}

// bounded runs work with all its waits bounded.
func (p *Page) bounded(wait time.Duration, work func(ctx context.Context, tab *rod.Page) error) error {
	ctx, cancel := context.WithTimeout(p.b.own.GetContext(), wait)
	defer cancel()
	return work(ctx, p.tab.Context(ctx))
}

// do does something and returns when the page is at rest again.
func (p *Page) do(work func(tab *rod.Page) error) error {
	return p.bounded(patience, func(ctx context.Context, tab *rod.Page) error {
		if err := work(tab); err != nil {
			return err
		}
		return p.settle(ctx, tab)
	})
}

// look looks at the page once it is at rest, and again where it went away meanwhile: some pages go on by themselves.
func (p *Page) look(work func(tab *rod.Page) error) error {
	return p.bounded(patience, func(ctx context.Context, tab *rod.Page) error {
		for {
			if err := p.settle(ctx, tab); err != nil {
				return err
			}
			if err := work(tab); !gone(err) || ctx.Err() != nil {
				return err
			}
		}
	})
}

// gone is what Chromium says of a page that has gone while it was asked.
func gone(err error) bool {
	if err == nil {
		return false
	}
	for _, said := range []string{"Inspected target navigated", "Execution context was destroyed", "Cannot find context", "Could not find object", "cannot find object", "Node is detached"} {
		if strings.Contains(err.Error(), said) {
			return true
		}
	}
	return errors.Is(err, cdp.ErrCtxNotFound) || errors.Is(err, cdp.ErrCtxDestroyed)
}

func (p *Page) settled() error { return p.look(func(*rod.Page) error { return nil }) }

// watch takes down what Chromium tells until the browser is closed.
func (p *Page) watch() {
	r := p.record
	wait := p.tab.EachEvent(r.requested, r.started, r.stopped, r.sent, r.received, r.finished, r.failed, r.called, r.thrown, r.logged, p.asks)
	go wait()
}

// settle returns when nothing loads and nothing is about to. An action's consequences are told before a mark that is written after it.
func (p *Page) settle(ctx context.Context, tab *rod.Page) error {
	for {
		if err := p.record.rest(ctx); err != nil {
			return err
		}
		quiet, err := p.mark(ctx, tab)
		if err != nil {
			return err
		}
		if quiet {
			return nil
		}
	}
}

// mark writes a mark into the console, behind what the page's scripts have to do now, and reads on until there. It reports whether the page was at rest then.
func (p *Page) mark(ctx context.Context, tab *rod.Page) (bool, error) {
	r := p.record
	r.mu.Lock()
	before, documents := r.mark, r.documents
	r.mu.Unlock()
	write := fmt.Sprintf("console.debug(%q)", fmt.Sprint(markPrefix, before+1))
	if p.b.scripts {
		write = "setTimeout(() => " + write + ")"
	}
	if _, err := (proto.RuntimeEvaluate{Expression: write}).Call(tab); err != nil && ctx.Err() != nil {
		return false, fmt.Errorf("the page does not answer: %w", err)
	} else if err != nil {
		return false, r.until(ctx, func() bool { return r.documents > documents }) // a page that goes hears no more
	}
	quiet := false
	err := r.until(ctx, func() bool {
		quiet = r.mark > before && r.resting()
		return r.mark > before || r.documents > documents || r.asked
	})
	if err != nil {
		return false, fmt.Errorf("the page does not come to rest: its scripts do not end")
	}
	return quiet, nil
}

// close is the end of the test for this tab: the console may hold no error.
func (p *Page) close() {
	p.t.Helper()
	if err := p.settled(); err != nil && !p.t.Failed() {
		p.t.Errorf("at the end: %v", err)
	}
	for _, fault := range p.record.takeFaults() {
		p.t.Errorf("in the console: %s", fault)
	}
}
