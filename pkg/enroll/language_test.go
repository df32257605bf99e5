package enroll_test

import (
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
)

// The language is what the application last said; saying nothing, or the same, changes nothing, and another one kills nothing.
func TestALanguageIsKeptAndChanged(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	say := func(language string) enroll.User {
		t.Helper()
		u, err := f.Enroll.Register(t.Context(), f.Application, subject(eve), enroll.Account{Email: f.snapshot(eve).Profile.Email, Language: language})
		f.must(err)
		return u
	}
	epoch := f.Factors(t, eve).Epoch
	for _, c := range []struct {
		said, known string
		rev         int64
	}{{"", "", 1}, {"de-CH", "de-CH", 2}, {"de-CH", "de-CH", 2}, {"", "de-CH", 2}, {"fr", "fr", 3}} {
		u := say(c.said)
		if u.Profile.Language != c.known || f.snapshot(eve).Profile.Language != c.known || f.snapshot(eve).Profile.Rev != c.rev {
			t.Errorf("after %q: %q, revision %d", c.said, f.snapshot(eve).Profile.Language, f.snapshot(eve).Profile.Rev)
		}
	}
	if f.Factors(t, eve).Epoch != epoch {
		t.Error("another language has voided something")
	}
	var told []string
	for _, e := range f.events(audit.UserChanged) {
		told = append(told, e.Details["language"])
	}
	if len(told) != 2 || told[0] != "de-CH" || told[1] != "de-CH → fr" {
		t.Errorf("the audit says %q", told)
	}
}

func TestAnImportKnowsLanguages(t *testing.T) {
	f := newFixture(t)
	line := enroll.Line{User: "new", Account: enroll.Account{Email: address, Language: "it"}}
	for i, want := range []enroll.Outcome{enroll.Created, enroll.Unchanged, enroll.Updated} {
		if i == 2 {
			line.Language = "es"
		}
		got, err := f.bring(f.Application, line)
		f.must(err)
		if got[0].Outcome != want || f.snapshot("new").Profile.Language != line.Language {
			t.Errorf("%d: %+v, %q", i, got, f.snapshot("new").Profile.Language)
		}
	}
}
