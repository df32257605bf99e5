package console

import (
	"net/http"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

// typed is what was typed into a form that is shown again, or what stands.
func (v *visit) typed(name, stands string) string {
	if _, there := v.posted(name); there {
		return v.form(name)
	}
	return stands
}

// posted is a field of what was posted, as it came, if it did. Nothing of a query is: an address that somebody made up fills no form in.
func (v *visit) posted(name string) (string, bool) {
	if v.r.Method != http.MethodPost {
		return "", false
	}
	values := v.all(name)
	return strings.Join(values, "\n"), values != nil
}

// lines are those of a field that are not empty.
func (v *visit) lines(name string) []string {
	text, _ := v.posted(name)
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// typedLines is typed of a list, one a line.
func (v *visit) typedLines(name string, stand []string) string {
	if text, there := v.posted(name); there {
		return text
	}
	return strings.Join(stand, "\n")
}

// blame marks the field that a refusal is about, beside the alert that says so.
func (v *visit) blame(refused error, fields []page.Field) []page.Field {
	if refused == nil {
		return fields
	}
	name, _, _ := strings.Cut(fault.As(refused).Field, "[")
	for i := range fields {
		if fields[i].Name == name {
			_, fields[i].Error = v.explained(refused)
		}
	}
	return fields
}

// id is the field of that name where it can be the id of an administrator, an application or a key; of whatever cannot, there is nothing.
func (v *visit) id(name string) (string, error) {
	id := v.form(name)
	if !org.ID(id) {
		return "", access.ErrNotFound
	}
	return id, nil
}

// missing reports whether something was to be taken away that is not there: perhaps it was before, and the answer was lost.
func missing(err error) bool { return err != nil && fault.As(err).Code == access.ErrNotFound.Code }

// form is a field of what was posted or, of a page that is asked for, of its query, in one line; what is far too long was not typed.
func (v *visit) form(name string) string {
	value := v.r.URL.Query().Get(name)
	if v.r.Method == http.MethodPost {
		value = v.r.PostFormValue(name)
	}
	if len(value) > 2048 {
		return ""
	}
	return strings.TrimSpace(value)
}

// all are the values of a field that may come several times.
func (v *visit) all(name string) []string {
	if v.r.Method == http.MethodPost {
		v.form(name) // has the form read
		return v.r.PostForm[name]
	}
	return v.r.URL.Query()[name]
}

// checked reports whether a box was ticked.
func (v *visit) checked(name string) bool { return v.form(name) != "" }
