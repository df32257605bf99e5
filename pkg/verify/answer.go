package verify

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The refusals of an answer. Wrong, used before and locked are one refusal, so that none of them can be told apart.
var (
	ErrRefused = login.ErrRefused.At("code")
	ErrCode    = fault.New(fault.Unprocessable, "code_malformed", "This cannot be a code of this method.").At("code")
	ErrMethod  = fault.New(fault.Unprocessable, "method_unknown", "There is no such method.").At("method")
	ErrChanged = fault.New(fault.Conflict, "decision_changed", "The decision of this login is another now.")
)

// Answer is a code, answering a login's challenge.
type Answer struct {
	Login          string
	Way            string // a method, or a way back
	Code           string
	IdempotencyKey string // with one, a retry after a lost reply gets the same claims, and the same device
	Remember       *login.Remember
}

// Answer judges a code. Whoever gets an assertion has proved a second factor.
func (s *Service) Answer(ctx context.Context, c access.Caller, in Answer) (login.Answer, error) {
	var l login.Login
	code, err := normalise(in.Way, in.Code)
	if err == nil {
		l, err = login.Parse(s.Tokens, in.Login)
	}
	if err != nil {
		return login.Answer{}, login.Refuse(ctx, s.Store, c, rule, s.Now(), err)
	}
	in.Code = code
	try := attempt{s: s, c: c, in: in, l: l, now: s.Now(), id: uuid.NewString()}
	return user.Race(func() (login.Answer, error) { return try.once(ctx) })
}

// normalise reads a code as people type it. What cannot be a code is told, and costs no try: it gives no information.
func normalise(way, typed string) (string, error) {
	var code string
	var ok bool
	switch way {
	case string(login.MailedRecovery), string(login.Bypass):
		code, ok = factor.Digits(typed, factor.MailedDigits)
	case string(login.SavedRecovery):
		code, ok = factor.Recovery(typed)
	case string(org.TOTP), string(org.Email), string(org.SMS):
		code, ok = user.CodeOf(org.Method(way), typed)
	default:
		return "", ErrMethod
	}
	if !ok {
		return "", ErrCode
	}
	return code, nil
}

// attempt is one submitted code on its way through a race.
type attempt struct {
	s    *Service
	c    access.Caller
	in   Answer
	l    login.Login
	now  time.Time
	id   string // of the success, if it becomes one: the same in every round
	snap login.Snapshot
}

// once reads, judges and writes. Only when the write has won does anyone hear the outcome.
func (t attempt) once(ctx context.Context) (login.Answer, error) {
	var err error
	if t.snap, err = t.s.resumed(ctx, t.c, t.l, t.now); err != nil {
		return login.Answer{}, err
	}
	if before, found := t.l.Repeated(t.s.Retries, t.snap.Factors, t.in.Code, t.in.IdempotencyKey); found {
		return t.again(ctx, before)
	}
	if won, found := t.snap.Factors.Succeeded(t.id); found {
		return t.again(ctx, won)
	}
	d := t.l.Decide(t.snap, t.now)
	if err := t.s.admit(t.l, t.snap, d, t.in.Way, t.now); err != nil {
		return login.Answer{}, err
	}
	right, next, err := t.judge()
	if err != nil {
		return login.Answer{}, err
	}
	if !right {
		return login.Answer{}, t.miss(ctx)
	}
	return t.hit(ctx, d, next)
}

// containsMethod reports whether a decision lets the user choose a method.
func containsMethod(d decision.Decision, way string) bool {
	return slices.Contains(d.Methods, org.Method(way))
}

// judge compares the code with what is right now, and gives the factors in which it is used up.
func (t attempt) judge() (bool, user.Factors, error) {
	next := t.snap.Factors.Next()
	var right bool
	var err error
	switch t.in.Way {
	case string(login.MailedRecovery):
		// The address may have changed since: then the code is void.
		right, err = next.AcceptSent(t.s.Codes, user.Recover, t.l.ID, t.snap.Profile.Recovery(t.now).Digest, t.in.Code, t.now)
	case string(login.Bypass):
		right, err = next.AcceptSent(t.s.Codes, user.Bypass, "", nil, t.in.Code, t.now)
	case string(login.SavedRecovery):
		return t.saved()
	default:
		right, err = next.Accept(t.s.keys(), *t.snap.Profile, user.SignIn, org.Method(t.in.Way), t.l.ID, t.in.Code, t.now)
	}
	return right, next, err
}

func (t attempt) saved() (bool, user.Factors, error) {
	next := t.snap.Factors.Next()
	codes := next.RecoveryCodes
	index, found, err := factor.MatchRecovery(t.s.Codes, codes.KeyID, next.RecoverySet(), t.in.Code)
	if err != nil {
		return false, next, fault.Down(err)
	}
	if !found || codes.Spent(index) {
		return false, next, nil
	}
	next.RecoveryCodes = codes.Spend(index)
	return true, next, nil
}
