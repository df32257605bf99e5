package org

import "time"

// Branding is how an organisation shows itself in the mail that its users get, and on pages. It is an item of its own, since no login
// needs it. The zero value, but for the organisation, is what stands before anybody has said anything.
type Branding struct {
	Organization string
	Rev          int64  // raised by every write of the item; the version that clients see
	Name         string // shown in mail, SMS and pages; empty: the organisation's own
	Language     string // of users whose own is not known, and of administrators; empty: English
	Logo         *Logo  // nil: none
	Color        string // of pages, see Color; empty: ours
	// Texts are the organisation's own words, by "<language>/<name of the text>", see Text.
	Texts     map[string]string
	ChangedAt time.Time // zero: nobody has said anything
	ChangedBy string
}

// Logo is a picture that was decoded and found to be what it says.
type Logo struct {
	Type          string // "image/png" or "image/jpeg"
	Data          []byte
	Width, Height int // in pixels
}

// Text is the organisation's own in a language; empty: it has none.
func (b Branding) Text(language, name string) string { return b.Texts[TextKey(language, name)] }

// TextKey is where a text stands in Texts: no language holds a slash.
func TextKey(language, name string) string { return language + "/" + name }

// ShownAs is the name that mail shows for the organisation.
func (b Branding) ShownAs(own string) string {
	if b.Name != "" {
		return b.Name
	}
	return own
}

// Color reports whether s is a color as one is kept: "#rrggbb", in lower case.
func Color(s string) bool {
	if len(s) != 7 || s[0] != '#' {
		return false
	}
	for _, digit := range []byte(s[1:]) {
		if (digit < '0' || digit > '9') && (digit < 'a' || digit > 'f') {
			return false
		}
	}
	return true
}
