package console_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// Whatever a decision may be has words, and so has what is known against an address.
func TestEveryDecisionHasWords(t *testing.T) {
	say := words.Console(words.English)
	for kind, c := range map[string]struct {
		file, prefix string
		least        int
	}{
		"Status": {"../decision/decision.go", "console.decision.", 4}, "Reason": {"../decision/decision.go", "console.reason.", 18}, "Rule": {"../decision/decision.go", "console.rule.", 14},
		"Why": {"../user/mark.go", "console.user.trouble.", 5}, "Outcome": {"../signin/signin.go", "console.outcome.", 4}, "WayBack": {"../login/answer.go", "console.way.", 3},
	} {
		all := constants(t, c.file, kind)
		for _, value := range all {
			if value != string(user.Cleared) && !say.Has(c.prefix+value) {
				t.Errorf("%s has no words", c.prefix+value)
			}
		}
		if len(all) < c.least {
			t.Errorf("%d of %s were found", len(all), kind)
		}
	}
}

// constants are the values of the constants of a type in a file.
func constants(t *testing.T, path, of string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == of {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, value)
		}
		return true
	})
	return all
}

// Every page of users in every language, with whatever names there are: nothing is missing, and nothing is HTML that is not ours.
func TestPagesOfUsersInEveryLanguage(t *testing.T) {
	for _, l := range words.Languages() {
		f := hostileWorld(t)
		f.Accept = string(l)
		q := url.QueryEscape(hostile)
		pages := []visitor.Page{
			f.opens("/users"), f.opens("/users?status=enrolled&status=bounced&user_prefix=" + q), f.opens("/users?user_prefix=" + q + "&email_prefix=" + q), f.opens("/users?status=" + q), f.opens("/users?enrolled_from=" + q),
			f.one(hostile), f.one("no" + hostile), f.one(eve), f.one("bea"), f.opens("/users?done=" + q), f.opens("/allowances/new?users=" + q),
		}
		one := f.one(hostile)
		for _, d := range []string{"require", "exempt", "inherit", "grace", "reset", "end_grace", "bypass", "ticket", "deliverable", "device", "app_password"} {
			if !strings.Contains(one.HTML, "/users/one/"+d+`"`) {
				continue
			}
			pages = append(pages, f.Follow(f.Post(one, d, "until", hostile, "reason", hostile+"\nmore", "life", hostile, "of", hostile)), f.Follow(f.Post(one, d, "until", "2026-12-24", "reason", hostile, "life", "60")))
			f.enrolledAgain(hostile)
		}
		pages = append(pages, f.one(hostile))
		for _, d := range []string{"require", "exempt", "inherit", "grace", "reset", hostile} {
			chosen := f.choose(d, hostile, "bea", "gone"+hostile)
			pages = append(pages, chosen)
			if d != hostile {
				pages = append(pages, f.confirmsDeed(chosen, "until", hostile, "reason", hostile+"\nmore"), f.confirmsDeed(chosen, "until", "2026-12-25", "reason", hostile))
			}
		}
		ask := f.opens("/allowances/new")
		waits := f.Follow(f.Post(ask, "new", "users", "20", "reason", hostile))
		pages = append(pages, f.Post(ask, "new", "users", hostile, "reason", hostile), waits, f.Post(waits, id(waits), "code", hostile), f.Follow(f.Post(waits, id(waits), "code", f.allowanceCode())))
		for at, p := range pages {
			if p.Status >= 500 || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, "onerror=alert(1)>\"") || strings.Contains(p.HTML, "ZgotmplZ") || strings.Contains(p.HTML, "%!") {
				t.Errorf("%s, page %d: %d %s", l, at, p.Status, p.HTML)
			}
			if !strings.Contains(p.HTML, `<html lang="`+string(l)+`"`) {
				t.Errorf("%s, page %d (%s) is in another language: %s", l, at, p.Path, p.HTML)
			}
			if ids := doubled(p.HTML); len(ids) > 0 {
				t.Errorf("%s, page %d (%s) has ids twice: %q", l, at, p.Path, ids)
			}
		}
	}
}

// doubled are the ids that stand on a page more than once.
func doubled(page string) []string {
	var seen, twice []string
	for _, part := range strings.Split(page, ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if slices.Contains(seen, id) {
			twice = append(twice, id)
		}
		seen = append(seen, id)
	}
	return twice
}

// hostileWorld is one in which everything is called so that it would be HTML.
func hostileWorld(t *testing.T) *fixture {
	f := furnished(t)
	f.must(f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: hostile}, f.Event(audit.BrandingChanged, "")))
	f.changes(func(o *org.Organization) { o.Policy.EnrollmentProof = org.ProofTicket })
	f.Enrolled(t, hostile)
	f.changed(hostile, func(p *user.Profile) {
		p.Email, p.Language, p.Services, p.Names = hostile+"@acme.example", hostile, []string{hostile}, map[string]string{"a1b2c3d4e5f60718": hostile}
		p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Email: strings.ToLower(p.Email)})
	})
	f.must(f.store.Write(t.Context(), user.Change{AppPasswords: &user.AppPasswords{
		Organization: storetest.Organization, User: hostile, Rev: 1, All: []user.AppPassword{{ID: "abcdef0123456789", Service: hostile, Name: hostile, Way: org.TOTP, CreatedAt: f.Clock.Now()}},
	}}))
	return f
}

// enrolledAgain gives a user whom a reset has left without any an authenticator again.
func (f *fixture) enrolledAgain(id string) {
	f.t.Helper()
	if x := f.Factors(f.t, id).Next(); len(x.Authenticators) == 0 {
		x.Authenticators = f.Factors(f.t, eve).Authenticators
		f.must(f.store.Write(f.t.Context(), user.Change{Factors: &x}))
	}
}
