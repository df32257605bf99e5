package user_test

import (
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var (
	entitled = org.Entitlements{TwoFactor: true}
	tomorrow = noon.AddDate(0, 0, 1)
)

func exempt(until time.Time, reason string) user.Enforcement {
	return user.Enforcement{Kind: user.Exempt, Until: until, Reason: reason}
}

func TestWhatMayBeSetForOneUser(t *testing.T) {
	longest := strings.Repeat("ü", 200)
	for name, c := range map[string]struct {
		want        user.Enforcement
		entitled    org.Entitlements
		code, field string // empty: it may be set
	}{
		"required":                     {user.Enforcement{Kind: user.Required}, entitled, "", ""},
		"required, with a reason":      {user.Enforcement{Kind: user.Required, Reason: "handles payments"}, entitled, "", ""},
		"required, not entitled":       {user.Enforcement{Kind: user.Required}, org.Entitlements{}, "not_available", "enforcement"},
		"required until a date":        {user.Enforcement{Kind: user.Required, Until: tomorrow}, entitled, "invalid_enforcement", "until"},
		"required, reason of lines":    {user.Enforcement{Kind: user.Required, Reason: "a\nb"}, entitled, "invalid_enforcement", "reason"},
		"inherit":                      {user.Enforcement{}, org.Entitlements{}, "", ""},
		"inherit until a date":         {user.Enforcement{Until: tomorrow}, entitled, "invalid_enforcement", "until"},
		"exempt":                       {exempt(tomorrow, "phone lost"), entitled, "", ""},
		"exempt, the longest reason":   {exempt(tomorrow, longest), entitled, "", ""},
		"exempt, a longer reason":      {exempt(tomorrow, longest+"!"), entitled, "invalid_enforcement", "reason"},
		"exempt for ever":              {exempt(time.Time{}, "phone lost"), entitled, "invalid_enforcement", "until"},
		"exempt until now":             {exempt(noon, "phone lost"), entitled, "invalid_enforcement", "until"},
		"exempt for 90 days":           {exempt(noon.AddDate(0, 0, 90), "phone lost"), entitled, "", ""},
		"exempt for a moment more":     {exempt(noon.AddDate(0, 0, 90).Add(1), "phone lost"), entitled, "invalid_enforcement", "until"},
		"exempt without a reason":      {exempt(tomorrow, ""), entitled, "invalid_enforcement", "reason"},
		"exempt for a blank":           {exempt(tomorrow, "  "), entitled, "invalid_enforcement", "reason"},
		"exempt, reason of two lines":  {exempt(tomorrow, "a\r\nBcc: x"), entitled, "invalid_enforcement", "reason"},
		"exempt, reason read backward": {exempt(tomorrow, "a\u202eb"), entitled, "invalid_enforcement", "reason"},
		"exempt, reason no UTF-8":      {exempt(tomorrow, "a\xff"), entitled, "invalid_enforcement", "reason"},
		"a word that is none":          {user.Enforcement{Kind: "perhaps"}, entitled, "invalid_enforcement", "enforcement"},
	} {
		err := c.want.Check(c.entitled, noon)
		if got := fault.As(err); err == nil && c.code != "" || err != nil && (got.Code != c.code || got.Field != c.field) {
			t.Errorf("%s: got %v, want %q at %q", name, err, c.code, c.field)
		}
	}
}

// What stands may be any of these, and so may what is set; "lapsed" is an exemption whose end has passed.
var enforcements = map[string]user.Enforcement{
	"inherit": {}, "required": {Kind: user.Required}, "lapsed": exempt(noon, "r"),
	"short": exempt(noon.Add(time.Hour), "r"), "long": exempt(tomorrow, "r"),
}

func TestStricterAndFreeing(t *testing.T) {
	stricter := map[string]string{
		"inherit": "short long", "required": "inherit lapsed short long", "lapsed": "short long", "short": "long", "long": "",
	}
	frees := map[string]string{
		"inherit": "", "required": "", "lapsed": "", "short": "inherit required lapsed", "long": "inherit required lapsed short",
	}
	for is, set := range enforcements {
		for was, stood := range enforcements {
			if got, want := set.Stricter(stood, noon), within(stricter[is], was); got != want {
				t.Errorf("%s in the place of %s: stricter %v", is, was, got)
			}
			if got, want := set.Frees(stood, noon), within(frees[is], was); got != want {
				t.Errorf("%s in the place of %s: frees %v", is, was, got)
			}
			if got := set.Same(stood); got != (is == was) {
				t.Errorf("%s in the place of %s: the same %v", is, was, got)
			}
		}
	}
}

func within(words, word string) bool { return strings.Contains(" "+words+" ", " "+word+" ") }

func TestTheSameForAnotherReasonIsAChange(t *testing.T) {
	stands := exempt(tomorrow, "phone lost")
	stands.SetBy, stands.SetAt = "ann", noon
	if !exempt(tomorrow, "phone lost").Same(stands) {
		t.Error("who set it and when makes a difference")
	}
	if exempt(tomorrow, "phone found").Same(stands) {
		t.Error("the reason makes no difference")
	}
	if !(user.Enforcement{Reason: "never mind"}).Same(user.Enforcement{}) {
		t.Error("clearing what is clear is a change")
	}
}

func TestKillLeavesWhatIsEnrolled(t *testing.T) {
	f := user.Factors{Organization: "o", User: "u", Rev: 3, Epoch: 7, Deliver: "c", Challenges: []user.Challenge{{ID: "c"}}}
	f.Authenticators = []user.Authenticator{{ID: "a", Method: org.TOTP}}
	f.RecoveryCodes = user.RecoveryCodes{Generation: 2, Used: 3}
	f.Throttle.Consecutive = 4
	k := f.Kill()
	if k.Epoch != 8 || k.Rev != 4 || len(k.Challenges) != 0 || k.Deliver != "" {
		t.Errorf("what was issued lives on: %+v", k)
	}
	if len(k.Authenticators) != 1 || k.RecoveryCodes != f.RecoveryCodes || k.Throttle.Consecutive != 4 {
		t.Errorf("what was enrolled or counted is gone: %+v", k)
	}
}
