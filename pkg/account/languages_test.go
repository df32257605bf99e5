package account_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// Every page in every language, with whatever names there are: nothing is missing, and nothing is HTML that is not ours.
func TestEveryPageInEveryLanguage(t *testing.T) {
	const hostile = `<img src=x onerror=alert(1)>"'&`
	for _, l := range words.Languages() {
		f, p := settled(t)
		f.Accept = string(l)
		f.must(f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: hostile}, f.Event("branding.changed", "")))
		f.trusted(hostile)
		app := f.Factors(t, eve).Authenticators[0].ID
		one := f.opens(p, "/method?of="+app)
		pages := []visitor.Page{one, f.Follow(f.Post(one, "rename", "name", hostile))}
		adding := f.opens(p, "/add")
		pages = append(pages, adding, f.proven(adding, "add", "method", hostile), f.proven(adding, "add", "method", "totp"))
		adding = f.opens(p, "/add")
		pages = append(pages, f.Follow(f.proven(adding, "add", "method", "email")))
		pages = append(pages, f.opens(p, ""), f.Post(pages[len(pages)-1], "confirm", "code", hostile), f.Follow(f.Post(pages[len(pages)-1], "confirm", "code", f.code(user.By(user.Confirm, org.Email)), "name", hostile)))
		moving := f.opens(p, "/recovery")
		pages = append(pages, moving, f.proven(moving, "recovery", "recovery_email", hostile, "recovery_email_again", hostile))
		moving = f.Follow(f.proven(moving, "recovery", "recovery_email", "a@new.example", "recovery_email_again", "a@new.example"))
		pages = append(pages, moving, f.Follow(f.Post(moving, "confirm", "code", f.code(user.VerifyRecovery))), f.opens(p, "/recovery"))
		password := f.opens(p, "/password")
		pages = append(pages, password, f.proven(password, "password", "service", hostile), f.proven(password, "password", "service", "imap", "name", hostile))
		for task := range strings.FieldsSeq("codes off view revoke method add recovery password confirm") {
			for _, by := range []string{"totp", "email", hostile} {
				pages = append(pages, f.Follow(f.opens(p, "/"+task+"?of="+url.QueryEscape(f.password())+"&by="+url.QueryEscape(by))))
			}
			pages = append(pages, f.Follow(f.opens(p, "/"+task+"?of="+url.QueryEscape(hostile))))
		}
		f.Clock.Advance(user.SendInterval)
		pages = append(pages, f.Follow(f.Post(f.opens(p, "/codes?by=email"), "send")), f.opens(p, "?done="+url.QueryEscape(hostile)), f.opens(p, ""))
		pages = append(pages, f.proven(f.opens(p, "/codes?by=totp"), "codes"), f.proven(f.opens(p, "/off?by=totp"), "off"), f.opens(p, ""), f.enter())
		for at, p := range pages {
			if p.Status >= 500 || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, "onerror=alert(1)>\"") || strings.Contains(p.HTML, "ZgotmplZ") {
				t.Errorf("%s, page %d: %d %s", l, at, p.Status, p.HTML)
			}
			if !strings.Contains(p.HTML, `<html lang="`+string(l)+`"`) {
				t.Errorf("%s, page %d (%s) is in another language", l, at, p.Path)
			}
		}
	}
}

// password is the id of eve's first app password; empty where there is none.
func (f *fixture) password() string {
	f.t.Helper()
	all, err := f.Enroll.AppPasswords(f.t.Context(), f.Application, f.eve())
	f.must(err)
	if len(all) == 0 {
		return ""
	}
	return all[0].ID
}

// Whatever happens to a user has words of its own.
func TestEveryEventOfAUserHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../audit/audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	say, seen := words.Pages(words.English), 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Kind" {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		about, _, _ := strings.Cut(kind, ".")
		if !strings.Contains(" user authenticator device devices recovery recovery_codes recovery_email bypass ticket app_password announcements ", " "+about+" ") {
			return true
		}
		// A deleted user has no page, and a lock is in the sign-in log alone.
		if seen++; kind != "user.deleted" && kind != "user.locked" && !say.Has("account.activity."+kind) {
			t.Errorf("%s has no words", kind)
		}
		return true
	})
	if seen < 30 {
		t.Errorf("%d kinds were found", seen)
	}
}
