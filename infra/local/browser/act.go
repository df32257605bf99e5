package browser

import (
	"fmt"
	"strings"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// Fill puts a value into the field that has the label, in place of what stands there; of a list it chooses the entry with that text. A label may go on
// behind the words given, as with a hint.
func (p *Page) Fill(label, value string) {
	p.t.Helper()
	p.must(p.fill(label, value))
}

func (p *Page) fill(label, value string) error {
	return p.act("field", label, func(tab *rod.Page, field *rod.Element) error {
		if err := (proto.DOMFocus{ObjectID: field.Object.ObjectID}).Call(tab); err != nil {
			return fmt.Errorf("the field “%s” takes no focus: %w", label, err)
		}
		set, err := field.Evaluate(rod.Eval(takeField, value).This(field.Object))
		if err != nil {
			return err
		}
		if set.Value.Str() == "type" {
			if err := left(tab.InsertText(value)); err != nil {
				return err
			}
		}
		has, err := field.Evaluate(rod.Eval(fieldHolds).This(field.Object))
		if gone(err) {
			return nil // a page may go on by itself once it has what it wants
		}
		if err == nil && has.Value.Str() != value {
			return fmt.Errorf("the field “%s” does not take “%s”: it holds “%s”", label, value, has.Value.Str())
		}
		return err
	})
}

// takeField makes a field ready for typing, or sets what is not typed: dates have a form of their own in each country.
const takeField = `function (value) {
  const tell = () => ["input", "change"].forEach(name => this.dispatchEvent(new Event(name, { bubbles: true })));
  if (this.matches("select")) {
    const option = [...this.options].find(o => o.label.trim() === value);
    if (option) { option.selected = true; tell(); }
    return "";
  }
  if (this.matches("[type=date], [type=time], [type=datetime-local], [type=month], [type=color], [type=range]")) { this.value = value; tell(); return ""; }
  this.select();
  if (value === "") { this.value = ""; tell(); return ""; }
  return "type";
}`

const fieldHolds = `function () { return this.matches("select") ? this.selectedOptions[0]?.label.trim() ?? "" : this.value }`

// Click clicks the button or link with the text on it, or the box or choice with that label, and returns when the page that follows is at rest.
func (p *Page) Click(text string) {
	p.t.Helper()
	p.must(p.click(text))
}

func (p *Page) click(text string) error {
	return p.act("click", text, func(tab *rod.Page, e *rod.Element) error {
		if err := (proto.DOMScrollIntoViewIfNeeded{ObjectID: e.Object.ObjectID}).Call(tab); err != nil {
			return err
		}
		shape, err := e.Shape()
		if err != nil {
			return fmt.Errorf("“%s” has no place on the page: %w", text, err)
		}
		at := shape.OnePointInside()
		if at == nil {
			return fmt.Errorf("“%s” has no place on the page", text)
		}
		over, err := e.Evaluate(rod.Eval(whatIsAt, at.X, at.Y).This(e.Object))
		if err != nil {
			return err
		}
		if other := over.Value.Str(); other != "" {
			return fmt.Errorf("“%s” is covered by %s", text, other)
		}
		return press(tab, at.X, at.Y)
	})
}

const whatIsAt = `function (x, y) {
  const hit = document.elementFromPoint(x, y);
  return this === hit || this.contains(hit) || hit?.closest("label") === this ? "" : hit ? hit.outerHTML.slice(0, 200) : "nothing that takes a click";
}`

func press(tab *rod.Page, x, y float64) error {
	for _, kind := range []proto.InputDispatchMouseEventType{
		proto.InputDispatchMouseEventTypeMouseMoved, proto.InputDispatchMouseEventTypeMousePressed, proto.InputDispatchMouseEventTypeMouseReleased,
	} {
		event := proto.InputDispatchMouseEvent{Type: kind, X: x, Y: y}
		if kind != proto.InputDispatchMouseEventTypeMouseMoved {
			event.Button, event.ClickCount = proto.InputMouseButtonLeft, 1
		}
		if err := left(event.Call(tab)); err != nil {
			return err
		}
	}
	return nil
}

// left: that the page has gone is what an action may have been for. To do it again would be to do it twice.
func left(err error) error {
	if gone(err) {
		return nil
	}
	return err
}

// act does something to what a person means.
func (p *Page) act(kind, wanted string, work func(tab *rod.Page, e *rod.Element) error) error {
	err := p.look(func(tab *rod.Page) error {
		e, err := p.find(tab, kind, wanted)
		if err != nil {
			return err
		}
		return work(tab, e)
	})
	if err != nil {
		return err
	}
	return p.settled()
}

// keys are those that have no letter, by their names.
var keys = map[string]input.Key{
	"Tab": input.Tab, "Enter": input.Enter, "Space": input.Space, "Escape": input.Escape, "Backspace": input.Backspace, "Delete": input.Delete,
	"Up": input.ArrowUp, "Down": input.ArrowDown, "Left": input.ArrowLeft, "Right": input.ArrowRight, "Home": input.Home, "End": input.End,
}

// Press presses keys one after the other, each by its name, with "Shift+" before it where that is held: Press("Tab", "Shift+Tab", "Enter").
func (p *Page) Press(names ...string) {
	p.t.Helper()
	for _, name := range names {
		p.must(p.press(name))
	}
}

func (p *Page) press(name string) error {
	bare, shift := strings.CutPrefix(name, "Shift+")
	key, known := keys[bare]
	if !known {
		return fmt.Errorf("no key is called %q", name)
	}
	modifiers := 0
	if shift {
		modifiers = input.ModifierShift
	}
	return p.do(func(tab *rod.Page) error {
		for _, kind := range []proto.InputDispatchKeyEventType{proto.InputDispatchKeyEventTypeKeyDown, proto.InputDispatchKeyEventTypeKeyUp} {
			if err := left(key.Encode(kind, modifiers).Call(tab)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Type types a text where the focus is, a key for each character.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.must(p.do(func(tab *rod.Page) error {
		for _, c := range text {
			for _, event := range []proto.InputDispatchKeyEvent{
				{Type: proto.InputDispatchKeyEventTypeKeyDown, Text: string(c), Key: string(c)}, {Type: proto.InputDispatchKeyEventTypeKeyUp, Key: string(c)},
			} {
				if err := left(event.Call(tab)); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// Paste pastes a text where the focus is: the page's scripts may take it first, as they may with a person's.
func (p *Page) Paste(text string) {
	p.t.Helper()
	p.must(p.do(func(tab *rod.Page) error {
		taken, err := tab.Evaluate(rod.Eval(offerPaste, text))
		if err != nil || taken.Value.Bool() {
			return err
		}
		return tab.InsertText(text)
	}))
}

const offerPaste = `text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  return !(document.activeElement ?? document.body).dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}`

// Focused is what has the focus, by what a person calls it; empty where nothing has.
func (p *Page) Focused() string {
	p.t.Helper()
	var name string
	p.must(p.look(func(tab *rod.Page) error {
		at, err := tab.Evaluate(rod.Eval(focusName))
		if err == nil {
			name = at.Value.Str()
		}
		return err
	}))
	return name
}

const focusName = `() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const name = [...(e.labels ?? [])].map(l => l.innerText).join(" ") || e.innerText || e.value || e.getAttribute("aria-label") || e.tagName;
  return name.replace(/\s+/g, " ").trim();
}`
