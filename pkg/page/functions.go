package page

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"twofold/pkg/words"
)

// Defects of templates.
var (
	errValues = errors.New("page: values are pairs of a name and a value")
	errText   = errors.New("page: there is no such text")
	errValue  = errors.New("page: a value is a string, a number or a time")
	errField  = errors.New("page: a field has no such part, or it is of another type")
	errImage  = errors.New("page: a picture is PNG or JPEG")
)

// functions are what templates may use, in one language.
func functions(c *words.Catalogue) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, values ...any) (any, error) { return say(c, key, values) },
		"has":      c.Has,
		"datetime": func(at time.Time) template.HTML { return moment(at, c.Time) },
		"day":      func(at time.Time) template.HTML { return day(at, c.Day) },
		"field":    field,
		"image":    embedded,
		"file":     carried,
		"asset":    assetPath,
		"clock":    func(seconds int) string { return fmt.Sprintf("%d:%02d", seconds/60, seconds%60) },
	}
}

// say fills a text. It is a string like any other unless a time is among the values: then it is HTML, of which everything else was
// escaped here. A text by somebody else turns nothing around it.
func say(c *words.Catalogue, key string, values []any) (any, error) {
	if len(values)%2 != 0 {
		return nil, errValues
	}
	if !c.Has(key) {
		return nil, fmt.Errorf("%w: %s", errText, key) // keys are ours
	}
	var plain, marked []string
	timed := false
	for i, v := range values {
		if i%2 == 0 {
			name, ok := v.(string)
			if !ok {
				return nil, errValues
			}
			plain, marked = append(plain, name), append(marked, name)
			continue
		}
		if at, ok := v.(time.Time); ok {
			timed = true
			plain, marked = append(plain, ""), append(marked, string(moment(at, c.Time)))
			continue
		}
		text, err := spoken(v)
		if err != nil {
			return nil, err
		}
		plain, marked = append(plain, text), append(marked, template.HTMLEscapeString(text))
	}
	if !timed {
		return c.Say(key, plain...), nil
	}
	return template.HTML(words.Fill(template.HTMLEscapeString(c.Say(key)), marked...)), nil
}

// spoken is a value as it stands in a sentence.
func spoken(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return words.Isolated(words.Line(v)), nil
	case int, int64, uint64:
		return fmt.Sprint(v), nil
	}
	return "", errValue
}

// moment is a time that machines read too; the script shows it in the reader's own zone.
func moment(at time.Time, shown func(time.Time) string) template.HTML {
	if at.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + at.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(shown(at)) + `</time>`)
}

// day is a day, which is the same in every zone.
func day(at time.Time, shown func(time.Time) string) template.HTML {
	if at.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + at.Format(time.DateOnly) + `">` + template.HTMLEscapeString(shown(at)) + `</time>`)
}

// embedded is a picture that travels with the page. Only these two kinds are: neither can hold a script.
func embedded(kind string, data []byte) (template.URL, error) {
	if kind != "image/png" && kind != "image/jpeg" {
		return "", errImage
	}
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)), nil
}

// field makes a Field in a template.
func field(name string, pairs ...any) (Field, error) {
	f := Field{Name: name}
	if len(pairs)%2 != 0 {
		return f, errValues
	}
	for i := 0; i < len(pairs); i += 2 {
		part, ok := pairs[i].(string)
		if !ok || !f.set(strings.ToLower(part), pairs[i+1]) {
			return f, errField
		}
	}
	return f, nil
}

// set reports whether there is such a part of this type.
func (f *Field) set(part string, value any) bool {
	switch v := value.(type) {
	case string:
		return put(map[string]*string{
			"label": &f.Label, "hint": &f.Hint, "error": &f.Error, "value": &f.Value, "id": &f.ID, "type": &f.Type,
			"autocomplete": &f.Autocomplete, "inputmode": &f.InputMode,
		}[part], v)
	case int:
		return put(map[string]*int{"maxlength": &f.MaxLength, "digits": &f.Digits, "rows": &f.Rows}[part], v)
	case bool:
		return put(map[string]*bool{"optional": &f.Optional, "autofocus": &f.Autofocus, "checked": &f.Checked, "readonly": &f.Readonly}[part], v)
	case []Option:
		f.Options = v
		return part == "options"
	}
	return false
}

func put[T any](to *T, v T) bool {
	if to == nil {
		return false
	}
	*to = v
	return true
}
