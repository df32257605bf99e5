package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
)

func TestAWithdrawalSaysFirstWhatBecomesOfUsers(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.countsUser(ofAcme, "u1", org.TOTP)
	f.countsUser(ofAcme, "u2", org.TOTP)
	p := f.opensVendors("/organizations/one?id=" + ofAcme)
	asked := f.Post(p, "entitlements", "entitlements.user_limit", "1").Sees(200, "Take this away?", "They are let in without their second factor", "Users it concerns now: 2.", "They are beyond the limit", "Users it concerns now: 1.")
	if o := f.organizationOf(ofAcme); o.Rev != 1 {
		t.Error("it was taken away before it was said")
	}
	f.Follow(f.Post(asked, "entitlements")).Sees(200, "The entitlements are saved")
	if got := f.organizationOf(ofAcme).Entitlements; got != (org.Entitlements{UserLimit: 1}) {
		t.Errorf("%+v", got)
	}
	f.Post(asked, "entitlements", "entitlements.user_limit", "2").Sees(409, "was changed meanwhile")
}

func TestAWithdrawalWhereItIsForcedIsConfirmed(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.countsUser(ofAcme, "u1", org.TOTP)
	f.forcesIn(ofAcme)
	p := f.opensVendors("/organizations/one?id="+ofAcme).Sees(200, "confirmed with a code that is mailed to you")
	first := f.Post(p, "entitlements", "entitlements.two_factor", "")
	p = f.Follow(first).Sees(200, "Change the entitlements", "r•••@vendor.example", "They are let in without their second factor", "Users it concerns now: 1.")
	at := first.Header.Get("Location")
	action := strings.TrimPrefix(at, "/console/vendor/organizations/")
	f.Post(p, action, "code", "12").Sees(422, "A mailed code has eight digits")
	f.Post(p, action, "code", "00000000").Sees(422, "The code was not accepted")
	if f.organizationOf(ofAcme).Entitlements.TwoFactor != true {
		t.Fatal("taken away without a code")
	}
	code := f.mailedCode("", "root")
	for range 2 { // the second time, the answer was lost
		f.Follow(f.Post(p, action, "code", code)).Sees(200, "The entitlements are saved")
	}
	if f.organizationOf(ofAcme).Entitlements.TwoFactor {
		t.Error("nothing was taken away")
	}
	f.Follow(f.Send(http.MethodGet, at, nil)).Sees(200, "The entitlements are saved")
	f.Send(http.MethodGet, strings.Replace(at, "id="+ofAcme, "id=globex", 1), nil).Sees(404)
	f.ann()
	f.Send(http.MethodGet, at, nil).Sees(404)
	f.Post(p, action, "code", code).Sees(404)
}

func TestWhatWaitsTooLongEnds(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.forcesIn(ofAcme)
	first := f.Post(f.opensVendors("/organizations/one?id="+ofAcme), "entitlements")
	f.Clock.Advance(45 * time.Minute)
	f.root()
	f.Send(http.MethodGet, first.Header.Get("Location"), nil).Sees(409, "This has ended. Begin again.")
}
