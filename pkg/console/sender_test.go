package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/words"
)

// grants lets the organisation have a sender of its own, or no more.
func (f *fixture) grants(sender bool) {
	f.t.Helper()
	_, err := f.Policy.PutOrganization(f.t.Context(), f.System, policy.Put{ID: storetest.Organization, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true, Sender: sender}})
	f.must(err)
}

const ownDomain = "mail.acme.example"

func TestTheSender(t *testing.T) {
	f := newFixture(t)
	f.opens("/sender").Sees(http.StatusSeeOther)
	f.ann()
	p := f.opens("/sender").Sees(200, "Mail to your users comes from the address of this service", "Not available", "The vendor of this service can make it available")
	if strings.Contains(p.HTML, `method="post"`) {
		t.Error("something is offered without the entitlement")
	}
	f.grants(true)
	p = f.opens("/sender").Sees(200, "No domain of yours is set", "Set a domain of your own")
	lacks(t, p, "Not available", "Remove")
	p = f.Follow(f.Post(p, "sender", "domain", " Mail.Acme.Example ", "from", "login", "name", "Acme login"))
	p.Sees(200, "Saved", "mail.acme.example Waits for DNS records", "login@mail.acme.example", "Until the DNS records below are seen", "CNAME", "token0mailacmeexample._domainkey.mail.acme.example",
		"token0mailacmeexample.dkim.provider.example", "Not seen yet", "_dmarc.mail.acme.example", "Recommended", "v=spf1 include:amazonses.com ~all")
	if strings.Count(p.HTML, "data-copy=") != 10 || !strings.Contains(p.HTML, `aria-label="Copy: Value 3"`) {
		t.Error("not every name and value can be copied")
	}
	f.dns.Publish(ownDomain)
	p = f.Send(http.MethodGet, link(p, "Look again"), nil).Sees(200, "mail.acme.example Verified", "comes from login@mail.acme.example", "Seen", "Verified on")
	lacks(t, p, "Not seen yet", "Saved")
	f.Clock.Advance(time.Minute)
	f.dns.Withdraw(ownDomain)
	f.opens("/sender").Sees(200, "Verified no more", "Gone", "The DNS records are gone", "Lost on", "comes from this service’s address since")
	p = f.Follow(f.Post(f.opens("/sender"), "remove"))
	p.Sees(200, "The domain is removed", "No domain of yours is set")
	lacks(t, p, "CNAME", "Remove the domain")
}

func TestASenderThatWasNotSeenInTime(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	p := f.Follow(f.Post(f.opens("/sender"), "sender", "domain", ownDomain))
	f.dns.Withdraw(ownDomain)
	p = f.Send(http.MethodGet, link(p, "Look again"), nil).Sees(200, "Not verified in time", "Not seen in time", "save the domain again")
	f.Follow(f.Post(p, "sender", "domain", ownDomain)).Sees(200, "Waits for DNS records")
	f.grants(false)
	p = f.opens("/sender").Sees(200, "Not available", "whatever the state of your domain", "Remove the domain")
	lacks(t, p, "Save", "Change the sender")
}

// What was typed stays, and the field that is wrong says why.
func TestTheSenderExplainsWhatItRefuses(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	f.dns.Set("taken.example", nil)
	_, err := f.dns.Create(t.Context(), "taken.example", "")
	f.must(err)
	for name, c := range map[string]struct {
		domain, from, sender string
		status               int
		want, field          string
	}{
		"no domain": {"", "login", "Acme", 422, "not a domain", "domain"}, "a suffix": {"example", "login", "Acme", 422, "not a domain", "domain"}, "no name of a host": {"a b.example", "login", "Acme", 422, "not a domain", "domain"},
		"ours": {"x.vendor.example", "login", "Acme", 422, "belongs to the service itself", "domain"}, "taken": {"taken.example", "login", "Acme", 409, "cannot be claimed", "domain"},
		"from": {ownDomain, `a"b`, "Acme", 422, "letters a to z", "from"}, "name": {ownDomain, "login", `Acme <x@y.example>`, 422, "one line of at most 64", "name"},
		"hostile": {hostile, hostile, hostile, 422, "not a domain", "domain"},
	} {
		p := f.Post(f.opens("/sender"), "sender", "domain", c.domain, "from", c.from, "name", c.sender).Sees(c.status, c.want, "No domain of yours is set")
		if !strings.Contains(p.HTML, `id="field-`+c.field+`-error"`) || !strings.Contains(p.HTML, `name="from" type="text" value="`+strings.NewReplacer(`"`, "&#34;", "<", "&lt;", ">", "&gt;", "'", "&#39;", "&", "&amp;").Replace(c.from)+`"`) || strings.Contains(p.HTML, "<img src=x") {
			t.Errorf("%s: %s", name, p.HTML)
		}
	}
	form := f.opens("/sender")
	f.grants(false)
	f.Post(form, "sender", "domain", ownDomain).Sees(422, "not available for this organisation any more", "Not available")
	if len(f.dns.Domains()) != 1 {
		t.Errorf("made: %v", f.dns.Domains())
	}
}

func TestWhoSetsTheSender(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	form := f.opens("/sender")
	f.Follow(f.Post(form, "sender", "domain", ownDomain)).Sees(200)
	full := f.opens("/sender")
	f.lesser("bea", access.ReportsRead)
	if p := f.opens("/sender").Sees(200, ownDomain); strings.Contains(p.HTML, `method="post"`) {
		t.Error("something is offered to whoever may not")
	}
	f.Post(form, "sender", "domain", "other.example").Sees(403)
	f.Post(full, "remove").Sees(403)
	f.root()
	p := f.opens("/sender").Sees(200, ownDomain, "Remove the domain")
	lacks(t, p, "Change the sender")
	f.Post(form, "sender", "domain", "other.example").Sees(403)
	f.Send(http.MethodGet, "/console/organizations/other.example/sender", nil).Sees(404)
	f.Follow(f.Post(full, "remove")).Sees(200, "The domain is removed")
}

func TestTheSenderComesBackAfterFailures(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	form := f.opens("/sender")
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Sender} {
		f.store.FailNext(op, false, errDown)
		f.opens("/sender").Sees(503)
	}
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Sender, memstore.DomainClaim, memstore.WriteSender} {
		f.store.FailNext(op, op == memstore.WriteSender, errDown)
		if p := f.Post(form, "sender", "domain", ownDomain).Sees(503); strings.Contains(p.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	for _, call := range []string{"Identity", "Create"} {
		f.dns.FailNext(call, true, errDown)
		f.Post(form, "sender", "domain", ownDomain).Sees(503)
	}
	f.Follow(f.Post(form, "sender", "domain", ownDomain)).Sees(200, "Saved", ownDomain)
	if got := f.dns.Domains(); len(got) != 1 {
		t.Errorf("made twice: %v", got)
	}
}

func TestTheSenderInEveryLanguage(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	f.Post(f.opens("/sender"), "sender", "domain", ownDomain, "name", "O'Neil & Söhne")
	for _, l := range words.Languages() {
		f.Accept = string(l)
		p := f.opens("/sender").Sees(200, ownDomain, "O'Neil & Söhne")
		if strings.Contains(p.HTML, "ZgotmplZ") {
			t.Error(p.HTML)
		}
	}
}
