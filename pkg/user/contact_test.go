package user_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

func contact(name string) user.Contact {
	return user.Contact{Sealed: []byte(name), Digest: []byte("of " + name)}
}

// The address that holds is the one before until its successor's time has come, whatever was written meanwhile.
func TestWhichRecoveryEmailHolds(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var p user.Profile
	holds := func(at time.Time, want string) {
		t.Helper()
		if got := p.Recovery(at); !bytes.Equal(got.Sealed, []byte(want)) {
			t.Errorf("%s after: %q holds, want %q", at.Sub(now), got.Sealed, want)
		}
	}
	holds(now, "")
	p.Move(contact("first"), 24*time.Hour, now)
	holds(now, "first") // there was none that could object
	p.Move(contact("second"), 24*time.Hour, now)
	holds(now.Add(24*time.Hour-1), "first")
	holds(now.Add(24*time.Hour), "second")
	if next, waiting := p.Waiting(now); !waiting || !bytes.Equal(next.Sealed, []byte("second")) {
		t.Errorf("waiting: %q, %v", next.Sealed, waiting)
	}
	if _, waiting := p.Waiting(now.Add(24 * time.Hour)); waiting {
		t.Error("it holds, and waits no more")
	}
	p.Move(contact("third"), time.Hour, now.Add(time.Hour))
	holds(now.Add(time.Hour), "first") // the second never held
	holds(now.Add(24*time.Hour), "third")
	p.Move(contact("fourth"), 0, now.Add(48*time.Hour))
	holds(now.Add(48*time.Hour), "fourth")
	if !bytes.Equal(p.RecoveryEmail, []byte("third")) {
		t.Error("the address before is forgotten before its owner was told")
	}
	p.Settle(now.Add(48 * time.Hour))
	if p.NextRecovery.Known() || !bytes.Equal(p.RecoveryEmail, []byte("fourth")) {
		t.Errorf("settled: %+v", p)
	}
}

// Copies do not share what a change writes.
func TestNamesBelongToAuthenticatorsThatThereAre(t *testing.T) {
	var p user.Profile
	p.Call("a", "Phone")
	before := p
	p.Call("b", "Tablet")
	if len(before.Names) != 1 {
		t.Error("a copy changed with its original")
	}
	p.Enrolled(user.Factors{Authenticators: []user.Authenticator{{ID: "b", Method: org.TOTP}}})
	if !reflect.DeepEqual(p.Names, map[string]string{"b": "Tablet"}) {
		t.Errorf("names: %v", p.Names)
	}
	p.Call("b", "")
	p.Enrolled(user.Factors{})
	if p.Names != nil || p.Methods != nil {
		t.Errorf("left: %v, %v", p.Names, p.Methods)
	}
}

func TestPurposesOfMethods(t *testing.T) {
	seen := map[user.Purpose]bool{user.ProveLogin: true, user.VerifyRecovery: true, user.Recover: true, user.Bypass: true}
	for _, m := range []org.Method{org.Email, org.SMS} {
		for _, a := range append(user.Changes(), user.SignIn, user.Confirm) {
			p := user.By(a, m)
			if seen[p] || p.Method() != m || p.Act() != a {
				t.Errorf("%q: of %q by %q", p, p.Act(), p.Method())
			}
			seen[p] = true
		}
	}
	if user.Recover.Method() != "" || user.Recover.Act() != "" {
		t.Error("a way back is of no method")
	}
}

func TestAuthenticators(t *testing.T) {
	now := time.Unix(1_800_000_000, 0).UTC()
	f := user.Factors{
		Authenticators: []user.Authenticator{{ID: "app", Method: org.TOTP}, {ID: "mail", Method: org.Email}, {ID: "old", Method: org.TOTP}},
		Challenges:     []user.Challenge{{ID: "1", Purpose: user.By(user.SignIn, org.Email)}, {ID: "2", Purpose: user.Recover}},
	}
	f.Use("mail", now)
	if a, _ := f.Authenticator("mail"); !a.LastUsed().Equal(now) {
		t.Errorf("last used at %v", a.LastUsed())
	}
	if a, _ := f.Of(org.TOTP); a.ID != "app" || !a.LastUsed().IsZero() {
		t.Errorf("the first app is %+v", a)
	}
	next := f.Next()
	next.Prefer("mail")
	next.Prefer("nobody's")
	if next.Authenticators[0].ID != "mail" || f.Authenticators[0].ID != "app" || len(next.Authenticators) != 3 {
		t.Errorf("preferred: %+v", next.Authenticators)
	}
	next.Remove("mail")
	if len(next.Authenticators) != 2 || len(next.Challenges) != 1 || next.Challenges[0].ID != "2" || !next.Only(org.TOTP) || f.Only(org.TOTP) {
		t.Errorf("removed: %+v", next)
	}
}

// Only the login that earned it, only while it lasts, and only what was made to replace: an enrolment that had begun before somebody
// else enrolled the user replaces nothing.
func TestWhoEnrolsAnew(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	good := user.Enrollment{Login: "l", Replaces: true, ExpiresAt: now.Add(time.Minute)}
	for name, c := range map[string]struct {
		e     user.Enrollment
		login string
		want  bool
	}{
		"the login that earned it": {good, "l", true},
		"another login":            {good, "m", false},
		"no login":                 {user.Enrollment{Replaces: true, ExpiresAt: good.ExpiresAt}, "l", false},
		"a first enrolment":        {user.Enrollment{Login: "l", ExpiresAt: good.ExpiresAt}, "l", false},
		"too late":                 {user.Enrollment{Login: "l", Replaces: true, ExpiresAt: now}, "l", false},
	} {
		if got := (user.Factors{Enrollment: &c.e}).Reenrols(c.login, now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (user.Factors{}).Reenrols("", now) {
		t.Error("nothing is under way")
	}
}
