package user_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func offering() org.Organization {
	o := org.Organization{ID: "acme", Entitlements: org.Entitlements{TwoFactor: true, AppPasswords: true}, Policy: org.DefaultOrganizationPolicy(noon)}
	o.Policy.AppPasswordServices = []string{"imap", "smtp"}
	return o
}

func ofImap() user.AppPassword {
	return user.AppPassword{ID: "a1", Service: "imap", Way: org.TOTP, Epoch: 3, Digest: []byte("digest"), CreatedAt: noon}
}

// Everything that makes an app password work, taken away one by one.
func TestWhenAnAppPasswordWorks(t *testing.T) {
	if !ofImap().Works(offering(), 3) {
		t.Fatal("a good one does not work")
	}
	for name, spoil := range map[string]func(o *org.Organization, a *user.AppPassword, epoch *int64){
		"an older epoch":               func(_ *org.Organization, _ *user.AppPassword, epoch *int64) { *epoch = 4 },
		"a later epoch":                func(_ *org.Organization, _ *user.AppPassword, epoch *int64) { *epoch = 2 },
		"no two-factor authentication": func(o *org.Organization, _ *user.AppPassword, _ *int64) { o.Entitlements.TwoFactor = false },
		"no app passwords":             func(o *org.Organization, _ *user.AppPassword, _ *int64) { o.Entitlements.AppPasswords = false },
		"a policy that is off":         func(o *org.Organization, _ *user.AppPassword, _ *int64) { o.Policy.Status = org.Disabled },
		"another service": func(o *org.Organization, _ *user.AppPassword, _ *int64) {
			o.Policy.AppPasswordServices = []string{"smtp"}
		},
		"its method not allowed": func(o *org.Organization, _ *user.AppPassword, _ *int64) { o.Policy.Methods = []org.Method{org.Email} },
		"its method not entitled": func(o *org.Organization, a *user.AppPassword, _ *int64) {
			o.Policy.Methods, a.Way = []org.Method{org.SMS}, org.SMS
		},
	} {
		o, a, epoch := offering(), ofImap(), int64(3)
		spoil(&o, &a, &epoch)
		if a.Works(o, epoch) {
			t.Errorf("%s: it works", name)
		}
	}
}

func setOf(n int) user.AppPasswords {
	s := user.AppPasswords{Organization: "acme", User: "ann", Rev: 7}
	for i := range n {
		a := ofImap()
		a.ID, a.Digest, a.CreatedAt = fmt.Sprint(i), fmt.Append(nil, "digest ", i), noon.Add(time.Duration(i)*time.Minute)
		s.All = append(s.All, a)
	}
	return s
}

func TestASetIsAddedToAndTakenFrom(t *testing.T) {
	s := setOf(user.MaxAppPasswords - 1)
	before := slices.Clone(s.All)
	full := s.Add(ofImap())
	if full.Rev != 8 || len(full.All) != user.MaxAppPasswords {
		t.Fatalf("revision %d, %d", full.Rev, len(full.All))
	}
	later := ofImap()
	later.Epoch = 4
	if swept := full.Add(later); len(swept.All) != 1 || swept.All[0].Epoch != 4 {
		t.Errorf("the dead are kept: %d", len(swept.All))
	}
	if left := full.Without("3"); len(left.All) != user.MaxAppPasswords-1 || left.Rev != 9 || len(full.All) != user.MaxAppPasswords {
		t.Errorf("%d are left", len(left.All))
	}
	if _, found := full.Without("3").Find("3", 3); found {
		t.Error("it is found all the same")
	}
	if fmt.Sprint(s.All) != fmt.Sprint(before) {
		t.Error("what was read has changed")
	}
	if all := s.Living(3); all[0].ID != fmt.Sprint(user.MaxAppPasswords-2) || len(s.Living(4)) != 0 {
		t.Errorf("living: %s first", all[0].ID)
	}
	if _, found := s.Find("3", 4); found {
		t.Error("a dead one is found")
	}
}

func TestAnAppPasswordIsMatchedWhereverItStands(t *testing.T) {
	s := setOf(5)
	for _, a := range s.All {
		if got, ok := s.Match(a.Digest); !ok || got.ID != a.ID {
			t.Errorf("%s: found %s, %t", a.ID, got.ID, ok)
		}
	}
	for _, none := range [][]byte{nil, {}, []byte("digest"), []byte("digest 55")} {
		if _, ok := s.Match(none); ok {
			t.Errorf("%q is found", none)
		}
	}
	if _, ok := (user.AppPasswords{}).Match([]byte("digest")); ok {
		t.Error("found where there is none")
	}
}

func TestAUseIsNotedOnceAnHour(t *testing.T) {
	s := setOf(2)
	used, ok := s.Used("1", noon)
	if !ok || used.Rev != 8 || !used.All[1].LastUsedAt.Equal(noon) || !used.All[0].LastUsedAt.IsZero() || !s.All[1].LastUsedAt.IsZero() {
		t.Fatalf("%t: %+v", ok, used)
	}
	for _, at := range []time.Time{noon, noon.Add(29 * time.Minute), noon.Add(-time.Hour)} {
		if _, again := used.Used("1", at); again {
			t.Errorf("noted again at %v", at)
		}
	}
	if _, again := used.Used("1", noon.Add(time.Hour)); !again {
		t.Error("the next hour is not noted")
	}
	if _, ok := s.Used("gone", noon); ok {
		t.Error("the use of what is not there is noted")
	}
}

func TestAnAppPasswordIsSealedForItsPlace(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []user.AppPasswords{{Organization: "a", User: "b"}, {Organization: "ab"}, {Organization: "a", User: "c"}} {
		for _, id := range []string{"1", "b1"} {
			if use := string(s.SealedUse(id)); seen[use] {
				t.Errorf("%q twice", use)
			} else {
				seen[use] = true
			}
		}
	}
	if d := (user.AppPassword{ID: "1", Service: "imap"}).Details(); len(d) != 2 {
		t.Errorf("no name: %v", d)
	}
	if factor.SameAppPassword(nil, []byte("x")) {
		t.Error("nothing is something")
	}
}
