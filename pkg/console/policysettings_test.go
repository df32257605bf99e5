package console

import (
	"maps"
	"slices"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

var noon = time.Date(2026, 11, 22, 12, 0, 42, 0, time.UTC)

// other is a policy that has every setting otherwise than the default.
func other() org.Policy {
	return org.Policy{
		Status: org.Forced, Methods: []org.Method{org.SMS, org.TOTP}, EnforceFrom: noon, GraceDays: 14, RememberDevice: true, RememberDays: 7,
		AppPasswordServices: []string{"smtp", "imap"}, Recovery: org.Recovery{Reenroll: true, MailCodes: true, DelayHours: 48}, EnrollmentProof: org.ProofTicket,
		RecoveryEmailDistinct: true, Outage: org.OutageOpen, SMSCountries: "AT,DE", Retention: org.Retention{AuditDays: 400, SignInDays: 30},
	}
}

// Whatever a policy can say has a field and words; nothing else has.
func TestEverySettingIsShown(t *testing.T) {
	var shown []string
	for _, s := range policySettings {
		shown = append(shown, s.name)
	}
	slices.Sort(shown)
	if all := slices.Sorted(maps.Keys(other().Differences(org.DefaultOrganizationPolicy(noon)))); !slices.Equal(all, shown) {
		t.Errorf("a policy has %v, and shown are %v", all, shown)
	}
	for _, l := range words.Languages() {
		v := &visit{say: words.Console(l)}
		before, after := org.DefaultOrganizationPolicy(noon), other()
		changes := v.alterations(after, before)
		if len(changes) != len(policySettings) || len(v.alterations(after, after)) != 0 {
			t.Errorf("%s: %d changes", l, len(changes))
		}
		for _, c := range changes {
			if c.Before == c.After || c.Before == "" || c.After == "" || c.Name == "" {
				t.Errorf("%s: %+v", l, c)
			}
		}
	}
}

// A form that is sent as it was shown is the policy that it was made from, to the second, and in the same order.
func TestAFormSaysWhatItWasMadeFrom(t *testing.T) {
	for _, p := range []org.Policy{org.DefaultOrganizationPolicy(noon), other(), {Version: 3, Status: org.Disabled}} {
		f := formOf(p, p.Version)
		if got := f.policy(p); !got.Same(p) {
			t.Errorf("%v", got.Differences(p))
		}
	}
	got := formOf(other(), 1).policy(org.DefaultOrganizationPolicy(noon))
	if all := slices.Sorted(maps.Keys(got.Differences(other()))); !slices.Equal(all, []string{"enforce_from", "methods"}) || !got.EnforceFrom.Equal(noon.Truncate(time.Minute)) {
		t.Errorf("of another policy: %v", all)
	}
}

// Methods that stay keep their place, and others come behind them.
func TestMethodsKeepTheirOrder(t *testing.T) {
	for _, c := range []struct{ stand, typed, want []string }{
		{[]string{"sms", "totp"}, []string{"totp", "email", "sms"}, []string{"sms", "totp", "email"}},
		{[]string{"email"}, []string{"totp"}, []string{"totp"}},
		{[]string{"totp"}, nil, nil},
		{[]string{"totp"}, []string{"totp", "fax", "fax"}, []string{"totp", "fax", "fax"}},
	} {
		var p org.Policy
		takeMethods(&p, c.stand)
		takeMethods(&p, c.typed)
		if got := fillMethods(p); !slices.Equal(got, c.want) {
			t.Errorf("%v, then %v: %v", c.stand, c.typed, got)
		}
	}
}

// What belongs to a status or a method is given up with it, and what was typed anew is not.
func TestWhatIsGivenUpWithItsSetting(t *testing.T) {
	stands := other()
	f := formOf(stands, 1)
	f.values["status"], f.values["methods"] = []string{"enabled"}, []string{"totp"}
	if p := f.policy(stands); !p.EnforceFrom.IsZero() || p.SMSCountries != "" {
		t.Errorf("%v %q", p.EnforceFrom, p.SMSCountries)
	}
	f.values["enforce_from"], f.values["sms_countries"] = []string{"2027-01-01T00:00"}, []string{"de"}
	if p := f.policy(stands); p.EnforceFrom.IsZero() || p.SMSCountries != "DE" {
		t.Errorf("%v %q", p.EnforceFrom, p.SMSCountries)
	}
}

// What cannot be read is never a setting that somebody might have meant.
func TestWhatCannotBeReadIsRefused(t *testing.T) {
	granted := org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "AT,DE", AppPasswords: true}
	stands := org.DefaultOrganizationPolicy(noon)
	for name, bad := range map[string][]string{
		"grace_days": {"", "x", "1.5", "-1", "9999999999999999999999", "0x1"}, "remember_days": {"", "x", "31"}, "recovery.delay_hours": {"", "x"},
		"retention.audit_days": {"0", "x", "365"}, "retention.sign_in_days": {"", "0", "x", "91"}, "enforce_from": {"tomorrow", "0001-01-01T00:00", "2026-11-21T12:00"},
		"status": {"", "on"}, "enrollment_proof": {"", "nothing"}, "outage": {""}, "methods": {"", "fax"}, "app_password_services": {"web", "a/b", "imap imap"}, "sms_countries": {"XX", "A"},
	} {
		for _, typed := range bad {
			f := formOf(stands, 1)
			f.values["status"], f.values["methods"] = []string{"forced"}, []string{"totp", "sms"}
			f.values[name] = []string{typed}
			if name == "sms_countries" {
				f.values["methods"] = []string{"sms"}
			}
			if err := f.policy(stands).Check(granted, stands, noon); !unwritable(err) || (&visit{say: words.Console(words.English)}).fieldError(err, name) == "" {
				t.Errorf("%s %q: %v", name, typed, err)
			}
		}
	}
}
