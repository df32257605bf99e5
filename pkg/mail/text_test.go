package mail

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// speaking is an organisation of a name that speaks a language.
func speaking(language words.Language, name string) voice {
	return Organization{Organization: org.Organization{ID: "acme", Name: name}}.voice(string(language))
}

var acmeSays = speaking(words.English, "Acme")

// eventKinds are the events that there are notices of.
func eventKinds(prefix string) []audit.Kind {
	var found []audit.Kind
	for _, key := range words.In(words.English).Keys() {
		rest, is := strings.CutPrefix(key, prefix)
		kind, heading := strings.CutSuffix(rest, ".heading")
		if is && heading && !strings.HasSuffix(kind, ".imported") && !strings.HasSuffix(kind, ".bypass") {
			found = append(found, audit.Kind(kind))
		}
	}
	return found
}

// things are what changes are of.
var things = []stepup.Thing{stepup.Policy, stepup.Entitlements, stepup.Allowances, stepup.Key, stepup.People, stepup.Self, stepup.Application}

// purposes are all that a code is mailed for.
func purposes() []user.Purpose {
	all := []user.Purpose{user.ProveLogin, user.VerifyRecovery, user.Recover}
	for _, a := range append(user.Changes(), user.SignIn, user.Confirm) {
		all = append(all, user.By(a, org.Email))
	}
	return all
}

// firefox is where a code was asked from.
var firefox = user.OriginOf("192.0.2.7", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0")

// letters are one of each kind, in a voice, made from words that somebody hostile may have chosen.
func letters(v voice, chosen string) map[string]letter {
	all := map[string]letter{}
	o := Organization{Organization: org.Organization{ID: "acme", Name: chosen, Policy: org.Policy{Status: org.Forced, EnforceFrom: noon, GraceDays: 14}}, Branding: v.branding}
	o.Branding.Language = string(v.Language())
	for _, thing := range things {
		all["step-up "+string(thing)] = stepUpLetter(v, Proposal{
			Thing: thing, Organization: chosen, Email: "adam@example.com", Changes: map[string]string{"status": "enabled → forced", "name": chosen}, Seen: "192.0.2.1",
		}, "12345678")
	}
	for _, p := range purposes() {
		all["code "+string(p)] = codeLetter(v, "ann@example.com", p, "12345678", firefox, noon)
	}
	for _, kind := range eventKinds("notice.") {
		e := audit.Event{
			At: noon, Kind: kind, Organization: "acme", Role: "org_admin", Actor: chosen, Key: "0123abcd", Claimed: "192.0.2.7", Reason: chosen,
			Details: map[string]string{"name": chosen},
		}
		if strings.HasPrefix(string(kind), "user.") || forAdministrators[kind] {
			e.User = "ann"
		}
		all["notice "+string(kind)] = noticeLetter(v, "ann@example.com", e)
	}
	for _, kind := range eventKinds("system.") {
		e := audit.Event{At: noon, Kind: kind, Role: "system_admin", Actor: "root", Key: "0123abcd", Details: map[string]string{"name": chosen}}
		all["system "+string(kind)] = noticeLetter(v, "root@vendor.example", e)
	}
	imported := audit.Event{At: noon, Kind: audit.UserEnrolled, Organization: "acme", User: "ann", Details: map[string]string{"imported": "true", "method": "totp"}}
	all["notice user.enrolled.imported"] = noticeLetter(v, "ann@example.com", imported)
	bypassed := audit.Event{At: noon, Kind: audit.RecoveryUsed, Organization: "acme", User: "ann", Details: map[string]string{"way": "bypass_code", "codes_left": "7"}}
	all["notice recovery.used.bypass"] = noticeLetter(v, "ann@example.com", bypassed)
	all["notice more"] = moreLetter(all["notice user.reset"])
	p := user.Profile{User: "ann", Email: "ann@example.com", Language: string(v.Language())}
	for name, c := range map[string]struct {
		r     recipient
		round int
	}{
		"announcement": {recipient{obliged: true}, 0}, "reminder": {recipient{obliged: true}, 1}, "announcement enrolled": {recipient{obliged: true, enrolled: true}, 0},
		"announcement offered": {recipient{}, 0}, "announcement already": {recipient{obliged: true, already: true}, 0},
	} {
		c.r.profile, c.r.deadline = p, noon.Add(14*24*time.Hour)
		all[name] = announcementLetter(c.r, o, org.Announcement{Round: c.round, ByHand: &org.ByHand{Message: chosen}})
	}
	all["arrival"] = arrivalLetter(v, Proposal{Organization: chosen, Email: "adam@example.com", Seen: "192.0.2.1"}, "12345678")
	all["invitation"] = invitationLetter(org.Administrator{ID: "bea", Email: "bea@example.com", Permissions: []string{"policy:write"}}, o, "ABCDEFGHJKMNPQRS")
	all["system invitation"] = invitationLetter(org.Administrator{ID: "cai", Email: "cai@vendor.example"}, vendor, "ABCDEFGHJKMNPQRS")
	all["saved-codes"] = savedCodesLetter(v, "ann@example.com", "ann", []string{"abcd-efgh-jkmn-p", "bcde-fghj-kmnp-q"})
	return all
}

// all are the messages of the letters, as the system's sender would stand in for them.
func all(language words.Language, chosen string) map[string]Message {
	messages := map[string]Message{}
	for name, l := range letters(speaking(language, chosen), chosen) {
		messages[name] = l.standingIn()
	}
	return messages
}

func TestEveryMessageIsWhole(t *testing.T) {
	for _, language := range words.Languages() {
		tags := map[string]string{}
		for kind, m := range all(language, "Acme") {
			if m.To == "" || m.Subject == "" || m.Tag == "" || !strings.HasPrefix(m.HTML, "<!doctype html>") || !strings.HasSuffix(strings.TrimSpace(m.HTML), "</html>") {
				t.Errorf("%s %s: not whole: %+v", language, kind, m)
			}
			for _, body := range []string{m.Text, m.HTML} {
				if !strings.Contains(body, "Acme") && kind != "system invitation" || strings.Contains(body, "<no value>") || strings.Contains(body, "ZgotmplZ") || strings.ContainsAny(m.Text, "{}") {
					t.Errorf("%s %s: a body lacks something: %q", language, kind, body)
				}
				carries := strings.HasPrefix(kind, "code") || strings.HasPrefix(kind, "step-up") || kind == "arrival"
				if strings.Contains(body, "12345678") != carries {
					t.Errorf("%s %s: holds a code: %v", language, kind, !carries)
				}
			}
			if before, taken := tags[m.Tag]; taken && !sameTag(kind, before) {
				t.Errorf("%s and %s have one tag", before, kind)
			}
			tags[m.Tag] = kind
			if strings.Trim(m.Tag, "abcdefghijklmnopqrstuvwxyz-_") != "" {
				t.Errorf("%s: the tag %q is none for a provider", kind, m.Tag)
			}
		}
	}
}

// sameTag: what is one event to the statistics may be told in several ways.
func sameTag(a, b string) bool {
	_, a, _ = strings.Cut(a, " ")
	_, b, _ = strings.Cut(b, " ")
	return strings.HasPrefix(a, b) || a == "enrolled" || b == "enrolled" || a == "offered" || b == "offered" || strings.HasPrefix(b, a) || strings.HasSuffix(a, "invitation")
}

// No subject and no preview holds what the mail is a secret for: both are shown on locked screens.
func TestNoSecretInASubjectOrAPreview(t *testing.T) {
	for _, language := range words.Languages() {
		for kind, m := range all(language, "Acme") {
			preview := between(m.HTML, `overflow:hidden">`, "</div>")
			for _, secret := range []string{"12345678", "ABCD", "abcd-efgh"} {
				if strings.Contains(m.Subject, secret) || strings.Contains(preview, secret) {
					t.Errorf("%s %s shows a secret: %q, %q", language, kind, m.Subject, preview)
				}
			}
			if carries := strings.Contains(m.HTML, "user-select:all") && kind != "saved-codes"; carries && strings.Count(preview, "&nbsp;") < 100 {
				t.Errorf("%s %s: nothing keeps the code out of the preview", language, kind)
			}
		}
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// A code is alone in its element, without anything inside, and alone on its line of plain text.
func TestACodeIsEasyToCopy(t *testing.T) {
	for kind, m := range all(words.English, "Acme") {
		if !strings.HasPrefix(kind, "code") {
			continue
		}
		if !strings.Contains(m.HTML, `user-select:all" dir="ltr" translate="no">12345678</p>`) {
			t.Errorf("%s: not one selectable block: %s", kind, m.HTML)
		}
		if !slices.Contains(strings.Split(m.Text, "\n"), "12345678") {
			t.Errorf("%s: no line of its own: %s", kind, m.Text)
		}
	}
}

func TestACodeSaysWhereItWasAskedFrom(t *testing.T) {
	for _, c := range []struct {
		from user.Origin
		said string
	}{
		{firefox, "- Asked from: 192.0.2.7, Firefox on Windows\n"},
		{user.OriginOf("2001:db8::7", "curl/8"), "- Asked from: 2001:db8::7\n"},
		{user.OriginOf("::ffff:192.0.2.7", "x Safari/1"), "- Asked from: 192.0.2.7, Safari\n"},
		{user.OriginOf("", "Android"), "- Asked from: Android\n"},
		{user.Origin{Browser: 99, System: 99}, ""},
	} {
		m := codeLetter(acmeSays, "ann@example.com", user.Recover, "12345678", c.from, noon).message()
		if !strings.Contains(m.Text, c.said) || strings.Contains(m.Text, "Asked from") != (c.said != "") || !strings.Contains(m.Text, "- Asked at: 22 November 2026, 12:00 UTC\n") {
			t.Errorf("%+v: says\n%s", c.from, m.Text)
		}
	}
}

// The change's id binds the event to its proposal and tells a reader nothing; words of ours are translated, names stay.
func TestDetailsInWords(t *testing.T) {
	details := map[string]string{
		"status": "enabled → forced", "grace_days": "0 → 1", "change": "p1", "methods": "totp → totp,email", "user": "nobody → forced",
		"enforce_from": " → 2026-11-22T12:00:00Z", "enforcement": "inherit → exempt until 1 December 2026, 12:00 UTC", "later": "true", "name": "forced",
	}
	lines := func(language words.Language) (out []string) {
		for _, f := range speaking(language, "Acme").details(details) {
			out = append(out, f.Line)
		}
		return out
	}
	if got, want := lines("en"), []string{
		"Enforced from: → 22 November 2026, 12:00 UTC", "Enforcement: as the policy says → exempt until 1 December 2026, 12:00 UTC", "Days of grace: 0 → 1",
		"later: true", "Methods: authenticator app → authenticator app, email", "Name: forced", "Status: enabled → forced", "User: nobody → forced",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got, want := lines("fr"), []string{
		"Imposé à partir du : → 22 novembre 2026, 12:00 UTC", "Obligation : selon la politique → dispensé jusqu'au 1 décembre 2026, 12:00 UTC", "Jours de délai : 0 → 1",
		"later : true", "Méthodes : application d'authentification → application d'authentification, e-mail", "Nom : forced", "Statut : facultatif → imposé", "Utilisateur : personne → forced",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestANoticeSaysWhenWhereAndWhy(t *testing.T) {
	e := audit.Event{At: noon, Kind: audit.UserReset, User: "ann", Claimed: "192.0.2.1", Reason: "lost phone"}
	m := noticeLetter(acmeSays, "ann@example.com", e).message()
	for _, word := range []string{"When: 22 November 2026, 12:00 UTC", "From the address: 192.0.2.1", "Reason given: lost phone"} {
		if _, value, _ := strings.Cut(word, ": "); !strings.Contains(m.Text, word) || !strings.Contains(m.HTML, value) {
			t.Errorf("the notice lacks %q", word)
		}
	}
	m = noticeLetter(acmeSays, "ann@example.com", audit.Event{At: noon, Kind: audit.UserReset, User: "ann"}).message()
	if strings.Contains(m.Text, "From the address") || strings.Contains(m.Text, "Reason given") {
		t.Error("the notice says what nobody knows")
	}
}

// An administrator must learn whose authenticator it is.
func TestASuspensionNamesTheUser(t *testing.T) {
	m := noticeLetter(acmeSays, "adam@example.com", audit.Event{At: noon, Kind: audit.UserSuspended, User: "u-4711"}).message()
	if !strings.Contains(m.Text, "u-4711") {
		t.Error("the notice does not say whose")
	}
}

// Every text of a letter is one of some letter here, so that none is looked at by nobody.
func TestNoticesHaveWords(t *testing.T) {
	for _, kind := range []audit.Kind{
		audit.UserEnrolled, audit.UserDisabled, audit.UserReset, audit.RecoveryUsed, audit.UserSuspended, audit.PolicyChanged, audit.BrandingChanged,
		audit.SenderLost, audit.SenderRemoved, audit.SenderClaimed, audit.WebhookSet, audit.WebhookRemoved, audit.WebhookDisabled, audit.WebhookRenewed, audit.WebhookReplayed, audit.AdministratorMoved, audit.AdministratorLinked,
	} {
		if !acmeSays.Has("notice."+string(kind)+".heading") || !acmeSays.Has("notice."+string(kind)+".lead") {
			t.Errorf("%s has no words", kind)
		}
	}
}
