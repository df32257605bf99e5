package console_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

var moreLink = regexp.MustCompile(`<a class="button" href="([^"]+)">Show more</a>`)

// Every number of a dry run leads to who it is: of the policy that stands, and of a proposal.
func TestWhomADryRunCounts(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.Enrolled(t, "dan")
	f.Login(t, "eve")
	f.counted(map[user.Class]int{{}: 1, {Methods: "totp"}: 1})
	standing := f.opens("/policy").Sees(200)
	f.Send("GET", unescaped(standing.Found(regexp.MustCompile(`href="([^"]+group=verify)"`))), nil).Sees(200, "As the policy has it", "dan", "Authenticator app", "Asked for their second factor")
	if p := f.opens("/policy/users?group=let_in").Sees(200, "eve", "user@acme.example"); !strings.Contains(p.HTML, `href="/console/organizations/acme.example/users/one?user=eve"`) {
		t.Error("it does not lead to the user")
	}
	f.opens("/policy/users?group=must_enroll&later=yes").Sees(200, "Nobody is.")
	p := f.proposed("status", "forced", "methods", "email", "grace_days", "3", "recovery.mailed_code", "", "recovery.saved_codes", "").
		Sees(200, "Let in, with time left to set up 1 0", "Must set up a second factor first 0 1", "Of these: No way back if the phone is lost 1 1")
	f.Send("GET", unescaped(p.Found(regexp.MustCompile(`href="([^"]+group=must_enroll&amp;later=yes)"`))), nil).Sees(200, "As your proposal would have it", "eve")
	list := f.Send("GET", unescaped(p.Found(regexp.MustCompile(`href="([^"]+group=within_grace)"`))), nil).Sees(200, "eve", "Let in, with time left to set up")
	f.Send("GET", unescaped(p.Found(regexp.MustCompile(`href="([^"]+group=method_not_allowed)"`))), nil).Sees(200, "dan", "Have only a method that is not allowed", "No way back if the phone is lost")
	if strings.Contains(list.Text, "dan") {
		t.Error("somebody of another group is listed")
	}
	change := p.Path[strings.Index(p.Path, "/policy"):]
	for _, nobody := range []string{"/policy/users", "/policy/users?group=x", "/policy/users?group=", change + "/users", change + "/users?group=admins", "/policy/changes/0a/users?group=verify"} {
		f.opens(nobody).Sees(404)
	}
	f.opens("/policy/users?group=verify&cursor=x").Sees(422)
}

func unescaped(link string) string { return strings.ReplaceAll(link, "&amp;", "&") }

func TestTheUsersOfADryRunHavePages(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for n := range 60 {
		f.Login(t, fmt.Sprintf("user-%02d", n))
	}
	p := f.proposed("status", "forced").Sees(200)
	p = f.Send("GET", p.Path+"/users?group=must_enroll&later=yes", nil).Sees(200, "user-00", "user-49")
	if strings.Contains(p.Text, "user-50") {
		t.Error("more than a page")
	}
	p = f.Send("GET", unescaped(p.Found(moreLink)), nil).Sees(200, "user-50", "user-59")
	if strings.Contains(p.Text, "user-49") || strings.Contains(p.Text, "Show more") {
		t.Error("the second page has the first one's, or is not the last")
	}
}

func TestServicesAreRefusedAndEnd(t *testing.T) {
	f := newFixture(t)
	f.entitled()
	f.ann()
	f.enacted(1, "ann", func(p *org.Policy) { p.AppPasswordServices = []string{"imap", "smtp"} })
	f.counted(map[user.Class]int{{Methods: "totp", Services: "imap+pop"}: 3, {Services: "imap"}: 2})
	f.edited("app_password_services", "imap", "status", "forced", "enforce_from", f.in(48*time.Hour)).Sees(200, "App passwords would end for these services: smtp",
		"where the account password is refused imap 3 5 pop 3 3", "Services with app passwords imap, smtp imap")
}

// Every version says who made it, when, and what it changed; the last one of a page too.
func TestTheHistoryOfThePolicy(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.opens("/policy/history").Sees(200, "The first policy")
	f.must(f.Store.WriteOrganization(t.Context(), anOrganization, firstVersion(f)))
	days := 0
	f.enacted(44, "bob", func(p *org.Policy) { days++; p.GraceDays = days })
	p := f.opens("/policy/history").Sees(200, "45", "bob", "Days to set it up: 43 days → 44 days", "Days to set it up: 24 days → 25 days")
	if strings.Contains(p.Text, "23 days → 24 days") || strings.Contains(p.Text, "The first policy") {
		t.Error("more than a page")
	}
	p = f.Send("GET", unescaped(p.Found(moreLink)), nil).Sees(200, "23 days → 24 days", "4 days → 5 days")
	p = f.Send("GET", unescaped(p.Found(moreLink)), nil).Sees(200, "3 days → 4 days", "0 days → 1 day", "The first policy")
	if strings.Contains(p.Text, "Show more") || strings.Contains(p.Text, "4 days → 5 days") {
		t.Error("the last page is not the last, or has more than is left")
	}
	for _, before := range []string{"x", "-1", "0", "99999999999999999999", "9223372036854775807"} {
		f.opens("/policy/history?before="+url.QueryEscape(before)).Sees(200, "43 days → 44 days")
	}
	f.opens("/policy/history?before=2").Sees(200, "The first policy")
}

// A weakening is marked where it is one: in a trial, in a proposal, in the history.
func TestAWeakeningIsMarked(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.edited("grace_days", "5", "enrollment_proof", "password").Sees(200, "Days to set it up 0 days 5 days", "Proof before setting up Weaker protection A code to the login address The password alone")
	p := f.proposed("recovery.delay_hours", "1").Sees(200, "Hours until a new recovery email counts Weaker protection 24 hours 1 hour")
	f.sendsForm(p, p.Path, "code", f.policyCode()).Sees(303)
	f.opens("/policy/history").Sees(200, "24 hours → 1 hour Weaker protection")
}
