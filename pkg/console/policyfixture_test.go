package console_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

var errPolicyDown = errors.New("secret-cause")

const anOrganization = storetest.Organization

// alter changes the organisation by hand.
func (f *fixture) alter(change func(o *org.Organization)) {
	f.t.Helper()
	_, o, err := f.store.ReadOrganization(f.t.Context(), f.System.Credential, anOrganization)
	f.must(err)
	o.Rev++
	change(o)
	f.must(f.store.WriteOrganization(f.t.Context(), anOrganization, policy.Change{Organization: o}))
}

// entitled grants everything.
func (f *fixture) entitled() {
	f.t.Helper()
	f.alter(func(o *org.Organization) {
		o.Entitlements = org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "AT,DE", AppPasswords: true, Sender: true, UserLimit: 500}
	})
}

func (f *fixture) stands() org.Policy {
	f.t.Helper()
	_, o, err := f.store.ReadOrganization(f.t.Context(), f.System.Credential, anOrganization)
	f.must(err)
	return o.Policy
}

// enacted makes versions of the policy, with their history.
func (f *fixture) enacted(n int, by string, change func(p *org.Policy)) {
	f.t.Helper()
	for range n {
		f.alter(func(o *org.Organization) {
			o.Policy.Version++
			o.Policy.ChangedAt, o.Policy.ChangedBy = f.Clock.Now(), by
			change(&o.Policy)
			history := o.Policy
			f.must(f.store.WriteOrganization(f.t.Context(), anOrganization, policy.Change{History: &history}))
		})
	}
}

// as signs in with a key of an administrator's that may do so much.
func (f *fixture) as(permissions ...access.Permission) {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = "ann", []string{anOrganization}, permissions
	f.must(f.store.WriteOrganization(f.t.Context(), anOrganization, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	f.signedIn(access.Caller{Credential: credential}, anOrganization, "ann")
}

// policyCode is the code that ann was mailed last, codeOf the one of somebody else.
func (f *fixture) policyCode() string { return f.codeOf(anOrganization, "ann") }

func (f *fixture) codeOf(home, administrator string) string {
	f.t.Helper()
	d, err := f.store.Docket(f.t.Context(), home, administrator)
	f.must(err)
	c := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(f.Keys, c.KeyID, d.Mailed(c))
	f.must(err)
	return code
}

// inPlace has root, who is signed in, act in somebody's place.
func (f *fixture) inPlace(s people.Session) {
	f.t.Helper()
	credential, err := access.Parse(s.Token)
	f.must(err)
	sealed, err := login.SealText(f.Keys, []byte("twofold console session v1"), map[string]any{
		"k": f.System.Credential.Keep(), "n": "root", "t": f.Clock.Now().Truncate(time.Minute), "u": f.AsUser(f.t, "", "root"),
		"a": map[string]any{"k": credential.Keep(), "i": s.ID, "o": anOrganization, "n": s.Administrator, "x": s.ExpiresAt},
	})
	f.must(err)
	f.Cookies["__Host-console"] = sealed
}

func wrong(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

var (
	formText  = `(?s)<form method="post" action="([^"]*%s)"[^>]*>(.*?)</form>`
	inputText = regexp.MustCompile(`<input ([^>]*)>`)
	attribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"|\bchecked\b`)
)

// filled is what a browser would send of a form: all that its fields hold.
func filled(p visitor.Page, action string) (string, url.Values) {
	found := regexp.MustCompile(fmt.Sprintf(formText, regexp.QuoteMeta(action))).FindStringSubmatch(p.HTML)
	if found == nil {
		return "", nil
	}
	values := url.Values{}
	for _, input := range inputText.FindAllStringSubmatch(found[2], -1) {
		at := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(input[1], -1) {
			at[a[1]] = html.UnescapeString(a[2])
		}
		_, checked := at[""]
		if kind := at["type"]; kind != "checkbox" && kind != "radio" || checked {
			values.Add(at["name"], at["value"])
		}
	}
	return found[1], values
}

// edited opens the editor and sends it with these fields, as pairs; an empty value unticks a box.
func (f *fixture) edited(pairs ...string) visitor.Page {
	f.t.Helper()
	return f.sendsForm(f.opens("/policy/edit").Sees(200), "/policy/dry-run", pairs...)
}

// sendsForm sends a form as it stands on a page, with these fields. Several values of one are told apart by +.
func (f *fixture) sendsForm(p visitor.Page, action string, pairs ...string) visitor.Page {
	f.t.Helper()
	path, values := filled(p, action)
	if values == nil {
		f.t.Fatalf("%s has no form %s: %s", p.Path, action, p.Text)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if values.Del(pairs[i]); pairs[i+1] != "" {
			values[pairs[i]] = strings.Split(pairs[i+1], "+")
		}
	}
	return f.Send(http.MethodPost, path, values)
}

// proposed goes from the editor to the page of a proposal.
func (f *fixture) proposed(pairs ...string) visitor.Page {
	f.t.Helper()
	tried := f.edited(pairs...).Sees(200, "What it would do", "Nothing has been proposed yet")
	return f.Follow(f.sendsForm(tried, "/policy/propose"))
}

// counted puts users of classes into the counts and, where named so, among the users.
func (f *fixture) counted(classes map[user.Class]int) {
	f.t.Helper()
	n := 0
	for class, users := range classes {
		for range users {
			n++
			before := user.Counted{Organization: anOrganization, User: fmt.Sprintf("counted-%d", n)}
			after := before
			after.Rev, after.Class = 1, class
			f.must(f.store.Count(f.t.Context(), before, after, f.Clock.Now()))
		}
	}
}

// in is a time as a form has it.
func (f *fixture) in(d time.Duration) string {
	return f.Clock.Now().Add(d).UTC().Format("2006-01-02T15:04")
}

// firstVersion writes the first version into the history, as creating an organisation does.
func firstVersion(f *fixture) policy.Change {
	first := f.stands()
	return policy.Change{History: &first}
}
