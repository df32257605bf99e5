package console

import (
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/page"
)

// The refusals of what a log is asked for with.
var (
	errNoDay  = fault.New(fault.Unprocessable, "no_day", "This is no day.")
	errLong = fault.New(fault.Unprocessable, "filter_too_long", "No id is as long as this.")
)

// Nobody's id is longer, in characters: the API takes none that is.
const (
	maxUser  = 128
	maxActor = 160
)

// period is from one day to another, both included, as they were typed; without a bound where nothing was.
type period struct{ From, To string }

func (v *visit) period() period { return period{v.form("from"), v.form("to")} }

// times are when it begins, and when the day after it does (UTC).
func (p period) times() (from, to time.Time, err error) {
	if from, err = typedDay(p.From, "from"); err != nil {
		return from, to, err
	}
	to, err = typedDay(p.To, "to")
	if err == nil && !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err
}

// typedDay is a day of a year that has four digits, and so has the day after.
func typedDay(typed, field string) (time.Time, error) {
	day := dayOf(typed)
	if typed != "" && (day.IsZero() || day.Year() > 9998) {
		return day, errNoDay.At(field)
	}
	return day, nil
}

// fields are those of a form; prefix tells apart what several forms of one page have.
func (p period) fields(v *visit, prefix string) []page.Field {
	return []page.Field{
		{Name: "from", ID: prefix + "from", Label: v.say.Say("console.logs.from"), Value: p.From, Type: "date", Optional: true},
		{Name: "to", ID: prefix + "to", Label: v.say.Say("console.logs.to"), Value: p.To, Type: "date", Optional: true},
	}
}

// put adds it to a query.
func (p period) put(q url.Values) {
	put(q, "from", p.From)
	put(q, "to", p.To)
}

// put adds a value that there is to a query.
func put(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

// short refuses an id that nobody can have, before a store does.
func short(id string, most int, field string) error {
	if utf8.RuneCountInString(id) > most {
		return errLong.At(field)
	}
	return nil
}

// with is the address of a page with a query.
func (v *visit) with(path string, q url.Values) string {
	if len(q) == 0 {
		return v.at(path)
	}
	return v.at(path) + "?" + q.Encode()
}

// one is a field that has one of these values, or none.
func (v *visit) one(name string, of ...string) string {
	if value := v.form(name); slices.Contains(of, value) {
		return value
	}
	return ""
}

// some are the values of a field that are of these, in their order.
func (v *visit) some(name string, of ...string) []string {
	var ticked []string
	for _, value := range of {
		if slices.Contains(v.all(name), value) {
			ticked = append(ticked, value)
		}
	}
	return ticked
}

// cursor is where a page begins. Whatever it is, the workflow judges it: one that was cut would begin anew, and look like more.
func (v *visit) cursor() string { return v.r.URL.Query().Get("cursor") }

// choice is a list of which one is chosen, or none of them.
func (v *visit) choice(id, name, label, chosen string, of []string, word func(string) string) page.Field {
	f := page.Field{Name: name, ID: id, Label: label, Value: chosen, Optional: true, Options: []page.Option{{Label: v.say.Say("console.logs.all")}}}
	for _, value := range of {
		f.Options = append(f.Options, page.Option{Value: value, Label: word(value)})
	}
	return f
}

// boxes are a list of which any may be ticked.
type boxes struct {
	Title string
	Boxes []page.Field
	Open  bool // to be seen: some are ticked
}

func (b *boxes) add(prefix, name, value, label string, ticked []string) {
	b.Boxes = append(b.Boxes, page.Field{
		Name: name, ID: fmt.Sprintf("%s%s-%d", prefix, name, len(b.Boxes)), Label: label, Value: value, Optional: true, Checked: slices.Contains(ticked, value),
	})
}

// readable refuses whoever may not read a page at all, before what they asked for is explained to them.
func (v *visit) readable(r access.Rule, asked error) error {
	if asked != nil && !v.may(r) {
		return access.ErrPermission
	}
	return nil
}

// userPath is where a user of the organisation is shown; the vendor's own log is about none.
func (v *visit) userPath(id string) string {
	if id == "" || v.home == access.VendorHome {
		return ""
	}
	return v.at("/users/one", "user", id)
}
