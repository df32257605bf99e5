package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/signin"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

func TestTheSignIns(t *testing.T) {
	f := newFixture(t)
	f.opens("/sign-ins").Sees(http.StatusSeeOther)
	f.ann()
	f.opens("/sign-ins").Sees(200, "There is nothing of the kind.", "90 days")
	f.tried("eve", signin.Right, nil)
	f.tried("bob", signin.Wrong, func(e *signin.Entry) { e.Reason, e.Way, e.For = signin.NotRight, "recovery_code", user.SwitchOff })
	f.tried("bob", signin.Locked, func(e *signin.Entry) { e.Reason, e.LockedUntil, e.Way = signin.NotOpen, e.At.Add(time.Hour), "email" })
	f.tried("cy", signin.Suspended, func(e *signin.Entry) { e.Way, e.For, e.Address = signin.AppPassword, signin.AppPassword, "" })
	p := f.opens("/sign-ins").Sees(200, "eve Right Authenticator app To sign in 198.51.100.9", "bob Wrong It was another one, or had been used. Recovery code To switch the second factor off",
		"Wrong, and locked for a while No such code was open", "Locked until 22 November 2026, 13:00 UTC", "Wrong, and suspended App password To use an app password")
	if strings.Index(p.Text, "cy Wrong") > strings.Index(p.Text, "eve Right") || link(p, "<bdi>bob") != "/console/organizations/acme.example/users/one?user=bob" {
		t.Error(p.Text)
	}
	turned := f.Send(http.MethodGet, link(p, "When"), nil).Sees(200, "The oldest first")
	if strings.Index(turned.Text, "cy Wrong") < strings.Index(turned.Text, "eve Right") {
		t.Error("the oldest is not first")
	}
	for query, want := range map[string]string{
		"?user=bob": "bob Wrong", "?outcome=suspended": "cy Wrong", "?method=recovery_code": "bob Wrong", "?from=2026-11-22&to=2026-11-22&outcome=right": "eve Right",
	} {
		p := f.opens("/sign-ins"+query).Sees(200, want)
		for _, row := range []string{"eve Right", "bob Wrong", "cy Wrong"} {
			if row != want {
				lacks(t, p, row)
			}
		}
		f.Send(http.MethodGet, link(p, "Show all"), nil).Sees(200, "eve Right", "bob Wrong", "cy Wrong")
	}
	f.opens("/sign-ins?outcome=odd&method=odd").Sees(200, "eve Right", "cy Wrong")
	f.opens("/sign-ins?from=2026-11-23").Sees(200, "There is nothing of the kind.")
	for query, want := range map[string]string{
		"?from=x": "This is no day.", "?from=2026-11-22&to=2026-11-20": "must come after", "?user=" + strings.Repeat("a", 129): "No id is as long", "?cursor=x": "not possible as things are",
	} {
		f.opens("/sign-ins"+query).Sees(422, want)
	}
}

func TestSignInsComeInPages(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for range 60 {
		f.tried("eve", signin.Wrong, nil)
	}
	f.tried("bob", signin.Right, nil)
	more := link(f.opens("/sign-ins?user=eve").Sees(200), "Show more")
	if p := f.Send(http.MethodGet, more, nil).Sees(200); strings.Count(p.HTML, "<tr>") != 11 || link(p, "Show more") != "" {
		t.Errorf("%d rows", strings.Count(p.HTML, "<tr>"))
	}
	f.Send(http.MethodGet, strings.Replace(more, "user=eve", "user=bob", 1), nil).Sees(422)
}

// Every outcome, reason, way and purpose that there is has words.
func TestEverySignInHasWords(t *testing.T) {
	say := words.Console(words.English)
	for prefix, values := range map[string][]string{
		"console.outcome.": {"right", "wrong", "locked", "suspended"}, "console.why.": {string(signin.NotRight), string(signin.NotOpen)},
		"console.way.": {"recovery_email", "recovery_code", "bypass_code", user.TicketWay, signin.AppPassword},
		"console.for.": {string(user.SignIn), string(user.Confirm), string(user.Prove), string(user.VerifyMailbox), string(user.StepUp), signin.AppPassword},
	} {
		for _, value := range values {
			if !say.Has(prefix + value) {
				t.Errorf("%s has no words", prefix+value)
			}
		}
	}
	for _, act := range user.Changes() {
		if !say.Has("console.for." + string(act)) {
			t.Errorf("%s has no words", act)
		}
	}
}
