package console

import (
	"net/url"
	"slices"
	"unicode/utf8"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// listing is what the table of users is asked for with, as it stands in the query of its address: nothing else, and nothing empty.
type listing url.Values

// The parts of such a query, called as they are in the API.
var (
	filterTexts = []string{"user_prefix", "email_prefix"}
	filterDays  = []string{"enrolled_from", "enrolled_before", "verified_from", "verified_before"}
	listingKeys = slices.Concat([]string{"status", "method", "has_two_factor", "sort", "order", "cursor"}, filterTexts, filterDays)
)

// maxTyped is how long a part of the query may be, in bytes: cursors are the longest.
const maxTyped = 2048

func listingOf(query url.Values) listing {
	l := listing{}
	for _, key := range listingKeys {
		for _, value := range query[key] {
			if value != "" && len(value) <= maxTyped && (key == "status" || l[key] == nil) && !slices.Contains(l[key], value) && len(l[key]) <= len(allStatuses) {
				l[key] = append(l[key], value)
			}
		}
	}
	return l
}

func (l listing) get(key string) string { return url.Values(l).Get(key) }

// with and without are copies in which one part is another, or none.
func (l listing) with(key, value string) listing {
	next := l.without(key)
	next[key] = []string{value}
	return next
}

func (l listing) without(keys ...string) listing {
	next := listing{}
	for key, values := range l {
		if !slices.Contains(keys, key) {
			next[key] = values
		}
	}
	return next
}

// allStatuses are those that somebody may be listed by.
var allStatuses = append(report.Statuses(), report.Bounced)

var listedMethods = []org.Method{org.TOTP, org.Email, org.SMS}

// errFilter refuses a filter that is none: whoever misspells one would take the empty answer for a good one.
var errFilter = fault.New(fault.Unprocessable, "users_filter", "There is no such filter.")

// listing reads what the table is asked for with.
func (v *visit) listing() (listing, report.Query, error) {
	l := listingOf(v.r.URL.Query())
	q := report.Query{Sort: report.ByUser, Descending: l.get("order") == descending, Limit: report.DefaultLimit, Cursor: l.get("cursor")}
	if by := report.Sort(l.get("sort")); slices.Contains(report.Sorts(), by) {
		q.Sort = by
	}
	var err error
	q.Filter, err = l.filter()
	return l, q, err
}

// filter is errFilter at the part that is none.
func (l listing) filter() (report.Filter, error) {
	f := report.Filter{
		Method: org.Method(l.get("method")), UserPrefix: l.get("user_prefix"), EmailPrefix: l.get("email_prefix"),
		EnrolledFrom: user.Day(l.get("enrolled_from")), EnrolledBefore: user.Day(l.get("enrolled_before")),
		VerifiedFrom: user.Day(l.get("verified_from")), VerifiedBefore: user.Day(l.get("verified_before")),
	}
	for _, s := range l["status"] {
		if f.Statuses = append(f.Statuses, report.Status(s)); !slices.Contains(allStatuses, report.Status(s)) {
			return f, errFilter.At("status")
		}
	}
	if two := l.get("has_two_factor"); two != "" {
		has := two == "true"
		if f.TwoFactor = &has; !has && two != "false" {
			return f, errFilter.At("has_two_factor")
		}
	}
	if f.Method != "" && !slices.Contains(listedMethods, f.Method) {
		return f, errFilter.At("method")
	}
	return f, l.checkTyped()
}

func (l listing) checkTyped() error {
	for _, key := range filterTexts {
		if value := l.get(key); value != "" && (!utf8.ValidString(value) || len(value) > 254) {
			return errFilter.At(key)
		}
	}
	for _, key := range filterDays {
		if _, ok := user.Day(l.get(key)).End(); l.get(key) != "" && !ok {
			return errFilter.At(key)
		}
	}
	return nil
}

// filterForm is what the table is filtered with.
type filterForm struct {
	Active      bool
	Statuses    []page.Field // boxes, each with its value
	Fields      []page.Field
	Sort, Order string
	Clear       string // where nothing is filtered
}

func (v *visit) filterForm(l listing, wrong string) filterForm {
	f := filterForm{Sort: l.get("sort"), Order: l.get("order"), Clear: v.listed(l.kept("sort", "order"))}
	f.Active = len(l.without("sort", "order", "cursor")) > 0
	for _, s := range allStatuses {
		f.Statuses = append(f.Statuses, page.Field{
			Name: "status", ID: "status-" + string(s), Label: v.statusWord(s), Value: string(s), Checked: slices.Contains(l["status"], string(s)),
		})
	}
	either := page.Option{Label: v.say.Say("console.users.any")}
	ways := []page.Option{either}
	two := []page.Option{either, {Value: "true", Label: v.say.Say("console.users.with")}, {Value: "false", Label: v.say.Say("console.users.without")}}
	for _, m := range listedMethods {
		ways = append(ways, page.Option{Value: string(m), Label: v.methodWord(m)})
	}
	f.Fields = []page.Field{{Name: "has_two_factor", Options: two}, {Name: "method", Options: ways}}
	for _, name := range filterTexts {
		f.Fields = append(f.Fields, page.Field{Name: name, MaxLength: 254})
	}
	for _, name := range filterDays {
		f.Fields = append(f.Fields, page.Field{Name: name, Type: "date"})
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		field.Label, field.Value = v.say.Say("console.users.filter."+field.Name), l.get(field.Name)
		if field.Name == wrong {
			field.Error = v.say.Say("console.refused.users_filter")
		}
	}
	return f
}

// kept is the listing with these parts alone.
func (l listing) kept(keys ...string) listing {
	next := listing{}
	for _, key := range keys {
		if values := l[key]; values != nil {
			next[key] = values
		}
	}
	return next
}

// methodWord is what a method is called.
func (v *visit) methodWord(m org.Method) string { return v.say.Say("prompt.method." + string(m)) }
