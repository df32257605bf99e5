package sender_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/sender"
	"twofold/pkg/user"
)

func TestPutClaimsADomainAndGivesItsRecords(t *testing.T) {
	f := newFixture(t)
	v, err := f.Put(t.Context(), f.Administrator, acme, sender.Put{Domain: "Mail.Acme.Example", From: "login", Name: "Acme Mail"})
	f.must(err)
	s := f.sender()
	want := org.Sender{
		Organization: acme, Rev: 1, Domain: domain, From: "login", Name: "Acme Mail", State: org.SenderPending, ClaimedAt: f.Clock.Now(),
	}
	if s != want || v.Sender != want || !v.Entitled || s.Address() != "login@mail.acme.example" {
		t.Errorf("stored %+v, shown %+v", s, v.Sender)
	}
	if c := f.claim(domain); c.Organization != acme || !c.ClaimedAt.Equal(f.Clock.Now()) || !c.ReleasedAt.IsZero() {
		t.Errorf("claim %+v", c)
	}
	var required []string
	for _, r := range v.Records {
		if r.Required {
			required = append(required, r.Type+" "+r.Name+" "+r.Value)
		}
	}
	if len(v.Records) != 5 || len(required) != 3 || required[0] != "CNAME token0mailacmeexample._domainkey.mail.acme.example token0mailacmeexample.dkim.provider.example" {
		t.Errorf("records %+v", v.Records)
	}
	events := f.events()
	if len(events) != 1 || events[0].Kind != audit.SenderClaimed || events[0].Actor != "ann" || events[0].Details["domain"] != domain || events[0].Notify {
		t.Errorf("events %+v", events)
	}
}

// Whatever breaks on the way, the same call again goes on from there; done is done, once.
func TestPutIsRepairedByRepeatingIt(t *testing.T) {
	for name, breaks := range map[string]func(f *fixture){
		"nothing":                      func(*fixture) {},
		"the provider before":          func(f *fixture) { f.provider.FailNext("Identity", false, errDown) },
		"the claim":                    func(f *fixture) { f.store.FailNext("WriteSender", false, errDown) },
		"the claim's acknowledgement":  func(f *fixture) { f.store.FailNext("WriteSender", true, errDown) },
		"making the identity":          func(f *fixture) { f.provider.FailNext("Create", false, errDown) },
		"the answer to making it":      func(f *fixture) { f.provider.FailNext("Create", true, errDown) },
		"reading the sender":           func(f *fixture) { f.store.FailNext("Sender", false, errDown) },
		"reading the claim":            func(f *fixture) { f.store.FailNext("DomainClaim", false, errDown) },
		"reading the organisation":     func(f *fixture) { f.store.FailNext("ReadOrganization", false, errDown) },
		"two lost races":               func(f *fixture) { f.store.FailNext("WriteSender", false, user.ErrConflict) },
		"an identity made by a double": func(f *fixture) { f.provider.FailNext("Create", true, sender.ErrExists) },
	} {
		f := newFixture(t)
		breaks(f)
		if _, err := f.put(domain); err != nil {
			unavailable(t, name, err)
		}
		v, err := f.put(domain)
		f.must(err)
		if len(v.Records) != 5 || len(f.events()) != 1 || f.sender().Rev != 1 || f.claim(domain).Rev != 1 || !slices.Equal(f.provider.Domains(), []string{domain}) {
			t.Errorf("%s: %d events, sender %+v, identities %v", name, len(f.events()), f.sender(), f.provider.Domains())
		}
	}
}

// The claim stands before the provider hears of the domain.
func TestTheClaimComesFirst(t *testing.T) {
	f := newFixture(t)
	f.store.FailNext("WriteSender", false, errDown)
	_, err := f.put(domain)
	unavailable(t, "a claim that failed", err)
	if calls := f.provider.Calls(); slices.ContainsFunc(calls, func(c string) bool { return !strings.HasPrefix(c, "Identity ") }) {
		t.Errorf("the provider heard %v", calls)
	}
}

func TestADomainIsOneOrganisations(t *testing.T) {
	f := newFixture(t)
	oda := f.other("other")
	_, err := f.put(domain)
	f.must(err)
	_, err = f.Put(t.Context(), oda, "other", sender.Put{Domain: domain})
	refused(t, "another's domain", err, sender.ErrTaken)
	if strings.Contains(err.Error(), acme) || strings.Contains(err.Error(), "acme") {
		t.Errorf("the refusal says whose it is: %v", err)
	}
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	_, err = f.Put(t.Context(), oda, "other", sender.Put{Domain: domain})
	f.must(err)
	if c := f.claim(domain); c.Organization != "other" || !c.ReleasedAt.IsZero() {
		t.Errorf("claim %+v", c)
	}
}

// DNS records outlive a release: until they can be expected to be gone, nobody else gets a domain that was verified.
func TestAVerifiedDomainRestsAfterItsRelease(t *testing.T) {
	f := newFixture(t)
	oda := f.other("other")
	f.verified()
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	f.Clock.Advance(org.Rest - time.Microsecond)
	_, err := f.Put(t.Context(), oda, "other", sender.Put{Domain: domain})
	refused(t, "within the rest", err, sender.ErrTaken)
	_, err = f.put(domain)
	f.must(err) // its own organisation need not wait
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	_, err = f.Put(t.Context(), oda, "other", sender.Put{Domain: domain})
	f.must(err) // never verified since
}

// An identity that this deployment did not make is the vendor's own, for another purpose: whoever could claim its domain would
// send in its name at once.
func TestAnIdentityOfSomebodyElseIsTaken(t *testing.T) {
	f := newFixture(t)
	f.provider.Set(domain, &sender.Identity{Verified: true, Tokens: []string{"a", "b", "c"}})
	_, err := f.put(domain)
	refused(t, "a domain with a foreign identity", err, sender.ErrTaken)
	if s, err := f.store.Sender(t.Context(), acme); s != nil || err != nil || len(f.events()) != 0 {
		t.Errorf("something was written: %+v, %v", s, err)
	}
	_, err = f.put("other.acme.example")
	f.must(err)
	f.provider.Set("other.acme.example", &sender.Identity{Verified: true})
	_, err = f.put("other.acme.example")
	refused(t, "an identity that became somebody else's", err, sender.ErrTaken)
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	if !slices.Equal(f.provider.Domains(), []string{domain, "other.acme.example"}) {
		t.Errorf("somebody else's identity was deleted: %v", f.provider.Domains())
	}
}

// What an earlier organisation left with the provider, verified as it may be, is made anew.
func TestAnIdentityOfAnEarlierOrganisationIsMadeAnew(t *testing.T) {
	f := newFixture(t)
	f.provider.Set(domain, &sender.Identity{Organization: "gone", Verified: true, Tokens: []string{"old"}})
	v, err := f.put(domain)
	f.must(err)
	if v.Sender.State != org.SenderPending || v.Records[0].Value == "old.dkim.amazonses.com" {
		t.Errorf("%+v", v)
	}
}

func TestAFailedVerificationBeginsAnew(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(domain)
	f.must(err)
	f.provider.Withdraw(domain)
	v, err := f.look()
	f.must(err)
	if v.Sender.State != org.SenderFailed {
		t.Fatalf("state %s", v.Sender.State)
	}
	f.provider.Calls()
	v, err = f.put(domain)
	f.must(err)
	if v.Sender.State != org.SenderPending || !slices.Contains(f.provider.Calls(), "Create "+domain) {
		t.Errorf("state %s", v.Sender.State)
	}
}

// Another domain takes the present one's place in one write, and its identity goes when the new one is there.
func TestAnotherDomainReplacesThePresentOne(t *testing.T) {
	f := newFixture(t)
	f.verified()
	f.Clock.Advance(time.Hour)
	f.provider.FailNext("Create", false, errDown)
	_, err := f.put("post.acme.example")
	unavailable(t, "the new identity", err)
	if !slices.Equal(f.provider.Domains(), []string{domain}) {
		t.Errorf("the old identity went before the new one was there: %v", f.provider.Domains())
	}
	f.provider.FailNext("Delete", false, errDown)
	_, err = f.put("post.acme.example")
	unavailable(t, "deleting the old one", err)
	v, err := f.put("post.acme.example")
	f.must(err)
	s := v.Sender
	if s.Domain != "post.acme.example" || s.State != org.SenderPending || !s.FallsBackSince.Equal(f.Clock.Now()) || !s.VerifiedAt.IsZero() {
		t.Errorf("sender %+v", s)
	}
	if old := f.claim(domain); !old.ReleasedAt.Equal(f.Clock.Now()) || !old.Verified || !slices.Equal(f.provider.Domains(), []string{"post.acme.example"}) {
		t.Errorf("the old claim %+v, identities %v", old, f.provider.Domains())
	}
	events := f.events()
	last := events[len(events)-1]
	if last.Kind != audit.SenderClaimed || last.Details["instead_of"] != domain || !slices.Equal(f.told(), []audit.Kind{audit.SenderClaimed}) {
		t.Errorf("event %+v", last)
	}
}

func TestAddressAndNameChangeWithoutANewClaim(t *testing.T) {
	f := newFixture(t)
	f.verified()
	v, err := f.Put(t.Context(), f.Administrator, acme, sender.Put{Domain: domain, From: "codes", Name: "Acme"})
	f.must(err)
	if v.Sender.State != org.SenderVerified || v.Sender.Address() != "codes@mail.acme.example" || f.claim(domain).Rev != 1 {
		t.Errorf("sender %+v", v.Sender)
	}
	if events := f.events(); events[len(events)-1].Kind != audit.SenderChanged {
		t.Errorf("events %+v", events)
	}
}

func TestWhoMayNotPut(t *testing.T) {
	f := newFixture(t)
	oda := f.other("other")
	for what, c := range map[string]struct {
		caller access.Caller
		org    string
		want   error
	}{
		"the system administrator": {f.System, acme, access.ErrRole}, "an application": {f.Application, acme, access.ErrRole},
		"another's administrator": {oda, acme, access.ErrNotFound}, "nowhere": {f.Administrator, "nowhere", access.ErrNotFound},
	} {
		_, err := f.Put(t.Context(), c.caller, c.org, sender.Put{Domain: domain})
		refused(t, what, err, c.want)
	}
	f.entitle(false)
	_, err := f.put(domain)
	refused(t, "without the entitlement", err, sender.ErrNotAvailable)
	if len(f.events()) != 0 || len(f.provider.Calls()) != 0 {
		t.Error("something was done")
	}
}
