package verify_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// mailing is a fixture whose enrolled eve has an app password for imap.
func mailing(t *testing.T) (f *fixture, password string) {
	t.Helper()
	f = newFixture(t)
	f.Offering(t, "imap", "smtp")
	f.Enrolled(t, eve)
	return f, f.AppPassword(t, eve, "imap")
}

func (f *fixture) check(id, service, password string) (verify.Checked, error) {
	return f.Verify.Check(f.t.Context(), f.Application, verify.Check{Organization: storetest.Organization, User: id, Service: service, Password: password})
}

// from is the same from another address.
func (f *fixture) from(address, id, service, password string) error {
	c := f.Application
	c.Claimed = address
	_, err := f.Verify.Check(f.t.Context(), c, verify.Check{Organization: storetest.Organization, User: id, Service: service, Password: password})
	return err
}

func (f *fixture) limit(address string) user.AppLimit {
	f.t.Helper()
	snap, err := f.store.ReadWithAppPasswords(f.t.Context(), f.Application.Credential, storetest.Organization, eve, address)
	f.must(err)
	return snap.AppLimit
}

func (f *fixture) appPasswords() user.AppPasswords {
	f.t.Helper()
	snap, err := f.store.ReadWithAppPasswords(f.t.Context(), f.Application.Credential, storetest.Organization, eve, "")
	f.must(err)
	return snap.AppPasswords
}

// guessed is a well-formed app password that nobody has.
func guessed(n int) string { return fmt.Sprintf("%028s", strings.Repeat("A", n)+"B") }

func TestARightAppPasswordLetsIn(t *testing.T) {
	f, password := mailing(t)
	for _, typed := range []string{password, strings.ToLower(password), strings.ReplaceAll(password, "-", ""), strings.ReplaceAll(password, "-", " ")} {
		got, err := f.check(eve, "imap", typed)
		f.must(err)
		if got.Let != verify.LetIn || got.AppPassword.Service != "imap" || got.Unnoted != nil || got.Decision.Reason != decision.AppPasswordRight ||
			got.Decision.Rule != decision.RuleServiceDenied || got.Decision.PolicyVersion != 2 {
			t.Errorf("%q: %+v", typed, got)
		}
	}
}

// Attack 31 and 32: the account password, another service's, another user's, another organisation's; all refused alike.
func TestWhatIsNoAppPasswordOfThisPlaceIsRefused(t *testing.T) {
	f, password := mailing(t)
	f.Enrolled(t, "mallory")
	mallorys := f.AppPassword(t, "mallory", "imap")
	f.untouched(eve, func() {
		for what, try := range map[string][3]string{
			"the account password": {eve, "imap", "correct horse"}, "nothing": {eve, "imap", ""}, "another user's": {eve, "imap", mallorys},
			"a guess": {eve, "imap", guessed(1)}, "for another service": {eve, "smtp", password}, "of eve, for mallory": {"mallory", "imap", password},
			"nearly": {eve, "imap", password[:len(password)-1]},
		} {
			got, err := f.check(try[0], try[1], try[2])
			refused(t, what, err, verify.ErrAppPassword)
			if !reflect.DeepEqual(got, verify.Checked{}) {
				t.Errorf("%s: tells %+v", what, got)
			}
		}
	})
	if _, err := f.check(eve, "web", password); !errors.Is(err, verify.ErrWeb) {
		t.Errorf("for the browser: %v", err)
	}
	c := f.System
	if _, err := f.Verify.Check(t.Context(), c, verify.Check{Organization: storetest.Organization, User: eve, Service: "web"}); !errors.Is(err, access.ErrRole) {
		t.Errorf("for the browser, by somebody who may not ask: %v", err)
	}
}

// Where no app password is needed, the answer says that the account password is still to be checked, and no password was compared.
func TestWhoNeedsNoAppPassword(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(f *fixture)
		id     string
		let    verify.Let
		reason decision.Reason
	}{
		"nobody enrolled": {nil, "new", verify.AccountPassword, decision.NotEnrolled},
		"within grace": {func(f *fixture) {
			f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 3 })
		}, "new", verify.AccountPassword, decision.InGrace},
		"policy off": {func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) }, eve, verify.AccountPassword, decision.PolicyDisabled},
		"no entitlement": {func(f *fixture) {
			f.organization(func(o *org.Organization) { o.Entitlements.TwoFactor = false })
		}, eve, verify.AccountPassword, decision.NotAvailable},
		"no app passwords": {func(f *fixture) {
			f.organization(func(o *org.Organization) { o.Entitlements.AppPasswords = false })
		}, eve, verify.Refuse, decision.AppPasswordsNotBought},
		"service gone": {func(f *fixture) {
			f.policy(func(p *org.Policy) { p.AppPasswordServices = []string{"smtp"} })
		}, eve, verify.Refuse, decision.ServiceNotOffered},
	} {
		f, password := mailing(t)
		if c.set != nil {
			c.set(f)
		}
		before := f.appPasswords()
		for _, typed := range []string{password, "correct horse", guessed(2)} {
			got, err := f.check(c.id, "imap", typed)
			if err != nil || got.Let != c.let || got.Decision.Reason != c.reason {
				t.Errorf("%s: %s, %s, %v", name, got.Let, got.Decision.Reason, err)
			}
		}
		if !reflect.DeepEqual(f.appPasswords(), before) || f.limit("198.51.100.7").Rev != 0 || f.snapshot("new").Profile != nil {
			t.Errorf("%s: something was written", name)
		}
	}
}

// A stranger who is obliged from the first moment is refused as a user without an app password is, and registered by nothing.
func TestAUserNeverSeen(t *testing.T) {
	f, _ := mailing(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	for _, typed := range []string{"correct horse", guessed(1)} {
		_, err := f.check("nobody", "imap", typed)
		refused(t, typed, err, verify.ErrAppPassword)
	}
	if f.snapshot("nobody").Profile != nil || len(f.events("user.registered")) != 0 {
		t.Error("the check registered somebody")
	}
	_, err := f.Verify.Check(t.Context(), f.Application, verify.Check{Organization: "globex", User: eve, Service: "imap", Password: "x"})
	refused(t, "another organisation", err, access.ErrNotFound)
	_, err = f.Verify.Check(t.Context(), f.Administrator, verify.Check{Organization: storetest.Organization, User: eve, Service: "imap", Password: "x"})
	refused(t, "an administrator", err, access.ErrRole)
}

// Nobody gets in as a user who was deleted, whatever the policy is and whatever the account password would be.
func TestADeletedUserIsRefusedByTheCheck(t *testing.T) {
	f, password := mailing(t)
	f.must(f.Enroll.Delete(t.Context(), f.Application, enroll.Subject{Organization: storetest.Organization, User: eve}))
	for _, typed := range []string{password, "correct horse"} {
		_, err := f.check(eve, "imap", typed)
		refused(t, typed, err, verify.ErrAppPassword)
	}
	if left := f.appPasswords(); left.Rev != 0 {
		t.Errorf("of whoever was deleted is left %+v", left)
	}
}

// What an exemption frees of, it does not take away: the mail client goes on, and the account password serves beside it.
func TestAnExemptionLeavesAppPasswords(t *testing.T) {
	f, password := mailing(t)
	f.profile(eve, func(p *user.Profile) {
		p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now().AddDate(0, 0, 7)}
	})
	got, err := f.check(eve, "imap", password)
	if err != nil || got.Let != verify.LetIn || got.Decision.Rule != decision.RuleExemption {
		t.Errorf("the app password: %+v, %v", got, err)
	}
	for i := range throttle.FreeTries + 1 {
		got, err = f.check(eve, "imap", guessed(i+1))
		if err != nil || got.Let != verify.AccountPassword || got.Decision.Reason != decision.IsExempt {
			t.Errorf("a guess: %+v, %v", got, err)
		}
	}
	if n := len(f.limit("198.51.100.7").Throttle.Failures); n != throttle.FreeTries {
		t.Errorf("%d guesses were compared", n)
	}
	if got, err = f.check(eve, "imap", password); err != nil || got.Let != verify.AccountPassword {
		t.Errorf("while limited: %+v, %v", got, err)
	}
	if got, err = f.check(eve, "imap", "correct horse"); err != nil || got.Let != verify.AccountPassword {
		t.Errorf("the account password: %+v, %v", got, err)
	}
}

// The other limits are none of the app passwords', and theirs are none of the others'.
func TestAppPasswordsHaveALimitOfTheirOwn(t *testing.T) {
	f, password := mailing(t)
	f.factors(eve, func(x *user.Factors) {
		for range throttle.SuspendAfter {
			x.Throttle = x.Throttle.Fail(f.Clock.Now())
		}
	})
	if got, err := f.check(eve, "imap", password); err != nil || got.Let != verify.LetIn {
		t.Errorf("while suspended: %+v, %v", got, err)
	}
	f, password = mailing(t)
	for i := range 20 {
		refused(t, "a guess", f.from("203.0.113.9", eve, "imap", guessed(i%9+1)), verify.ErrAppPassword)
	}
	refused(t, "the right one, from where it is limited", f.from("203.0.113.9", eve, "imap", password), verify.ErrAppPassword)
	f.must(f.from("198.51.100.7", eve, "imap", password))
	f.must(f.from("", eve, "imap", password))
	f.counted(eve, 0)
	if n := len(f.limit("203.0.113.9").Throttle.Failures); n != throttle.FreeTries {
		t.Errorf("%d of 20 guesses were compared", n)
	}
	f.Clock.Advance(throttle.FirstDelay + time.Second)
	f.must(f.from("203.0.113.9", eve, "imap", password))
}

// An old mail client that goes on asking with what it has locks nothing out, not even at its own address, and costs one write.
func TestAnOldProgramLocksNobodyOut(t *testing.T) {
	f, password := mailing(t)
	for range 1000 {
		refused(t, "the old one", f.from("203.0.113.9", eve, "imap", guessed(3)), verify.ErrAppPassword)
		refused(t, "the account password", f.from("203.0.113.9", eve, "imap", "correct horse"), verify.ErrAppPassword)
	}
	f.must(f.from("203.0.113.9", eve, "imap", password))
	if l := f.limit("203.0.113.9"); l.Rev != 1 || len(l.Throttle.Failures) != 1 {
		t.Errorf("counted as %+v", l)
	}
}

func TestWhatKilledWhatWasIssuedKilledAppPasswords(t *testing.T) {
	for name, end := range map[string]func(f *fixture){
		"the epoch":              func(f *fixture) { f.factors(eve, func(x *user.Factors) { *x = x.Kill(); x.Rev-- }) },
		"its method not allowed": func(f *fixture) { f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} }) },
		"it is gone": func(f *fixture) {
			s := f.appPasswords()
			s = s.Without(s.All[0].ID)
			f.must(f.store.Write(f.t.Context(), user.Change{AppPasswords: &s}))
		},
		"its service is another's today": func(f *fixture) { f.policy(func(p *org.Policy) { p.AppPasswordServices = []string{"smtp", "pop"} }) },
	} {
		f, password := mailing(t)
		if end(f); name == "the epoch" && f.Factors(t, eve).Epoch == 0 {
			t.Fatal("the epoch was not raised")
		}
		if got, err := f.check(eve, "imap", password); got.Let == verify.LetIn || err == nil && got.Let != verify.Refuse {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// The last use is noted once an hour, and nobody is refused because it could not be.
func TestAUseIsNotedAndNobodyWaitsForIt(t *testing.T) {
	f, password := mailing(t)
	f.store.FailNext(memstore.Write, false, errors.New("down"))
	got, err := f.check(eve, "imap", password)
	if err != nil || got.Let != verify.LetIn || got.Unnoted == nil || !f.appPasswords().All[0].LastUsedAt.IsZero() {
		t.Errorf("while the store takes nothing: %+v, %v", got, err)
	}
	for range 3 {
		f.must(f.from("", eve, "imap", password))
	}
	used := f.appPasswords()
	if used.Rev != 2 || !used.All[0].LastUsedAt.Equal(f.Clock.Now().Truncate(time.Hour)) {
		t.Errorf("noted as %+v", used)
	}
	f.Clock.Advance(time.Hour)
	f.must(f.from("", eve, "imap", password))
	if again := f.appPasswords(); again.Rev != 3 {
		t.Errorf("an hour later: revision %d", again.Rev)
	}
}

// slow never finishes a write before it is given up.
type slow struct{ *memstore.Store }

func (slow) Write(ctx context.Context, _ user.Change) error {
	if _, bounded := ctx.Deadline(); !bounded {
		return nil // which the test complains of
	}
	return context.DeadlineExceeded
}

func TestNotingIsBounded(t *testing.T) {
	f, password := mailing(t)
	f.Verify.Store = slow{f.store}
	if got, err := f.check(eve, "imap", password); err != nil || got.Let != verify.LetIn || !errors.Is(got.Unnoted, context.DeadlineExceeded) {
		t.Errorf("%+v, %v", got, err)
	}
}

// A failure is neither a refusal nor an admission.
func TestChecksInAnOutage(t *testing.T) {
	f, password := mailing(t)
	down := func(what string, err error) {
		t.Helper()
		if got := fault.As(err); err == nil || got.Kind != fault.Unavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
	f.store.FailNext(memstore.Read, false, errors.New("down"))
	_, err := f.check(eve, "imap", password)
	down("reading", err)
	f.store.FailNext(memstore.Write, false, errors.New("down"))
	_, err = f.check(eve, "imap", guessed(1))
	down("counting", err)
	if f.limit("198.51.100.7").Rev != 0 {
		t.Error("it was counted")
	}
	f.store.FailNext(memstore.Write, true, errors.New("lost"))
	_, err = f.check(eve, "imap", guessed(1))
	down("counting, and nobody hears of it", err)
	_, err = f.check(eve, "imap", guessed(1))
	refused(t, "the same again", err, verify.ErrAppPassword)
	if n := len(f.limit("198.51.100.7").Throttle.Failures); n != 1 {
		t.Errorf("counted %d times", n)
	}
	if _, ok := factor.AppPassword(guessed(1)); !ok {
		t.Error("the guesses of these tests are none")
	}
}
