package verify_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

var hosting = verify.Begin{User: eve, Email: "eve@login.example", Nonce: "nonce-of-eve", ReturnTo: storetest.ReturnAddress, State: "s-1"}

// entered begins a login that goes on in a page, as the page reads it.
func (f *fixture) entered() login.Hosted {
	f.t.Helper()
	a, err := f.begin(hosting)
	f.must(err)
	h, err := login.ParseEntry(f.Keys, a.Next.Entry)
	f.must(err)
	return h
}

// proven is a login in which eve has answered in the page.
func (f *fixture) proven(secret []byte, remember *login.Remember) login.Hosted {
	f.t.Helper()
	h := f.entered()
	token, err := h.Token(f.Keys)
	f.must(err)
	a, err := f.Verify.Answer(f.t.Context(), h.Caller("r", "192.0.2.7", "Browser"), verify.Answer{Login: token, Way: totp, Code: f.Code(f.t, secret), Remember: remember})
	f.must(err)
	h.Success, h.Trusted = a.Success, a.Device.Text != ""
	return h
}

// returned is the code that the browser goes back with.
func (f *fixture) returned(h login.Hosted) string {
	f.t.Helper()
	code, err := f.Verify.Return(f.t.Context(), h.Caller("r", "192.0.2.7", "Browser"), h)
	f.must(err)
	return code
}

func (f *fixture) exchange(code, key string) (login.Answer, error) {
	return f.Verify.Exchange(f.t.Context(), f.Application, verify.Exchange{Code: code, Nonce: hosting.Nonce, IdempotencyKey: key})
}

func TestAPageIsEnteredWhereThereIsSomethingToShow(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(f *fixture)
		begin   func(b *verify.Begin)
		entered bool
	}{
		"enrolled":      {func(f *fixture) { f.Enrolled(f.t, eve) }, nil, true},
		"to enrol":      {func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Forced }) }, nil, true},
		"free to enrol": {func(*fixture) {}, nil, true},
		"suspended": {func(f *fixture) {
			f.Enrolled(f.t, eve)
			f.factors(eve, func(x *user.Factors) { x.Throttle.Consecutive = 100 })
		}, nil, true},
		"disabled":             {func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) }, nil, false},
		"nobody asked for one": {func(f *fixture) { f.Enrolled(f.t, eve) }, func(b *verify.Begin) { b.ReturnTo, b.State = "", "" }, false},
	} {
		f := newFixture(t)
		c.change(f)
		b := hosting
		if c.begin != nil {
			c.begin(&b)
		}
		a, err := f.begin(b)
		f.must(err)
		if (a.Next.Entry != "") != c.entered {
			t.Errorf("%s: %s, entered: %t", name, a.Decision.Reason, a.Next.Entry != "")
		}
	}
}

func TestReturnAddressesAreTheApplicationsOwn(t *testing.T) {
	f := newFixture(t)
	for _, to := range []string{"https://evil.example", storetest.ReturnAddress + "/", storetest.ReturnAddress + "?a=b", strings.ToUpper(storetest.ReturnAddress), " " + storetest.ReturnAddress} {
		b := hosting
		b.ReturnTo = to
		_, err := f.begin(b)
		refused(t, to, err, login.ErrReturnAddress)
	}
	b := hosting
	b.ReturnTo = ""
	_, err := f.begin(b)
	refused(t, "a state alone", err, login.ErrState)
	if f.snapshot(eve).Profile != nil {
		t.Error("a refusal registered the user")
	}
}

func TestAReturnCodeGivesTheAssertionOnce(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	at := f.Clock.Now().Truncate(time.Second)
	h := f.proven(secret, nil)
	f.Clock.Advance(3 * time.Minute) // in which eve looked at the page
	code := f.returned(h)
	f.Clock.Advance(59 * time.Second)
	a, err := f.exchange(code, "")
	f.must(err)
	claims := f.claims(a)
	if a.Decision.Status != decision.Complete || claims.Nonce != hosting.Nonce || claims.ID != h.Success || claims.Class != login.ClassTOTP || a.Token != "" {
		t.Errorf("answered %+v, claims %+v", a, claims)
	}
	if issued := at.Add(3 * time.Minute); !claims.AuthTime.Equal(at) || !claims.IssuedAt.Equal(issued) || claims.ExpiresAt.Sub(issued) != login.AssertionLife {
		t.Errorf("proven %v, issued %v until %v", claims.AuthTime, claims.IssuedAt, claims.ExpiresAt)
	}
	f.untouched(eve, func() {
		_, err = f.exchange(code, "")
		refused(t, "a second time", err, login.ErrReturnCode)
		_, err = f.exchange(code, "k")
		refused(t, "with a key", err, login.ErrReturnCode)
		_, err = f.exchange(f.returned(h), "")
		refused(t, "another code for the same proof", err, login.ErrReturnCode)
	})
}

func TestALostExchangeGetsTheSameClaims(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.Remembering(t)
	code := f.returned(f.proven(secret, &login.Remember{Name: "Kitchen"}))
	first, err := f.exchange(code, "k")
	f.must(err)
	if first.Device.Text == "" || first.Device.Until.IsZero() {
		t.Error("the browser is not trusted")
	}
	f.on("the device", first.Device.Text, true)
	f.Clock.Advance(30 * time.Second)
	f.untouched(eve, func() {
		again, err := f.exchange(code, "k")
		f.must(err)
		if again.Assertion != first.Assertion || again.Device != first.Device {
			t.Errorf("first %+v, again %+v", first, again)
		}
		_, err = f.exchange(code, "another")
		refused(t, "another key", err, login.ErrReturnCode)
	})
}

func TestAReturnCodeIsBound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *fixture, in *verify.Exchange, by *access.Caller)
		want   error
	}{
		"too late":                        {func(f *fixture, _ *verify.Exchange, _ *access.Caller) { f.Clock.Advance(login.ReturnLife) }, login.ErrReturnCode},
		"another nonce":                   {func(_ *fixture, in *verify.Exchange, _ *access.Caller) { in.Nonce = "nonce-of-bob" }, login.ErrReturnCode},
		"another application":             {func(f *fixture, _ *verify.Exchange, by *access.Caller) { *by = f.applicationOf("shop", false) }, login.ErrReturnCode},
		"the vendor's of that id":         {func(f *fixture, _ *verify.Exchange, by *access.Caller) { *by = f.applicationOf("crm", true) }, login.ErrReturnCode},
		"no code":                         {func(_ *fixture, in *verify.Exchange, _ *access.Caller) { in.Code = "AAAA" }, login.ErrReturnCode},
		"a login's token":                 {func(f *fixture, in *verify.Exchange, _ *access.Caller) { in.Code = f.Login(f.t, eve) }, login.ErrReturnCode},
		"an administrator":                {func(f *fixture, _ *verify.Exchange, by *access.Caller) { *by = f.Administrator }, access.ErrRole},
		"an administrator without a code": {func(f *fixture, in *verify.Exchange, by *access.Caller) { *by, in.Code = f.Administrator, "AAAA" }, access.ErrRole},
		"after a reset": {func(f *fixture, _ *verify.Exchange, _ *access.Caller) {
			f.factors(eve, func(x *user.Factors) { x.Epoch++ })
		}, login.ErrEnded},
		"a method not allowed any more": {func(f *fixture, _ *verify.Exchange, _ *access.Caller) {
			f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
		}, login.ErrEnded},
	} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		in, by := verify.Exchange{Code: f.returned(f.proven(secret, nil)), Nonce: hosting.Nonce}, f.Application
		c.change(f, &in, &by)
		f.untouched(eve, func() {
			_, err := f.Verify.Exchange(t.Context(), by, in)
			refused(t, name, err, c.want)
		})
	}
}

// Whatever the page has is good as long as the key that the login was begun with.
func TestAPageEndsWithItsKey(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	h := f.proven(secret, nil)
	f.must(f.People.RevokeKey(t.Context(), f.Administrator, storetest.Organization, f.Application.Credential.ID))
	c := h.Caller("r", "192.0.2.7", "Browser")
	_, err := f.Verify.Return(t.Context(), c, h)
	refused(t, "return", err, access.ErrUnauthenticated)
	token, err := h.Token(f.Keys)
	f.must(err)
	_, err = f.Verify.Look(t.Context(), c, token, totp)
	refused(t, "look", err, access.ErrUnauthenticated)
}

func TestNobodyGoesBackWithoutWhatIsDemanded(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	h := f.entered()
	for name, success := range map[string]string{"nothing proven": "", "a success of nobody": "0190c2d8-7f3e-4c1a-9b7e-0123456789ac"} {
		h.Success = success
		_, err := f.Verify.Return(t.Context(), h.Caller("r", "192.0.2.7", "Browser"), h)
		refused(t, name, err, login.ErrEnded)
	}
	f.policy(func(p *org.Policy) { p.Recovery.Reenroll = true })
	h = f.entered()
	token, err := h.Token(f.Keys)
	f.must(err)
	a, err := f.answer(token, saved, f.saved(eve, 0))
	f.must(err)
	h.Success = a.Success
	_, err = f.Verify.Return(t.Context(), h.Caller("r", "192.0.2.7", "Browser"), h)
	refused(t, "a way back that buys an enrolment only", err, login.ErrEnded)
}

// Whoever puts an enrolment off is let in without an assertion, as long as that is what the policy says.
func TestLaterProvesNothing(t *testing.T) {
	f := newFixture(t)
	h := f.entered()
	code := f.returned(h)
	f.untouched(eve, func() {
		a, err := f.exchange(code, "")
		f.must(err)
		if a.Decision.Status != decision.Complete || a.Assertion != "" || a.Decision.Asserts {
			t.Errorf("answered %+v", a)
		}
	})
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	_, err := f.exchange(code, "")
	refused(t, "once it is forced", err, login.ErrEnded)
}

func TestLookChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	h := f.entered()
	token, err := h.Token(f.Keys)
	f.must(err)
	look := func(way string) login.Answer {
		t.Helper()
		var a login.Answer
		f.untouched(eve, func() {
			var err error
			a, err = f.Verify.Look(t.Context(), h.Caller("r", "", ""), token, way)
			f.must(err)
		})
		return a
	}
	if a := look(mail); a.Next.Order != "" || a.Next.Do != login.DoAnswer || len(a.Next.WaysBack) != 2 || a.Token != token {
		t.Errorf("before an order: %+v", a)
	}
	ordered, err := f.order(token)
	f.must(err)
	if a := look(mail); a.Next.Order != ordered.Next.Order || ordered.Next.ResendAt.Sub(a.Next.ResendAt).Abs() >= time.Second || a.Next.SentTo != ordered.Next.SentTo {
		t.Errorf("after an order: %+v, want %+v", a.Next, ordered.Next)
	}
	if a := look(totp); a.Next.Order != "" {
		t.Errorf("of another way: %+v", a.Next)
	}
	if a := look("no way"); a.Decision.Status != decision.Challenge {
		t.Errorf("of none: %+v", a)
	}
}

// A page carries no more than a cookie holds (RFC 6265 §6.1: 4,096 bytes), whatever a login may consist of.
func TestAPageFitsIntoACookie(t *testing.T) {
	f := newFixture(t)
	longest := strings.Repeat("<", 128)
	f.Application.Agent, f.Application.Claimed = strings.Repeat("a", 512), "2001:db8:1111:2222:3333:4444:5555:6666"
	b := verify.Begin{Email: "eve@login.example", User: longest, Nonce: longest, ReturnTo: storetest.ReturnAddress, State: strings.Repeat("<", 256)}
	a, err := f.begin(b)
	f.must(err)
	h, err := login.ParseEntry(f.Keys, a.Next.Entry)
	f.must(err)
	h.ReturnTo = "https://a.example/" + strings.Repeat("<", org.MaxReturnAddress-18)
	h.Login.Organization, h.Login.Application, h.Login.Audience = strings.Repeat("o", 48), strings.Repeat("o", 48)+"/"+strings.Repeat("a", 48), strings.Repeat("u", org.MaxAudience)
	h.Language, h.Whom = strings.Repeat("l", 35), login.Mask("e@"+strings.Repeat("d", 252))
	h.Success = "0190c2d8-7f3e-4c1a-9b7e-0123456789ac"
	page, err := h.Page(f.Keys)
	f.must(err)
	if len(page) > 4096-64 { // without its name
		t.Errorf("%d bytes", len(page))
	}
	if _, err := login.ParseEntry(f.Keys, page); err == nil {
		t.Error("a cookie is taken for an entry")
	}
	if _, err := login.ParsePage(f.Keys, a.Next.Entry); err == nil {
		t.Error("an entry is taken for a cookie")
	}
}

// Whatever becomes of an exchange, one of two requests gets the claims.
func TestOfTwoExchangesOneWins(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	code := f.returned(f.proven(secret, nil))
	won := make(chan bool)
	for n := range 20 {
		go func() {
			_, err := f.exchange(code, fmt.Sprint("key ", n))
			won <- err == nil
		}()
	}
	wins := 0
	for range 20 {
		if <-won {
			wins++
		}
	}
	if wins != 1 {
		t.Errorf("%d of twenty got the claims", wins)
	}
}

// An enrolment in a page ends as a proof does.
func TestAnEnrolmentIsReturned(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	h := f.entered()
	c := h.Caller("r", "192.0.2.7", "Browser")
	token, err := h.Token(f.Keys)
	f.must(err)
	a, err := f.Enroll.Begin(t.Context(), c, token)
	f.must(err)
	for a.Decision.Status != decision.Complete {
		a = f.step(c, a)
	}
	if a.Success == "" || len(a.RecoveryCodes) != 10 {
		t.Fatalf("ended with %+v", a)
	}
	h.Success = a.Success
	got, err := f.exchange(f.returned(h), "")
	f.must(err)
	if claims := f.claims(got); claims.ID != a.Success || got.RecoveryCodes != nil || got.AppPasswords != nil {
		t.Errorf("exchanged %+v", got)
	}
}

// step does what comes next in an enrolment of eve's.
func (f *fixture) step(c access.Caller, a login.Answer) login.Answer {
	f.t.Helper()
	in := enroll.Answer{Login: a.Token}
	switch a.Next.Do {
	case login.DoProve:
		in.Code = f.code(user.ProveLogin)
	case login.DoRecoveryEmail:
		in.RecoveryEmail, in.RecoveryEmailAgain = "eve@home.example", "eve@home.example"
	case login.DoVerifyRecovery:
		in.Code = f.code(user.VerifyRecovery)
	case login.DoChooseMethod:
		in.Method = totp
	case login.DoConfirm:
		secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.Next.Setup.Secret)
		f.must(err)
		in.Code = f.Code(f.t, secret)
	}
	next, err := f.Enroll.Answer(f.t.Context(), c, in)
	f.must(err)
	return next
}
