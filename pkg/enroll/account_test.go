package enroll_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

func TestAPageOfAUsersOwnIsOpened(t *testing.T) {
	f, _ := offering(t)
	opened, err := f.Enroll.OpenAccount(t.Context(), f.Application, subject(eve), storetest.ReturnAddress)
	f.must(err)
	now := f.Clock.Now()
	a, err := login.ParseAccountEntry(f.Keys, opened.Entry, now)
	f.must(err)
	if a.User != eve || a.Organization != storetest.Organization || a.ReturnTo != storetest.ReturnAddress || a.Whom != "u•••@acme.example" ||
		a.Epoch != f.Factors(t, eve).Epoch || !a.ExpiresAt.Equal(now.Add(login.AccountLife)) || !opened.ExpiresAt.Equal(now.Add(login.AccountEntryLife)) {
		t.Errorf("opened %+v until %s", a, opened.ExpiresAt)
	}
	for _, to := range []string{"", storetest.ReturnAddress + "/", "https://evil.example/"} {
		_, err = f.Enroll.OpenAccount(t.Context(), f.Application, subject(eve), to)
		refused(t, to, err, login.ErrReturnAddress)
	}
	_, err = f.Enroll.OpenAccount(t.Context(), f.Application, subject("nobody"), storetest.ReturnAddress)
	refused(t, "nobody's", err, access.ErrNotFound)
	_, err = f.Enroll.OpenAccount(t.Context(), f.Administrator, subject(eve), storetest.ReturnAddress)
	refused(t, "an administrator", err, access.ErrRole)
	f.store.FailNext(memstore.Read, false, errors.New("down"))
	_, err = f.Enroll.OpenAccount(t.Context(), f.Application, subject(eve), storetest.ReturnAddress)
	unavailable(t, "reading", err)
}

// An entry is no page, a page is no entry, and each ends in its time.
func TestAnEntryIsNoPage(t *testing.T) {
	f := newFixture(t)
	now := f.Clock.Now()
	a := login.Account{ID: "id", ExpiresAt: now.Add(login.AccountEntryLife)}
	entry, err := a.Entry(f.Keys)
	f.must(err)
	page, err := a.Page(f.Keys)
	f.must(err)
	_, err = login.ParseAccount(f.Keys, entry, now)
	refused(t, "an entry as a page", err, login.ErrInvalid)
	_, err = login.ParseAccountEntry(f.Keys, page, now)
	refused(t, "a page as an entry", err, login.ErrInvalid)
	for after, want := range map[time.Duration]error{login.AccountEntryLife - 1: nil, login.AccountEntryLife: login.ErrInvalid} {
		if _, err := login.ParseAccountEntry(f.Keys, entry, now.Add(after)); !errors.Is(err, want) {
			t.Errorf("the entry after %s: %v", after, err)
		}
		if _, err := login.ParseAccount(f.Keys, page, now.Add(after)); !errors.Is(err, want) {
			t.Errorf("the page after %s: %v", after, err)
		}
	}
}

// What a page asks for is refused once the state that it was opened in has gone, whatever it is.
func TestWhatIsBoundToAStateEndsWithIt(t *testing.T) {
	f, _ := offering(t)
	before := f.Factors(t, eve).Epoch
	bound := subject(eve)
	bound.Epoch = &before
	ctx, app := t.Context(), f.Application
	f.must(f.Enroll.PasswordChanged(ctx, app, subject(eve)))
	in := enroll.Request{Of: bound, Proof: enroll.Proof{Method: org.TOTP, Code: "000000"}}
	for what, act := range map[string]func() error{
		"overview": func() error { _, err := f.Enroll.Overview(ctx, app, bound); return err },
		"prospect": func() error { _, err := f.Enroll.Prospect(ctx, app, bound, user.AddMethod); return err },
		"add":      func() error { _, err := f.Enroll.Add(ctx, app, in, org.TOTP, ""); return err },
		"order": func() error {
			_, err := f.Enroll.OrderProof(ctx, app, bound, user.SwitchOff, org.Email, "")
			return err
		},
		"an order": func() error { _, err := f.Enroll.Order(ctx, app, bound, "x"); return err },
		"rename":   func() error { _, err := f.Enroll.Rename(ctx, app, bound, "a1b2c3d4e5f60718", "x"); return err },
		"remove":   func() error { return f.Enroll.Remove(ctx, app, in, "a1b2c3d4e5f60718") },
		"codes":    func() error { _, err := f.Enroll.RenewCodes(ctx, app, in); return err },
		"confirm": func() error {
			_, err := f.Enroll.ConfirmAuthenticator(ctx, app, enroll.Confirmation{Of: bound, Code: "000000"})
			return err
		},
		"device":        func() error { return f.Enroll.RevokeDevice(ctx, app, bound, "x") },
		"devices":       func() error { return f.Enroll.RevokeDevices(ctx, app, bound) },
		"app password":  func() error { _, err := f.Enroll.ViewAppPassword(ctx, app, in, "x"); return err },
		"disable":       func() error { _, err := f.Enroll.Disable(ctx, app, in); return err },
		"announcements": func() error { _, err := f.Enroll.SetAnnouncements(ctx, app, bound, false); return err },
	} {
		refused(t, what, act(), login.ErrEnded)
	}
	if n := f.Factors(t, eve).Throttle.Consecutive; n != 0 {
		t.Errorf("%d failures were counted", n)
	}
}

func TestOffersAreWhatTheServicesTake(t *testing.T) {
	f, secret := offering(t)
	look := func() enroll.Prospect {
		t.Helper()
		p, err := f.Enroll.Prospect(t.Context(), f.Application, subject(eve), user.RenewCodes)
		f.must(err)
		return p
	}
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email}; p.Recovery.SavedCodes = true })
	p := look()
	if !slices.Equal(p.Offers.Methods, []org.Method{org.TOTP, org.Email}) || !p.Offers.Codes || p.CodesLeft != 10 || len(p.Ways) != 1 || p.Awaited != nil {
		t.Errorf("%+v", p)
	}
	f.byMail(secret)
	p = look()
	if !slices.Equal(p.Offers.Methods, []org.Method{org.TOTP}) || len(p.Ways) != 2 || p.Ways[1].Sent.Order != "" {
		t.Errorf("with mail: %+v", p)
	}
	f.Clock.Advance(time.Minute)
	sent, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.RenewCodes, org.Email, "")
	f.must(err)
	if p = look(); p.Ways[1].Sent.Order != sent.Order || p.Ways[1].Sent.To != sent.To || p.Ways[0].Sent.Order != "" {
		t.Errorf("sent %+v, looked at %+v", sent, p.Ways)
	}
	f.factors(func(x *user.Factors) {
		for i := range x.Challenges {
			x.Challenges[i].Address = []byte("another")
		}
	})
	if p = look(); p.Ways[1].Sent != (enroll.Sent{}) {
		t.Errorf("a code that went elsewhere: %+v", p.Ways)
	}
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP}; p.Recovery.SavedCodes = false })
	if p = look(); p.Offers.Codes || !slices.Equal(p.Offers.Methods, []org.Method{org.TOTP}) {
		t.Errorf("under a stricter policy: %+v", p.Offers)
	}
	f.factors(func(x *user.Factors) {
		for range user.MaxAuthenticators - len(x.Authenticators) {
			x.Authenticators = append(x.Authenticators, user.Authenticator{ID: user.NewID(), Method: org.TOTP, Secret: x.Authenticators[0].Secret})
		}
	})
	if p = look(); len(p.Offers.Methods) != 0 {
		t.Errorf("a seventh: %v", p.Offers.Methods)
	}
}
