package mail

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

var (
	// written are details as workflows write them one by one, and several at once.
	written = regexp.MustCompile(`(?:[dD]etails|told|d)\["([a-z_.]+)"\](?:, [a-z.D]+\["[a-z_.]+"\])* =`)
	listed  = regexp.MustCompile(`(?:[dD]etails|told|d) :?= map\[string\]string\{(.*)\}|(?:vent|nding)\(.*map\[string\]string\{(.*)\}|return map\[string\]string\{("users.*|"system.*)\}`)
	keyed   = regexp.MustCompile(`"([a-z_.]+)":`)
)

// Whatever a workflow writes into an event or a proposal has a label, in every language by the test of languages, or is left out.
func TestEveryDetailHasALabel(t *testing.T) {
	found := map[string]string{}
	for _, pkg := range strings.Fields("branding enroll login mail people policy sender signin stepup user verify") {
		files, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range written.FindAllStringSubmatch(string(source), -1) {
				found[m[1]] = file
			}
			for _, m := range listed.FindAllStringSubmatch(string(source), -1) {
				for _, key := range keyed.FindAllStringSubmatch(strings.Join(m[1:], " "), -1) {
					found[key[1]] = file
				}
			}
		}
	}
	for name := range everySetting() {
		found[name] = "the policy"
	}
	for name := range everyEntitlement() {
		found[name] = "the entitlements"
	}
	if len(found) < 50 {
		t.Errorf("only %d details were found: the workflows write them in another way", len(found))
	}
	for name, where := range found {
		if !omitted(name, nil) && !acmeSays.Has("detail."+name) {
			t.Errorf("%s, of %s, has no label", name, where)
		}
	}
}

func everySetting() map[string]string {
	p := org.DefaultOrganizationPolicy(noon)
	q := org.Policy{
		Status: org.Forced, Methods: []org.Method{org.SMS}, EnforceFrom: noon, GraceDays: 1, RememberDevice: true, RememberDays: 2, AppPasswordServices: []string{"imap"},
		Recovery: org.Recovery{Reenroll: true, MailCodes: true, DelayHours: 1}, EnrollmentProof: org.ProofTicket, RecoveryEmailDistinct: true, Outage: org.OutageOpen,
		SMSCountries: "DE", Retention: org.Retention{AuditDays: 400, SignInDays: 30},
	}
	return q.Differences(p)
}

func everyEntitlement() map[string]string {
	return org.Entitlements{TwoFactor: true, SMS: true, AppPasswords: true, Sender: true, UserLimit: 1, SMSPerDay: 1, SMSCountries: "DE"}.Differences(org.Entitlements{})
}

// Every word of ours that a setting can have is in the language: none is left as it is stored.
func TestSettingsAreInWords(t *testing.T) {
	v := speaking(words.Language("de"), "Acme")
	for _, details := range []map[string]string{everySetting(), everyEntitlement()} {
		for name, value := range details {
			for side := range strings.SplitSeq(v.Told(name, value), " → ") {
				for part := range strings.SplitSeq(side, ", ") {
					stored := strings.Trim(part, "0123456789") != "" && strings.Contains(value, part) && !strings.Contains("SMS DE imap", part)
					if _, err := time.Parse(time.RFC3339, part); stored || err == nil {
						t.Errorf("%s: %q is told as it is stored: %q", name, value, part)
					}
				}
			}
		}
	}
	if got := v.Told("until", noon.Add(time.Hour).Format(time.RFC3339)); got != "22. November 2026, 13:00 UTC" {
		t.Error(got)
	}
}
