package console_test

import (
	"net/http"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

const hostilePolicyText = `<img src=x onerror=alert(1)>"'&`

// Every page of the policy and of announcements in every language, with whatever names there are: nothing is missing, and nothing is HTML that is not ours.
func TestPolicyAndAnnouncementsInEveryLanguage(t *testing.T) {
	for _, l := range words.Languages() {
		f := newFixture(t)
		f.Accept = string(l)
		f.must(f.store.WriteBranding(t.Context(), org.Branding{Organization: anOrganization, Rev: 1, Name: hostilePolicyText}, f.Event("branding.changed", "")))
		f.entitled()
		f.ann()
		f.enacted(3, hostilePolicyText, func(p *org.Policy) {
			p.Status, p.EnforceFrom, p.Methods, p.SMSCountries = org.Forced, f.Clock.Now(), []org.Method{org.SMS, org.TOTP, org.Email}, "AT"
			p.AppPasswordServices, p.GraceDays = []string{"imap"}, p.GraceDays+1
		})
		f.Enrolled(t, hostilePolicyText)
		f.Login(t, hostilePolicyText+"2")
		f.counted(map[user.Class]int{{}: 3, {Methods: "totp", Services: hostilePolicyText}: 2, {Methods: "email", Suspended: true}: 1})
		pages := []visitor.Page{f.opens("/policy"), f.opens("/policy/history"), f.opens("/policy/edit"), f.opens("/announcements"), f.opens("/announcements/new")}
		dirty := f.edited("grace_days", hostilePolicyText, "methods", hostilePolicyText, "enforce_from", hostilePolicyText, "app_password_services", hostilePolicyText, "sms_countries", hostilePolicyText, "status", hostilePolicyText, "base", hostilePolicyText)
		pages = append(pages, dirty, f.edited("grace_days", hostilePolicyText), f.edited("app_password_services", hostilePolicyText), f.edited("methods", hostilePolicyText))
		tried := f.edited("app_password_services", "pop", "grace_days", "9", "recovery.mailed_code", "", "recovery.saved_codes", "", "remember_device", "yes")
		editor := f.opens("/policy/edit")
		waits := f.Follow(f.sendsForm(tried, "/policy/propose"))
		pages = append(pages, tried, waits, f.sendsForm(waits, waits.Path, "code", hostilePolicyText), f.sendsForm(waits, "/policy/edit"))
		for _, g := range []policy.Group{"let_in", "exempt", "within_grace", "verify", "must_enroll", "suspended", "method_not_allowed", "recovery_impossible", "exemption_ending", "locked_out", "client_refused"} {
			for _, later := range []string{"", "&later=yes"} {
				page := f.opens("/policy/users?group=" + string(g) + later).Sees(200)
				pages = append(pages, page, f.Send(http.MethodGet, waits.Path+"/users?group="+string(g)+later, nil).Sees(200))
			}
		}
		f.enacted(1, hostilePolicyText, func(p *org.Policy) { p.EnrollmentProof = org.ProofPassword })
		pages = append(pages, f.sendsForm(editor, "/policy/dry-run"), f.sendsForm(tried, "/policy/propose"), f.opens(waits.Path[strings.Index(waits.Path, "/policy"):]))
		pages = append(pages, f.announcing("message", hostilePolicyText, "at", hostilePolicyText, "to", hostilePolicyText), f.Follow(f.announcing("reminders", "yes", "message", `"'& 'x'`)))
		one := pages[len(pages)-1]
		pages = append(pages, f.opens("/announcements"), f.Follow(f.Post(one, "change", "to", "paused")), f.Post(one, "change", "to", hostilePolicyText), f.Follow(f.Post(one, "change", "to", "cancelled")))
		for at, p := range pages {
			if p.Status >= 500 || p.Status == http.StatusSeeOther || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, `onerror=alert(1)>"`) || strings.Contains(p.HTML, "ZgotmplZ") {
				t.Errorf("%s, page %d: %d %s", l, at, p.Status, p.HTML)
			}
			if !strings.Contains(p.HTML, `<html lang="`+string(l)+`"`) {
				t.Errorf("%s, page %d (%s) is in another language", l, at, p.Path)
			}
		}
	}
}
