package enroll_test

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const (
	eve      = "eve"
	address  = "user@acme.example" // the login address of every user of a World
	recovery = "eve@home.example"
)

// fixture is a world in memory, whose store fails on demand and whose state can be set by hand.
type fixture struct {
	*storetest.World
	t     *testing.T
	store *memstore.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	return &fixture{World: storetest.NewWorld(t, store), t: t, store: store}
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// refused demands one certain refusal.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// unavailable demands the answer to a failure of something that we depend on.
func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want that a part cannot be reached", what, err)
	}
}

func subject(id string) enroll.Subject {
	return enroll.Subject{Organization: storetest.Organization, User: id}
}

func (f *fixture) begin(token string) (login.Answer, error) {
	return f.Enroll.Begin(f.t.Context(), f.Application, token)
}

func (f *fixture) resend(token string) (login.Answer, error) {
	return f.Enroll.Resend(f.t.Context(), f.Application, token)
}

func (f *fixture) take(token string, in enroll.Answer) (login.Answer, error) {
	in.Login = token
	return f.Enroll.Answer(f.t.Context(), f.Application, in)
}

func twice(typed string) enroll.Answer {
	return enroll.Answer{RecoveryEmail: typed, RecoveryEmailAgain: typed}
}

func coded(code string) enroll.Answer { return enroll.Answer{Code: code} }

var chosen = enroll.Answer{Method: string(org.TOTP)}

// mailed is the code that the mailer would send for a purpose.
func (f *fixture) mailed(p user.Purpose) string {
	f.t.Helper()
	x := f.Factors(f.t, eve)
	for _, c := range x.Challenges {
		if c.Purpose == p {
			code, err := factor.MailedCode(f.Keys, c.KeyID, x.Mailed(c))
			f.must(err)
			return code
		}
	}
	f.t.Fatalf("no code of purpose %q is under way", p)
	return ""
}

func otherDigits(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

// phone reads the secret that a set-up shows.
func (f *fixture) phone(a login.Answer) []byte {
	f.t.Helper()
	if a.Next.Setup == nil {
		f.t.Fatalf("no set-up is shown: %+v", a.Next)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.Next.Setup.Secret)
	f.must(err)
	return secret
}

// wrong is a code that no step near now has.
func (f *fixture) wrong(secret []byte) string {
	for i := 0; ; i++ {
		code := fmt.Sprintf("%06d", i)
		if _, right := factor.MatchTOTP(secret, code, f.Clock.Now(), 0); !right {
			return code
		}
	}
}

// at takes the steps of an enrolment until it waits for one, and gives the last answer.
func (f *fixture) at(token string, do login.Do) login.Answer {
	f.t.Helper()
	now, err := f.begin(token)
	f.must(err)
	for now.Next.Do != do {
		in := map[login.Do]func() enroll.Answer{
			login.DoProve:          func() enroll.Answer { return coded(f.mailed(user.ProveLogin)) },
			login.DoRecoveryEmail:  func() enroll.Answer { return twice(recovery) },
			login.DoVerifyRecovery: func() enroll.Answer { return coded(f.mailed(user.VerifyRecovery)) },
			login.DoChooseMethod:   func() enroll.Answer { return chosen },
		}[now.Next.Do]
		if in == nil {
			f.t.Fatalf("the enrolment is at %q and never at %q", now.Next.Do, do)
		}
		now, err = f.take(token, in())
		f.must(err)
	}
	return now
}

func (f *fixture) snapshot(id string) login.Snapshot {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, id)
	f.must(err)
	return snap
}

// policy changes the policy, under a new version.
func (f *fixture) policy(change func(p *org.Policy)) {
	f.t.Helper()
	o := f.snapshot(eve).Organization
	o.Rev++
	o.Policy.Version++
	change(&o.Policy)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

func (f *fixture) profile(change func(p *user.Profile)) {
	f.t.Helper()
	p := f.snapshot(eve).Profile.Next()
	change(&p)
	f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p}))
}

func (f *fixture) factors(change func(x *user.Factors)) {
	f.t.Helper()
	x := f.Factors(f.t, eve).Next()
	change(&x)
	f.must(f.store.Write(f.t.Context(), user.Change{Factors: &x}))
}

// events are those of a kind, oldest first.
func (f *fixture) events(kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), storetest.Organization, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	var found []audit.Event
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// codes counts the codes that were ordered from the mailer since it was last asked.
func (f *fixture) codes() int {
	n := 0
	for _, o := range f.store.Deliveries() {
		if o.Kind == mail.CodeOrder {
			n++
		}
	}
	return n
}

// claims reads an assertion, which these keys write as JSON.
func (f *fixture) claims(a login.Answer) login.Assertion {
	f.t.Helper()
	var claims login.Assertion
	if err := json.Unmarshal([]byte(a.Assertion), &claims); err != nil {
		f.t.Fatalf("no assertion: %v", err)
	}
	return claims
}

// counted demands how many failures in a row stand against eve.
func (f *fixture) counted(want int) {
	f.t.Helper()
	if got := f.Factors(f.t, eve).Throttle.Consecutive; got != want {
		f.t.Errorf("%d failures are counted, want %d", got, want)
	}
}

// untouched runs what must not write anything of eve.
func (f *fixture) untouched(act func()) {
	f.t.Helper()
	before := f.snapshot(eve)
	act()
	if after := f.snapshot(eve); !reflect.DeepEqual(before.Factors, after.Factors) || !reflect.DeepEqual(before.Profile, after.Profile) {
		f.t.Error("something was written")
	}
}

// proofOf is a request with a code of the authenticator app as fresh proof.
func proofOf(of enroll.Subject, code string) enroll.Request {
	return enroll.Request{Of: of, Proof: enroll.Proof{Method: org.TOTP, Code: code}}
}
