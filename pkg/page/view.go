package page

import (
	"cmp"
	"strings"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

// View is one page. All its texts are in the page's language already, and none is HTML: whatever they hold is shown as it is.
type View struct {
	Body     string // the template of the main part
	Data     any    // what that is given
	Title    string // the heading, and with the organisation's name the title
	Language words.Language
	Brand    Brand
	Wide     bool // for tables; a form is read better in a narrow column
	Nav      []Link
	Banner   *Banner
	Alerts   []Alert
	// Returns are the addresses outside to which a form of this page may lead (org.ReturnAddress): browsers hold redirects after a form to
	// them too.
	Returns []string
	// Secret says that the page shows a secret. It is not compressed: what is sent shall not tell by its length whether something that
	// a request put on the page is like the secret (BREACH).
	Secret bool
}

// Brand is how whoever a page belongs to is shown.
type Brand struct {
	Name  string
	Color string    // see org.Color; whatever else it is counts as none
	Logo  *org.Logo // nil: the name is shown
}

// Link leads to another page of the site.
type Link struct {
	Text, Path string
	Current    bool // it is this page
}

// Banner stands above everything and cannot be scrolled away, such as that somebody acts in another's place.
type Banner struct {
	Text   string
	Button string // what ends it; empty: nothing does
	Path   string // to which the button posts
}

// Tone is what an alert says about what was done.
type Tone string

// The tones.
const (
	Failed    Tone = "error"
	Succeeded Tone = "success"
	Noted     Tone = "info"
)

// Alert stands below the heading, and screen readers are told of it.
type Alert struct {
	Tone Tone
	Text string
}

// Option is one of several to choose from.
type Option struct{ Value, Label, Hint string }

// Field is what a person fills in: the templates "field", "choices" and "check" show one. Name and Label are needed.
type Field struct {
	Name, Label, Hint, Error, Value string

	ID           string // empty: made of the name
	Type         string // of input; empty: text
	Autocomplete string // HTML, "Autofill detail tokens"
	InputMode    string
	MaxLength    int
	Digits       int // a code of so many digits: other characters are dropped as they are typed, and a complete one is sent
	Rows         int // of a textarea
	Options      []Option
	Optional     bool
	Autofocus    bool
	Checked      bool
	Readonly     bool
}

// Key is the field's id on the page.
func (f Field) Key() string { return cmp.Or(f.ID, "field-"+f.Name) }

// Described are the ids of what is said of the field.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" || f.Digits > 0 {
		ids = append(ids, f.Key()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Key()+"-error")
	}
	return strings.Join(ids, " ")
}
