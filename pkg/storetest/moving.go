package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// pagesWhileUsersMove: whatever happens to others while somebody pages through a listing, between two pages and during each, whoever does not
// change is in it once.
func pagesWhileUsersMove(t *testing.T, s Contract) {
	m := &moving{t: t, s: s, r: rand.New(rand.NewPCG(7, 8)), users: map[string]user.Profile{}}
	var still []string
	for i := range 24 {
		id := fmt.Sprintf("%02d still", i*7%24)
		still = append(still, id)
		m.settle(id, i)
	}
	slices.Sort(still)
	for i := range 16 {
		m.move(fmt.Sprintf("%02d moves", i))
	}
	for _, sort := range report.Sorts() {
		eventually(t, "the index "+string(sort), func() bool { return len(m.seen(sort, false, report.MaxLimit, func() {})) == len(still) })
		for _, descending := range []bool{false, true} {
			got := m.seen(sort, descending, 3, func() {
				for range 4 {
					m.move(fmt.Sprintf("%02d moves", m.r.IntN(24)))
				}
			})
			slices.Sort(got)
			same(t, fmt.Sprintf("%s, descending %v: who did not change", sort, descending), got, still)
		}
	}
}

// moving is users some of whom change all the time.
type moving struct {
	t     *testing.T
	s     Contract
	r     *rand.Rand
	users map[string]user.Profile
}

// settle writes a user who does not change any more.
func (m *moving) settle(id string, i int) {
	p := user.Profile{Organization: Organization, User: id, Rev: 1, Email: fmt.Sprintf("%d@acme.example", i%5), RegisteredAt: second(i)}
	if i%3 > 0 {
		p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, second(i%4)
	}
	must(m.t, m.s.Write(m.t.Context(), user.Change{Profile: &p}))
	if i%2 == 0 {
		must(m.t, m.s.AddFacts(m.t.Context(), Organization, id, user.Facts{VerifiedOn: user.On(second(i).AddDate(0, 0, i%3))}))
	}
}

// move lets something happen to a user that another order has elsewhere: another address, method, day; away, and back again.
func (m *moving) move(id string) {
	is, there := m.users[id]
	at := second(m.r.IntN(60))
	switch {
	case !there:
		is = user.Profile{Organization: Organization, User: id, Rev: 1, Email: "new@acme.example", RegisteredAt: at}
	case is.Deleted():
		is = is.Exhume("back@acme.example", at)
	case m.r.IntN(5) == 0:
		is = is.Bury(at)
	default:
		is = is.Next()
		is.Email = fmt.Sprintf("%d@acme.example", m.r.IntN(9))
		is.Methods, is.EnrolledAt = [][]org.Method{nil, {org.TOTP}, {org.Email}, {org.SMS, org.TOTP}}[m.r.IntN(4)], time.Time{}
		if len(is.Methods) > 0 {
			is.EnrolledAt = at
		}
	}
	must(m.t, m.s.Write(m.t.Context(), user.Change{Profile: &is}))
	if !is.Deleted() {
		must(m.t, m.s.AddFacts(m.t.Context(), Organization, id, user.Facts{VerifiedOn: user.On(at.AddDate(0, 0, m.r.IntN(9)))}))
	}
	m.users[id] = is
}

// seen pages through a listing, while something happens before each page and beside it, and gives those who are still.
func (m *moving) seen(by report.Sort, descending bool, limit int, meanwhile func()) (still []string) {
	m.t.Helper()
	for q := (report.UserQuery{Sort: by, Descending: descending, Limit: limit}); ; {
		var page []report.Listed
		var next string
		var err error
		read := make(chan struct{})
		go func() {
			defer close(read)
			page, next, err = m.s.Users(m.t.Context(), Organization, q)
		}()
		meanwhile()
		<-read
		must(m.t, err)
		for _, l := range page {
			if strings.HasSuffix(l.Profile.User, "still") {
				still = append(still, l.Profile.User)
			}
		}
		if q.After = next; next == "" {
			return still
		}
	}
}
