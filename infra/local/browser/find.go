package browser

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/go-rod/rod"
)

//go:embed find.js
var find string

// find waits for what a person means.
func (p *Page) find(tab *rod.Page, kind, wanted string) (*rod.Element, error) {
	e, err := tab.Timeout(p.b.looking).ElementByJS(rod.Eval(find, kind, wanted, p.within))
	if err == nil {
		return e.Context(tab.GetContext()), nil
	}
	if gone(err) {
		return nil, err
	}
	there, failed := tab.Eval(find, kind, nil, p.within)
	if failed != nil {
		return nil, fmt.Errorf("%s “%s”: %w", kind, wanted, err)
	}
	var names []string
	for _, name := range there.Value.Arr() {
		names = append(names, "“"+name.Str()+"”")
	}
	return nil, fmt.Errorf("there is no %s “%s” that can be used (%w); there are: %s", kind, wanted, err, strings.Join(names, ", "))
}

// Sees waits until the page shows the text, in one piece however it is marked up; what stands in fields is shown too.
func (p *Page) Sees(text string) {
	p.t.Helper()
	p.must(p.shows(text, true))
}

// Lacks waits until the page does not show the text. Say first what the page Sees: a page that has not come yet lacks everything.
func (p *Page) Lacks(text string) {
	p.t.Helper()
	p.must(p.shows(text, false))
}

// Text is all that the page shows, spaces made one.
func (p *Page) Text() string {
	p.t.Helper()
	var all string
	p.must(p.look(func(tab *rod.Page) (err error) {
		all, err = p.shown(tab)
		return err
	}))
	return all
}

func (p *Page) shown(tab *rod.Page) (string, error) {
	all, err := tab.Evaluate(rod.Eval(find, "shown", nil, p.within))
	if err != nil {
		return "", err
	}
	return all.Value.Str(), nil
}

func (p *Page) shows(text string, want bool) error {
	kind, verb := "text", "does not show"
	if !want {
		kind, verb = "lacks", "shows"
	}
	return p.look(func(tab *rod.Page) error {
		err := tab.Timeout(p.b.looking).Wait(rod.Eval(find, kind, text, p.within))
		if err == nil || gone(err) {
			return err
		}
		all, failed := p.shown(tab)
		if failed != nil {
			return failed
		}
		return fmt.Errorf("the page %s “%s”; it shows: %s", verb, text, all)
	})
}
