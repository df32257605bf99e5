package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/people"
	"twofold/pkg/words"
)

func TestAnAdministratorSeesAndEndsThem(t *testing.T) {
	f := newFixture(t)
	_, err := f.People.Impersonate(t.Context(), f.System, ofAcme, "ann", hostileText)
	f.must(err)
	f.ann()
	p := f.opens("/impersonations").Sees(200, "root", "ann", hostileText)
	for _, l := range words.Languages() {
		f.Accept = string(l)
		demandSoundPage(t, f.opens("/impersonations").Sees(200))
	}
	f.Accept = "en"
	path, values := p.Form("end")
	for range 2 {
		f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "The impersonation has ended.", "Nobody acts in an administrator’s place.")
	}
	for _, id := range []string{"", "abcd", f.Administrator.Credential.ID, strings.Repeat("0", 2040), "a#b"} {
		f.Send(http.MethodPost, path, url.Values{"id": {id}}).Sees(404)
	}
	f.store.FailNext(memstore.Keys, false, errors.New("asked"))
	f.Send(http.MethodPost, path, url.Values{"id": {strings.Repeat("0", 2040)}}).Sees(404)
	f.opens("/impersonations").Sees(503)
	f.Send(http.MethodGet, "/console/organizations/globex/impersonations", nil).Sees(404)
	f.root()
	f.opens("/impersonations").Sees(200, "Nobody acts")
}

// Whoever reads the audit sees them, and whoever may not change keys ends none.
func TestImpersonationsAndPermissions(t *testing.T) {
	f := newFixture(t)
	s, err := f.People.Impersonate(t.Context(), f.System, ofAcme, "ann", "a reason")
	f.must(err)
	for _, c := range []struct {
		permission access.Permission
		sees       int
	}{{access.AuditRead, 200}, {access.ReportsRead, 403}, {access.KeysWrite, 403}} {
		key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
		key.Holder, key.Organizations, key.Permissions = "cid", []string{ofAcme}, []access.Permission{c.permission}
		f.must(f.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{key}}))
		credential, err := access.Parse(text)
		f.must(err)
		f.signedIn(access.Caller{Credential: credential}, ofAcme, "cid")
		p := f.opens("/impersonations").Sees(c.sees)
		if strings.Contains(p.HTML, "/impersonations/end") {
			t.Errorf("%s: ending is offered", c.permission)
		}
		if c.permission == access.KeysWrite {
			continue
		}
		f.Send(http.MethodPost, "/console/organizations/"+ofAcme+"/impersonations/end", url.Values{"id": {s.ID}}).Sees(403)
	}
	if len(f.underWay(ofAcme)) != 1 {
		t.Error("it was ended")
	}
}
