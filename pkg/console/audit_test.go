package console_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/words"
)

// link is where a link with a text leads.
func link(p visitor.Page, text string) string {
	m := regexp.MustCompile(`<a[^>]* href="([^"]+)"[^>]*>` + regexp.QuoteMeta(text)).FindStringSubmatch(p.HTML)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// lacks demands that texts are not there.
func lacks(t *testing.T, p visitor.Page, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.Text, text) {
			t.Errorf("%s has %q: %s", p.Path, text, p.Text)
		}
	}
}

func TestTheAudit(t *testing.T) {
	f := newFixture(t)
	f.opens("/audit").Sees(http.StatusSeeOther)
	f.ann()
	f.opens("/audit").Sees(200, "Organisation created", "organization.created", "root", "System administrator", "Not there yet", "There is no checkpoint yet", "docs/audit.md", "auditcheck")
	first := f.happened(audit.PolicyChanged, func(e *audit.Event) {
		e.User, e.Details, e.Reason, e.Seen, e.Claimed, e.RequestID, e.Key = "", map[string]string{"status": "disabled → forced", "until": audit.InWords(e.At)}, "an incident", "192.0.2.77", "198.51.100.77", "request-77", "key-77"
	})
	second := f.happened(audit.UserReset, func(e *audit.Event) {
		e.Role, e.Actor, e.Subject, e.Session = "system_admin", "root", "ann", "session-77"
	})
	f.happened(audit.GuessingSeen, func(e *audit.Event) {
		e.Role, e.Actor, e.Details = audit.System, "", map[string]string{"pattern": "many_sms"}
	})
	f.logged(first)
	f.signed()
	f.logged(second)
	p := f.opens("/audit").Sees(200, "Policy changed", "policy.changed", "an incident", "Status disabled → forced", "Until 22 November 2026, 12:00 UTC", "192.0.2.77 (seen by us)", "198.51.100.77 (as the application says)",
		"request-77", "key-77", first.ID, "Leaf 0 Signed", "covers 1 events", "Leaf 1 Not signed yet", "Impersonation", "in the place of ann", "session-77",
		"the service itself", "SMS of the organisation", "auth.vendor.example/audit/acme.example", "The newest first")
	if strings.Index(p.Text, "pattern.guessing") > strings.Index(p.Text, "user.reset") || strings.Index(p.Text, "user.reset") > strings.Index(p.Text, "policy.changed") {
		t.Errorf("the newest is not first: %s", p.Text)
	}
	if link(p, "<bdi>eve") != "/console/organizations/acme.example/users/one?user=eve" {
		t.Errorf("the user is not linked: %s", p.HTML)
	}
	turned := f.Send(http.MethodGet, link(p, "When"), nil).Sees(200, "The oldest first")
	if strings.Index(turned.Text, "user.reset") < strings.Index(turned.Text, "policy.changed") {
		t.Error("the oldest is not first")
	}
	alike := f.Send(http.MethodGet, link(p, "<code>policy.changed"), nil).Sees(200, "Policy changed")
	lacks(t, alike, "user.reset", "Organisation created")
	for _, l := range []string{link(alike, "Show all"), link(turned, "When")} {
		f.Send(http.MethodGet, l, nil).Sees(200, "user.reset", "Organisation created")
	}
}

func TestTheAuditIsFiltered(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.happened(audit.UserReset, nil)
	f.happened(audit.DeviceTrusted, func(e *audit.Event) { e.User, e.Actor = "bob", "crm" })
	f.happened(audit.WebhookSet, func(e *audit.Event) { e.User = "" })
	for query, want := range map[string][2]string{
		"?user=bob": {"device.trusted", "user.reset"}, "?actor=crm": {"device.trusted", "user.reset"}, "?group=users": {"user.reset", "device.trusted"},
		"?group=devices": {"device.trusted", "webhook.set"}, "?kind=webhook.set": {"webhook.set", "user.reset"}, "?from=2026-11-22&to=2026-11-22&user=eve": {"user.reset", "device.trusted"},
	} {
		lacks(t, f.opens("/audit"+query).Sees(200, want[0], "Show all"), "<"+want[1], want[1]+" – only")
	}
	f.opens("/audit?group=users&group=devices").Sees(200, "user.reset", "device.trusted")
	f.opens("/audit?from=2026-11-23").Sees(200, "There is nothing of the kind.")
	f.opens("/audit?to=2026-11-21").Sees(200, "There is nothing of the kind.")
	f.opens("/audit?user=nobody").Sees(200, "There is nothing of the kind.")
}

// What was typed stays, and the refusal says why.
func TestTheAuditExplainsWhatItRefuses(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.happened(audit.UserReset, nil)
	for query, want := range map[string]string{
		"from=yesterday": "This is no day.", "to=2026-02-30": "This is no day.", "from=0001-01-01": "This is no day.", "to=9999-12-31": "This is no day.",
		"from=2026-11-22&to=2026-11-20": "must not lie before", "kind=no.such": "no events of such a kind", "user=" + strings.Repeat("a", 129): "No id is as long",
		"cursor=x": "not possible as things are",
	} {
		p := f.opens("/audit?actor=kept%22me&"+query).Sees(422, want)
		if !strings.Contains(p.HTML, `value="kept&#34;me"`) || strings.Contains(p.HTML, "<tbody>") {
			t.Errorf("%s: %s", query, p.HTML)
		}
	}
	f.opens("/audit?actor="+strings.Repeat("a", 161)).Sees(422, "No id is as long")
	for range 60 {
		f.happened(audit.UserReset, nil)
	}
	more := link(f.opens("/audit?user=eve").Sees(200), "Show more")
	f.Send(http.MethodGet, strings.Replace(more, "user=eve", "user=bob", 1), nil).Sees(422)
	last := f.Send(http.MethodGet, more, nil).Sees(200, "user.reset")
	if link(last, "Show more") != "" || strings.Count(last.HTML, "<tr>") != 12 {
		t.Errorf("%d rows", strings.Count(last.HTML, "<tr>"))
	}
}

func TestWhoReadsTheAudit(t *testing.T) {
	f := newFixture(t)
	f.lesser("bea", access.ReportsRead)
	for _, path := range []string{"/audit", "/sign-ins", "/audit?from=x", "/sign-ins?from=x", "/exports/parts?what=audit", "/exports/parts?what=sign-ins"} {
		f.opens(path).Sees(403)
	}
	lacks(t, f.opens("").Sees(200, "Overview"), "Sign-ins", "Audit")
	f.lesser("cy", access.AuditRead)
	f.opens("/audit").Sees(200)
	f.opens("/sign-ins").Sees(200)
	f.opensVendors("/audit").Sees(404)
	f.ann()
	f.Send(http.MethodGet, "/console/organizations/other.example/audit", nil).Sees(404)
	f.opensVendors("/audit").Sees(404)
	f.root()
	f.opensVendors("/audit").Sees(200, "System set up", "system.bootstrapped")
	f.opens("/audit").Sees(200, "Organisation created")
	f.Send(http.MethodGet, "/console/organizations/other.example/audit", nil).Sees(404)
}

func TestTheAuditComesBackAfterFailures(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.logged(f.happened(audit.UserReset, nil))
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Checkpoint, memstore.Events, memstore.Entries} {
		f.store.FailNext(op, false, errDown)
		if p := f.opens("/audit").Sees(503); strings.Contains(p.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
		f.opens("/audit").Sees(200, "user.reset")
	}
	f.store.FailNext(memstore.SignIns, false, errDown)
	f.opens("/sign-ins").Sees(503)
	f.opens("/sign-ins").Sees(200)
}

// Whatever stands in an event is text, in every language, and no page fails for it.
func TestHostileEventsStayText(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.happened(hostile, func(e *audit.Event) {
		e.User, e.Actor, e.Role, e.Subject, e.Session, e.Reason, e.Seen, e.Claimed, e.RequestID, e.Key = hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile
		e.Details = map[string]string{hostile: hostile, "status": hostile + " → " + hostile, "user": hostile}
	})
	f.tried(hostile, "odd", nil)
	f.tried(hostile, hostile, nil)
	asked := url.Values{"user": {hostile}, "actor": {hostile}, "from": {hostile}, "kind": {hostile}, "cursor": {hostile}, "user_prefix": {hostile}, "email_prefix": {hostile}, "what": {hostile}}.Encode()
	for _, l := range words.Languages() {
		f.Accept = string(l)
		for _, path := range []string{"/audit", "/sign-ins", "/audit?user=" + url.QueryEscape(hostile), "/audit?" + asked, "/sign-ins?" + asked, "/exports?" + asked, "/exports/parts?" + asked,
			"/exports/parts?what=audit&user=" + url.QueryEscape(hostile), "/exports/parts?what=sign-ins&format=ndjson", "/exports/parts?what=enrollment&user_prefix=" + url.QueryEscape(hostile)} {
			p := f.opens(path)
			if p.Status >= 500 || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, "ZgotmplZ") {
				t.Errorf("%s in %s: %d %s", path, l, p.Status, p.HTML)
			}
		}
		if p := f.opens("/audit").Sees(200, hostile); link(p, "<bdi>"+html.EscapeString(hostile)) == "" && !strings.Contains(p.HTML, "user=%3Cimg") {
			t.Errorf("%s: the user is not linked: %s", l, p.HTML)
		}
	}
}

// Every kind of event, every detail that a workflow writes, every role that acts has words, in all languages by their own test, and every kind is in
// one group.
func TestEveryKindAndDetailHasWords(t *testing.T) {
	say := words.Console(words.English)
	f := newFixture(t)
	f.ann()
	for _, kind := range audit.Kinds() {
		if !say.Has("console.kind." + string(kind)) {
			t.Errorf("%s has no words", kind)
		}
		f.happened(kind, nil)
	}
	groups := map[string]int{}
	for _, name := range regexp.MustCompile(`name="group" value="([a-z_]+)"`).FindAllStringSubmatch(f.opens("/audit").HTML, -1) {
		for _, row := range regexp.MustCompile(`<code>([a-z_.]+)</code><span`).FindAllStringSubmatch(f.opens("/audit?group="+name[1]+"&user=eve").HTML, -1) {
			groups[row[1]]++
		}
	}
	for _, kind := range audit.Kinds() {
		if groups[string(kind)] != 1 {
			t.Errorf("%s is in %d groups", kind, groups[string(kind)])
		}
	}
	for name := range written(t) {
		if !say.Has("console.detail."+name) && !say.Has("detail."+name) {
			t.Errorf("the detail %s has no label", name)
		}
	}
	for _, role := range []string{audit.System, audit.Recipient, string(access.SystemAdministrator), string(access.OrganizationAdministrator), string(access.Application), string(access.Reader)} {
		if !say.Has("console.role."+role) && !say.Has("word."+role) {
			t.Errorf("the role %s has no words", role)
		}
	}
}

var (
	oneByOne = regexp.MustCompile(`(?:[dD]etails|told|about|changed|d)\["([a-z_.]+)"\]`)
	atOnce   = regexp.MustCompile(`map\[string\]string\{(.*)\}`)
	named    = regexp.MustCompile(`"([a-z_.]+)":`)
)

// written are the details that workflows write, by their source.
func written(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, pkg := range strings.Fields("admission branding enroll mail people policy sender signin stepup user verify webhook") {
		files, err := filepath.Glob("../" + pkg + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range oneByOne.FindAllStringSubmatch(string(source), -1) {
				found[m[1]] = true
			}
			for _, m := range atOnce.FindAllStringSubmatch(string(source), -1) {
				for _, key := range named.FindAllStringSubmatch(m[1], -1) {
					found[key[1]] = true
				}
			}
		}
	}
	all := org.Entitlements{TwoFactor: true, SMS: true, AppPasswords: true, Sender: true, UserLimit: 1, SMSPerDay: 1, SMSCountries: "DE", SMSOrigination: "x"}
	for name := range all.Differences(org.Entitlements{}) {
		found[name] = true
	}
	for name := range (org.Policy{Status: org.Forced, EnforceFrom: time.Unix(1, 0), RememberDevice: true, Outage: org.OutageOpen, SMSCountries: "DE"}).Differences(org.DefaultOrganizationPolicy(time.Unix(0, 0))) {
		found[name] = true
	}
	if len(found) < 60 || !found["leaf"] || !found["imported"] {
		t.Errorf("only %d details were found: they are written in another way", len(found))
	}
	return found
}

var (
	ids    = regexp.MustCompile(`\sid="([^"]*)"`)
	points = regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|data-copy)="([^"]*)"`)
)

// On every page of these parts an id is there once, and what is pointed to is there.
func TestLogsPointToWhatIsThere(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.grants(true)
	f.Post(f.opens("/sender"), "sender", "domain", ownDomain)
	f.logged(f.happened(audit.UserReset, nil))
	f.signed()
	f.tried("eve", "wrong", nil)
	for _, path := range []string{"/audit?kind=user.reset&kind=user.reset&kind=a+b", "/sign-ins", "/exports", "/exports?what=audit&kind=user.reset", "/exports/parts?what=audit", "/sender"} {
		p, seen := f.opens(path), map[string]int{}
		for _, m := range ids.FindAllStringSubmatch(p.HTML, -1) {
			if seen[m[1]]++; seen[m[1]] > 1 {
				t.Errorf("%s: the id %s is there twice", path, m[1])
			}
		}
		for _, m := range points.FindAllStringSubmatch(p.HTML, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if seen[id] == 0 {
					t.Errorf("%s: there is no %s", path, id)
				}
			}
		}
	}
}

// The vendor's own log has no users to link to.
func TestTheVendorsAuditLinksNoUsers(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.happened(audit.UserReset, func(e *audit.Event) { e.Organization = access.VendorHome })
	p := f.opensVendors("/audit").Sees(200, "eve")
	if strings.Contains(p.HTML, "/users/one") || strings.Contains(p.HTML, storetest.Organization) {
		t.Error(p.HTML)
	}
}
