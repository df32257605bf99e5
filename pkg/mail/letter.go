package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	text "text/template"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

//go:embed templates
var files embed.FS

var (
	asText = text.Must(text.ParseFS(files, "templates/*.txt"))
	asHTML = template.Must(template.ParseFS(files, "templates/*.html"))
)

// content is what the templates show. What is empty is not shown.
type content struct {
	Heading string
	Lead    string
	Code    string // as it is to be typed
	Life    string // of the code
	Codes   []string
	Facts   []fact
	NotYou  string
}

// fact is a line of its own: Label and Value apart for the page, together in Line for plain text.
type fact struct{ Label, Value, Line string }

// letter is a mail before it is known who sends it.
type letter struct {
	voice            voice
	to, subject, tag string
	unsubscribe      string // Message.Unsubscribe
	of               Of
	content          content
	standin          bool // it comes from the system's sender, although the organisation's own was verified once
}

// page is what a template is given: a letter and what belongs to every one.
type page struct {
	content
	Language, Direction string
	Organization        string
	Logo                *org.Logo
	LogoWidth           int
	LogoHeight          int
	Signoff             string
	Standin             string
}

// Name is the organisation's for plain text, where no element isolates it.
func (p page) Name() string { return words.Isolated(p.Organization) }

// Padding is as much as hides a code from the preview of a mail, behind the lead: programs show what comes next, where there is room.
func (page) Padding() []struct{} { return make([]struct{}, 120) }

// How large a logo is shown, at most, in pixels of CSS.
const (
	shownWidth  = 200
	shownHeight = 56
)

// fit scales a logo down into its place, and never up.
func fit(l *org.Logo) (width, height int) {
	if l == nil || l.Width < 1 || l.Height < 1 {
		return 0, 0
	}
	width, height = l.Width, l.Height
	if width > shownWidth {
		width, height = shownWidth, height*shownWidth/width
	}
	if height > shownHeight {
		width, height = width*shownHeight/height, shownHeight
	}
	return max(width, 1), max(height, 1)
}

// message fills the templates in. They are embedded and their fields are fixed, so a failure is a
// defect: it panics, as template.Must does, and the record is kept for inspection.
func (l letter) message() Message {
	p := page{
		content: l.content, Language: string(l.voice.Language()), Direction: l.voice.Say("direction"),
		Organization: l.voice.name, Logo: l.voice.branding.Logo, Signoff: l.voice.signoff(),
	}
	p.LogoWidth, p.LogoHeight = fit(p.Logo)
	if l.standin {
		p.Standin = l.voice.Say("standin")
	}
	var plain, rich bytes.Buffer
	if err := errors.Join(asText.ExecuteTemplate(&plain, "mail.txt", p), asHTML.ExecuteTemplate(&rich, "mail.html", p)); err != nil {
		panic(fmt.Sprintf("mail: %s cannot be written", l.tag))
	}
	m := Message{To: l.to, Subject: words.Line(l.subject), Text: plain.String(), HTML: rich.String(), Tag: l.tag, Of: l.of, Unsubscribe: l.unsubscribe}
	if logo := l.voice.branding.Logo; logo != nil {
		m.Logo = &Image{Type: logo.Type, Data: logo.Data}
	}
	return m
}

// from is the message as it comes from the organisation's own sender.
func (l letter) from(s org.Sender) Message {
	m := l.message()
	m.From = From{Address: s.Address(), Name: s.Name}
	if m.From.Name == "" {
		m.From.Name = l.voice.name
	}
	return m
}

// standingIn is the message as it comes from the system's sender in place of the organisation's.
func (l letter) standingIn() Message {
	l.standin = true
	return l.message()
}

// slug makes the part of a tag that providers take: letters, digits, - and _.
func slug(s string) string { return strings.NewReplacer("/", "-", "_", "-", ".", "-").Replace(s) }
