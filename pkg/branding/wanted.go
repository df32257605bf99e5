package branding

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/words"
)

// What an organisation may say.
const (
	MaxName  = 64  // characters
	MaxTexts = 150 // all there are, in all languages; what they may take is far below what an item may
)

// Wanted is all that an administrator says of how mail is to look and read, and pages to look. What is empty is the default.
type Wanted struct {
	Name     string
	Language string
	Color    string // of pages, see org.Color
	Logo     []byte // the file
	Texts    []Text
}

// Text is the organisation's own in the place of one of ours: the lead of one kind of mail, or the sign-off.
type Text struct{ Language, Name, Words string }

// The refusals. None repeats what it refuses.
var (
	ErrName = fault.New(fault.Unprocessable, "invalid_name",
		"A name is one line of at most 64 characters, without < > \" @ and =?, and no address of the web.").At("name")
	ErrLanguage = fault.New(fault.Unprocessable, "invalid_language", "There are no texts in this language.")
	ErrColor    = fault.New(fault.Unprocessable, "invalid_color", "A color is # and six hexadecimal digits in lower case.").At("color")
	ErrTwice    = fault.New(fault.Unprocessable, "invalid_text", "This text is named twice in this language.")
)

// checked is what is wanted as it is to be stored, but for whose it is and when.
func (w Wanted) checked() (org.Branding, error) {
	b := org.Branding{Name: w.Name, Language: w.Language, Color: w.Color}
	if w.Name != "" && !goodName(w.Name) {
		return b, ErrName
	}
	if w.Language != "" && !there(w.Language) {
		return b, ErrLanguage.At("language")
	}
	if w.Color != "" && !org.Color(w.Color) {
		return b, ErrColor
	}
	if len(w.Logo) > 0 {
		logo, err := readLogo(w.Logo)
		if err != nil {
			return b, err
		}
		b.Logo = &logo
	}
	for i, t := range w.Texts {
		if err := t.into(&b); err != nil {
			return b, fault.As(err).At(fmt.Sprintf("texts[%d]", i) + fault.As(err).Field)
		}
	}
	return b, nil
}

// into adds a text. Its fault names the field from the text on, as the API calls it.
func (t Text) into(b *org.Branding) error {
	key := org.TextKey(t.Language, t.Name)
	switch {
	case !there(t.Language):
		return ErrLanguage.At(".language")
	case !slices.Contains(words.Replaceable(), t.Name):
		return words.ErrText.At(".text")
	case b.Texts[key] != "":
		return ErrTwice.At(".text")
	}
	if err := words.CheckOwn(t.Name, t.Words); err != nil {
		return fault.As(err).At(".words")
	}
	if b.Texts == nil {
		b.Texts = map[string]string{}
	}
	b.Texts[key] = t.Words
	return nil
}

func there(language string) bool { return slices.Contains(words.Languages(), words.Language(language)) }

// goodName accepts one line that cannot pass for an address, nor be made a link.
func goodName(name string) bool {
	return utf8.RuneCountInString(name) <= MaxName && words.Name(name)
}
