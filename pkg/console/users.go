package console

import (
	"errors"
	"net/url"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/report"
)

func usersRoutes(d desk) {
	d.get("/users", (*visit).users)
	d.post("/users/chosen", (*visit).chosen)
	d.post("/users/changed", (*visit).changeMany)
	for _, path := range []string{"/users/chosen", "/users/changed"} {
		d.get(path, (*visit).backToUsers) // what was posted is not in the address
	}
	userRoutes(d)
	allowanceRoutes(d)
}

// users is the table of who has a second factor.
func (v *visit) users() error {
	asked, q, err := v.listing()
	var found report.Page
	if err == nil {
		found, err = v.Reports.Enrollment(v.r.Context(), v.caller, v.home, q)
	}
	if errors.Is(err, report.ErrCursor) { // of before something changed in the address
		return v.backTo(asked.without("cursor"))
	}
	status, alerts, ok := v.failed(err)
	if !ok {
		return err
	}
	return v.shown(status, page.View{
		Body: "console/users", Title: v.say.Say("console.menu.users"), Data: v.table(asked, q, found, fault.As(err).Field, err != nil), Alerts: alerts,
	})
}

// backToUsers goes to the table, as it was asked for before where the form says so.
func (v *visit) backToUsers() error { return v.backTo(v.cameFrom()) }

func (v *visit) backTo(asked listing) error {
	page.SeeOther(v.w, v.listed(asked))
	return nil
}

// listed is the address of the table.
func (v *visit) listed(asked listing) string {
	if len(asked) == 0 {
		return v.at("/users")
	}
	return v.at("/users") + "?" + url.Values(asked).Encode()
}

// cameFrom is what the table was asked for with that a form was on.
func (v *visit) cameFrom() listing {
	values, err := url.ParseQuery(v.form("back"))
	if err != nil {
		return nil
	}
	return listingOf(values)
}

// userTable is that page.
type userTable struct {
	At      string // where its forms lead, and its filter
	Back    string // what it was asked for with
	Filter  filterForm
	Columns []column
	Rows    []userRow
	Deeds   []page.Option // that may be done to those who are chosen; none: nothing may
	First   string        // where the list begins; empty: here
	More    string
	Few     bool // there may be more who fit, though the page is not full
	Refused bool // the filter is none, so nothing was looked for
}

func (v *visit) table(asked listing, q report.Query, found report.Page, wrong string, refused bool) userTable {
	t := userTable{
		At: v.at("/users"), Back: url.Values(asked).Encode(), Filter: v.filterForm(asked, wrong), Columns: v.columns(asked, q), Refused: refused,
		Few: found.Cursor != "" && len(found.Rows) < q.Limit,
	}
	for _, d := range v.offered() {
		t.Deeds = append(t.Deeds, page.Option{Value: d.name, Label: v.say.Say("console.deed." + d.name)})
	}
	for at, r := range found.Rows {
		t.Rows = append(t.Rows, v.userRow(at, r))
	}
	if q.Cursor != "" {
		t.First = v.listed(asked.without("cursor"))
	}
	if found.Cursor != "" {
		t.More = v.listed(asked.with("cursor", found.Cursor))
	}
	return t
}

// columnNames are the table's, in their order, and what each is sorted by. What no order has stands below what it belongs to: deadlines and
// troubles follow from policy and time, and no index holds them.
var columnNames = []struct {
	name string
	by   report.Sort
}{
	{"user", report.ByUser}, {"email", report.ByEmail}, {"status", report.ByTwoFactor}, {"methods", report.ByMethod}, {"enrolled", report.ByEnrolled},
	{"verified", report.ByVerified},
}

// column is the heading of one.
type column struct {
	Name   string
	Path   string // sorts by it
	Sorted string // aria-sort; empty: by another
}

func (v *visit) columns(asked listing, q report.Query) []column {
	var all []column
	for _, c := range columnNames {
		shown := column{Name: v.say.Say("console.users.column." + c.name)}
		next := asked.without("cursor").with("sort", string(c.by)).without("order")
		if c.by == q.Sort {
			shown.Sorted = "ascending"
			if q.Descending {
				shown.Sorted = "descending"
			} else {
				next = next.with("order", descending)
			}
		}
		shown.Path = v.listed(next)
		all = append(all, shown)
	}
	return all
}

const descending = "desc"

var errNobody = fault.New(fault.Unprocessable, "nobody_chosen", "Nobody was chosen.")

// nobody says that what was posted names no users, or too many; any other refusal is handed on.
func (v *visit) nobody(err error) error {
	if !errors.Is(err, errNobody) {
		return err
	}
	status, alerts, _ := v.failed(err)
	return v.shown(status, page.View{
		Body: "console/users/nobody", Title: v.say.Say("console.menu.users"), Data: v.listed(v.cameFrom()), Alerts: alerts,
	})
}
