package user_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func TestProfileNextRaisesTheRevisionOfACopy(t *testing.T) {
	p := user.Profile{User: "ann", Rev: 3}
	if n := p.Next(); n.Rev != 4 || n.User != "ann" || p.Rev != 3 {
		t.Errorf("revisions %d and %d", n.Rev, p.Rev)
	}
}

func TestExempted(t *testing.T) {
	for name, c := range map[string]struct {
		e    user.Enforcement
		want bool
	}{
		"live":           {user.Enforcement{Kind: user.Exempt, Until: noon.Add(1)}, true},
		"over":           {user.Enforcement{Kind: user.Exempt, Until: noon}, false},
		"without an end": {user.Enforcement{Kind: user.Exempt}, false},
		"required":       {user.Enforcement{Kind: user.Required, Until: noon.Add(time.Hour)}, false},
		"inherit":        {user.Enforcement{Until: noon.Add(time.Hour)}, false},
	} {
		if got := c.e.Exempted(noon); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestClassHoldsFactsAndIsReadBack(t *testing.T) {
	for _, c := range []struct {
		p    user.Profile
		want user.Class
		list []org.Method
	}{
		{user.Profile{}, user.Class{}, nil},
		{user.Profile{Methods: []org.Method{org.TOTP}}, user.Class{Methods: "totp"}, []org.Method{org.TOTP}},
		{
			user.Profile{Methods: []org.Method{org.TOTP, org.Email}, SuspendedAt: noon, Enforcement: user.Enforcement{Kind: user.Required}},
			user.Class{Methods: "email+totp", Suspended: true, Enforcement: user.Required}, []org.Method{org.Email, org.TOTP},
		},
		// The end of an exemption is a fact to the day only: otherwise it would make a class for each user.
		{
			user.Profile{Methods: []org.Method{org.Email, org.TOTP}, Enforcement: user.Enforcement{Kind: user.Exempt, Until: noon}},
			user.Class{Methods: "email+totp", Enforcement: user.Exempt, ExemptUntil: "2026-11-22"}, []org.Method{org.Email, org.TOTP},
		},
		{
			user.Profile{Grace: user.Grace{Until: noon.Truncate(24 * time.Hour)}, CodesSpent: true, Services: []string{"smtp", "my-own", "imap", "another"}},
			user.Class{GraceUntil: "2026-11-21", CodesSpent: true, Services: "imap+other+smtp"}, nil,
		},
	} {
		if got := c.p.Class(); got != c.want || !reflect.DeepEqual(got.List(), c.list) {
			t.Errorf("got %+v with %v, want %+v", got, got.List(), c.want)
		}
	}
}

func TestADayEndsAtMidnight(t *testing.T) {
	midnight := noon.Truncate(24 * time.Hour)
	for until, want := range map[time.Time]user.Day{
		midnight: "2026-11-21", midnight.Add(time.Microsecond): "2026-11-22", noon: "2026-11-22",
		midnight.Add(24 * time.Hour): "2026-11-22", noon.In(time.FixedZone("", 13*3600)): "2026-11-22", {}: "",
	} {
		day := user.DayOf(until)
		end, ok := day.End()
		if day != want || ok != (want != "") || ok && (end.Before(until) || end.Sub(until) >= 24*time.Hour) {
			t.Errorf("%v: day %q, over at %v", until, day, end)
		}
	}
}

func TestAServiceIsRememberedOnce(t *testing.T) {
	p := user.Profile{Services: []string{"imap"}}
	full := user.Profile{Services: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}
	for service, want := range map[string]bool{"": false, "imap": false, "smtp": true, strings.Repeat("s", 32): true, strings.Repeat("s", 33): false} {
		if p.NewService(service) != want || full.NewService(service) {
			t.Errorf("%q: new is %v, and where eight are known %v", service, p.NewService(service), full.NewService(service))
		}
	}
}

func TestRecoveryCodesSpendAndRenew(t *testing.T) {
	var none user.RecoveryCodes
	if none.Left() != 0 {
		t.Errorf("%d codes are left of none", none.Left())
	}
	codes := none.Renew(7)
	if codes != (user.RecoveryCodes{Generation: 1, KeyID: 7}) || codes.Left() != factor.RecoveryCodes {
		t.Errorf("the first generation is %+v with %d", codes, codes.Left())
	}
	for i := range factor.RecoveryCodes {
		if codes.Spent(i) {
			t.Errorf("code %d is spent before its use", i)
		}
		before := codes
		if codes = codes.Spend(i); !codes.Spent(i) || before.Spent(i) || codes.Left() != factor.RecoveryCodes-1-i {
			t.Errorf("after code %d, %d are left", i, codes.Left())
		}
		if codes.Spend(i) != codes {
			t.Errorf("spending code %d again changes something", i)
		}
	}
	if renewed := codes.Renew(8); renewed != (user.RecoveryCodes{Generation: 2, KeyID: 8}) {
		t.Errorf("the next generation is %+v", renewed)
	}
}

func TestRaceTriesThreeTimes(t *testing.T) {
	for name, c := range map[string]struct {
		conflicts int
		last      error
		rounds    int
		want      error
	}{
		"won at once":          {0, nil, 1, nil},
		"won the third time":   {2, nil, 3, nil},
		"lost three times":     {99, nil, 3, user.ErrConflict},
		"refused at once":      {0, fault.New(fault.Invalid, "no", "No."), 1, fault.New(fault.Invalid, "no", "")},
		"refused after losing": {1, fault.New(fault.Invalid, "no", "No."), 2, fault.New(fault.Invalid, "no", "")},
		"a stranger's error":   {0, fault.Down(errors.New("down")), 1, fault.New(fault.Unavailable, "unavailable", "")},
	} {
		rounds := 0
		got, err := user.Race(func() (string, error) {
			if rounds++; rounds <= c.conflicts {
				return "the outcome of a loser", fmt.Errorf("write: %w", user.ErrConflict)
			}
			return "outcome", c.last
		})
		if rounds != c.rounds || (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %d rounds, %v", name, rounds, err)
		}
		if c.conflicts > 2 && got != "" || c.want == nil && got != "outcome" {
			t.Errorf("%s: revealed %q", name, got)
		}
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		if id := user.NewID(); len(id) != 16 {
			t.Fatalf("an id of %d characters", len(id))
		} else {
			seen[id] = true
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d different ids of 100", len(seen))
	}
}
