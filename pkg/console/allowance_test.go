package console_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/memstore"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

// allowanceCode is the one that was mailed to ann for the allowance that waits.
func (f *fixture) allowanceCode() string {
	f.t.Helper()
	d, err := f.store.Docket(f.t.Context(), storetest.Organization, "ann")
	f.must(err)
	at := slices.IndexFunc(d.Changes, func(c stepup.Change) bool { return c.Thing == stepup.Allowances })
	code, err := factor.MailedCode(f.Keys, d.Changes[at].KeyID, d.Mailed(d.Changes[at]))
	f.must(err)
	return code
}

// proposes asks for an allowance and gives the page that waits for the second word.
func (f *fixture) proposes() visitor.Page {
	f.t.Helper()
	return f.Follow(f.Post(f.opens("/allowances/new?users=20"), "new", "users", "20", "reason", "phones were stolen")).Sees(200, "Confirm with a code", "a•••@acme.example", "phones were stolen", "All administrators are told")
}

// id is the last part of a page's path, where its form leads too.
func id(p visitor.Page) string { return p.Path[strings.LastIndex(p.Path, "/")+1:] }

func TestAnAllowanceIsAskedForAndGiven(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.opens("/allowances/new?users=20").Sees(200, "Allowance for more users", "Beyond the 10 within an hour that need none; at most 1000.")
	if !strings.Contains(p.HTML, `value="20"`) {
		t.Error("how many are needed is not said")
	}
	for _, wrong := range [][2]string{{"0", "r"}, {"1001", "r"}, {"many", "r"}, {"", "r"}, {"-1", "r"}} {
		refused := f.Post(p, "new", "users", wrong[0], "reason", wrong[1]).Sees(422, "An allowance is for 1 to 1,000 users.")
		if !strings.Contains(refused.HTML, `value="r"`) || !strings.Contains(refused.HTML, `aria-invalid="true"`) {
			t.Errorf("%q: what was typed is lost", wrong)
		}
	}
	for _, reason := range []string{"", "two\nlines", strings.Repeat("a", 201)} {
		if refused := f.Post(p, "new", "users", "20", "reason", reason).Sees(422, "Give a reason: one line of at most 200 characters."); !strings.Contains(refused.HTML, `value="20"`) {
			t.Errorf("%q: what was typed is lost", reason)
		}
	}
	p = f.proposes()
	f.Post(p, id(p), "code", "abc").Sees(422, "A mailed code has eight digits")
	f.Post(p, id(p), "code", "00000000").Sees(422, "The code was not accepted", "phones were stolen")
	if len(f.events(audit.AllowanceGranted)) != 0 {
		t.Fatal("given for a wrong code")
	}
	code := f.allowanceCode()
	for range 2 { // the second time, the first answer was lost
		f.Follow(f.Post(p, id(p), "code", code)).Sees(200, "The allowance is given, for an hour.")
	}
	if n := len(f.events(audit.AllowanceGranted)); n != 1 {
		t.Errorf("given %d times", n)
	}
	f.Follow(f.opens("/allowances/"+id(p))).Sees(200, "The allowance is given")
}

func TestAnAllowanceThatEnds(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.proposes()
	code := f.allowanceCode()
	for n := range 4 { // with the first, as many mails as there may be in ten minutes
		f.Post(f.opens("/allowances/new"), "new", "users", "5", "reason", strconv.Itoa(n)).Sees(303)
	}
	f.Post(f.opens("/allowances/new"), "new", "users", "5", "reason", "another").Sees(429, "Too many codes were mailed lately")
	f.Clock.Advance(stepup.Life + time.Second)
	f.Post(p, id(p), "code", code).Sees(404) // another took its place
	f.opens("/allowances/" + id(p)).Sees(404)
	p = f.proposes()
	code = f.allowanceCode()
	f.Clock.Advance(stepup.Life)
	f.Post(p, id(p), "code", code).Sees(409, "This has ended. Begin again.")
	f.opens("/allowances/unknown").Sees(404)
}

func TestAnAllowanceIsOnesOwn(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.proposes()
	code := f.allowanceCode()
	path, values := p.Form(id(p))
	values.Set("code", code)
	f.signedIn(f.AddAdministrator(t, "bob"), storetest.Organization, "bob")
	f.opens("/allowances/" + id(p)).Sees(404)
	f.Send(http.MethodPost, path, values).Sees(404)
	f.root()
	f.opens("/allowances/new").Sees(403)
	f.Send(http.MethodPost, path, values).Sees(403)
	f.sends("/allowances/new", map[string][]string{"users": {"1"}, "reason": {"r"}}).Sees(403)
	f.bob(access.ReportsRead)
	f.opens("/allowances/" + id(p)).Sees(404)
	if len(f.events(audit.AllowanceGranted)) != 0 {
		t.Error("somebody else confirmed it")
	}
}

func TestFailuresOfAllowances(t *testing.T) {
	f := newFixture(t)
	f.ann()
	ask := f.opens("/allowances/new")
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.WriteOrganization} {
		f.store.FailNext(op, false, errDown)
		f.Post(ask, "new", "users", "20", "reason", "r").Sees(503)
	}
	p := f.Follow(f.Post(ask, "new", "users", "20", "reason", "r")).Sees(200)
	code := f.allowanceCode()
	f.store.FailNext(memstore.WriteOrganization, false, errDown)
	f.Post(p, id(p), "code", code).Sees(503, "Nothing is lost")
	f.store.FailNext(memstore.One, false, errDown)
	f.opens("/allowances/" + id(p)).Sees(503)
	f.store.FailNext(memstore.WriteOrganization, true, errDown) // it was written: looking again tells
	f.Follow(f.Post(p, id(p), "code", code)).Sees(200, "The allowance is given")
	f.Follow(f.Post(p, id(p), "code", code)).Sees(200, "The allowance is given")
	if n := len(f.events(audit.AllowanceGranted)); n != 1 {
		t.Errorf("given %d times", n)
	}
}
