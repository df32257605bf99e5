package verify

import (
	"context"
	"crypto/subtle"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// entered adds to the answer of a login what the page of ours is entered with, where the application asks for one and there is
// something to show.
func (s *Service) entered(a *login.Answer, l login.Login, p user.Profile, c access.Caller, in Begin) error {
	if in.ReturnTo == "" || !shows(a.Decision) {
		return nil
	}
	l.ExpiresAt, l.Agent = a.ExpiresAt, "" // the page sees the browser itself
	h := login.Hosted{Login: l, Key: c.Credential.Keep(), ReturnTo: in.ReturnTo, State: in.State, Language: p.Language, Whom: login.Mask(p.Email)}
	var err error
	a.Next.Entry, err = h.Entry(s.Tokens)
	return err
}

// shows reports whether a page has anything to ask or to explain.
func shows(d decision.Decision) bool { return d.Status != decision.Complete || d.MayEnroll }

// returnable refuses a return address that is none of the key's holder's.
func returnable(k *access.Key, in Begin) error {
	switch {
	case in.ReturnTo == "" && in.State != "":
		return login.ErrState
	case in.ReturnTo != "" && !slices.Contains(k.ReturnAddresses, in.ReturnTo):
		return login.ErrReturnAddress
	}
	return nil
}

// Look says where a login stands, and changes nothing: the decision as it is now, whether an enrolment has begun in it and, of a way whose codes
// are sent, whether one was sent for it.
func (s *Service) Look(ctx context.Context, c access.Caller, token, way string) (login.Answer, error) {
	now := s.Now()
	l, err := login.Parse(s.Tokens, token)
	if err != nil {
		return login.Answer{}, login.Refuse(ctx, s.Store, c, rule, now, err)
	}
	snap, err := s.resumed(ctx, c, l, now)
	if err != nil {
		return login.Answer{}, err
	}
	d := l.Decide(snap, now)
	answer := login.Answer{Token: token, Decision: d, Next: next(d, snap, now), ExpiresAt: l.ExpiresAt}
	e := snap.Factors.Enrollment
	answer.Next.Begun = e != nil && e.Login == l.ID
	o := order{s: s, c: c, token: token, l: l, way: way, now: now}
	to, err := o.reach(snap)
	if err != nil {
		return answer, nil // no code of this way is sent to this user: there is nothing more to say
	}
	if sent, live := snap.Factors.Open(to.purpose, l.ID, now); live {
		answer = o.ordered(answer, sent, snap.Factors, to.words)
	}
	return answer, nil
}

// Return makes the code that a browser goes back to the application with: for the success of that id or, where it is empty, for a decision that
// lets in without a proof. It writes nothing; of several codes for one success only one is exchanged.
func (s *Service) Return(ctx context.Context, c access.Caller, h login.Hosted) (string, error) {
	now := s.Now()
	snap, err := s.resumed(ctx, c, h.Login, now)
	if err != nil {
		return "", err
	}
	if _, err := s.provenBy(h.Login, snap, h.Success, now); err != nil {
		return "", err
	}
	r := login.Return{Login: h.Login, Success: h.Success, At: now.Truncate(time.Second), Trusted: h.Trusted}
	r.Login.ExpiresAt = now.Add(login.ReturnLife)
	return r.Code(s.Tokens)
}

// provenBy finds the success that lets in, or judges that none is needed.
func (s *Service) provenBy(l login.Login, snap login.Snapshot, success string, now time.Time) (user.Success, error) {
	if success == "" {
		if l.Decide(snap, now).Status != decision.Complete {
			return user.Success{}, login.ErrEnded
		}
		return user.Success{}, nil
	}
	found, there := snap.Factors.Succeeded(success)
	if !there || found.Enrolls || !login.IsWayBack(found.Way) && removedSince(l, snap, found.Way) {
		return user.Success{}, login.ErrEnded
	}
	return found, nil
}

// Exchange is a return code, with what binds it to the browser that comes back.
type Exchange struct {
	Code           string
	Nonce          string // of the login
	IdempotencyKey string // with one, a retry after a lost reply gets the same claims
}

// Exchange gives the application what the page has proven, once. Its claims are those of the success, issued when the code was made.
func (s *Service) Exchange(ctx context.Context, c access.Caller, in Exchange) (login.Answer, error) {
	now := s.Now()
	r, err := login.ParseReturn(s.Tokens, in.Code)
	if err == nil && subtle.ConstantTimeCompare([]byte(r.Login.Nonce), []byte(in.Nonce)) != 1 {
		err = login.ErrReturnCode
	}
	if err != nil {
		return login.Answer{}, login.Refuse(ctx, s.Store, c, rule, now, err)
	}
	by, err := s.taker(r, in)
	if err != nil {
		return login.Answer{}, err
	}
	return user.Race(func() (login.Answer, error) { return s.exchange(ctx, c, r, by, now) })
}

func (s *Service) exchange(ctx context.Context, c access.Caller, r login.Return, by []byte, now time.Time) (login.Answer, error) {
	device := ""
	if r.Trusted {
		device = r.Success // a device has the id of the success that made it
	}
	snap, err := login.LoadWithDevice(ctx, s.Store, c, rule, r.Login.Organization, r.Login.User, device, now)
	if err != nil {
		return login.Answer{}, err
	}
	if snap.Key.Qualified() != r.Login.Application || !now.Before(r.Login.ExpiresAt) {
		return login.Answer{}, login.ErrReturnCode
	}
	if err := r.Login.Check(snap, now); err != nil {
		return login.Answer{}, ended
	}
	success, err := s.provenBy(r.Login, snap, r.Success, now)
	switch {
	case err != nil:
		return login.Answer{}, ended
	case r.Success == "":
		return login.Answer{Decision: r.Login.Decide(snap, now)}, nil
	case len(success.Taken) > 0 && subtle.ConstantTimeCompare(success.Taken, by) != 1:
		return login.Answer{}, login.ErrReturnCode
	}
	b := login.Browser{Login: r.Login, Store: s.Store, Codes: s.Codes, Caller: c, Now: now}
	trusted, err := b.First(snap)
	if err != nil {
		return login.Answer{}, err
	}
	if len(success.Taken) == 0 {
		f := snap.Factors.Next()
		f.Take(success.ID, by)
		if err := login.Save(ctx, s.Store, user.Change{Factors: &f}); err != nil {
			return login.Answer{}, err
		}
	}
	return s.handedOver(ctx, r, snap, success, trusted)
}

// ended is login.ErrEnded of a code.
var ended = login.ErrEnded.At("code")

// taker tags whoever exchanges a code, so that the same request may come again; without an idempotency key, nobody's may.
func (s *Service) taker(r login.Return, in Exchange) ([]byte, error) {
	key := in.IdempotencyKey
	if key == "" {
		key = "once " + user.NewID()
	}
	return r.Login.Taker(s.Retries, in.Code, key)
}

// handedOver answers an exchange that is in the store. Failing to sign loses nothing to whoever asks again with the same idempotency key.
func (s *Service) handedOver(ctx context.Context, r login.Return, snap login.Snapshot, success user.Success, device login.DeviceToken) (login.Answer, error) {
	claims := r.Login.Assertion(success)
	claims.IssuedAt, claims.ExpiresAt = r.At, r.At.Add(login.AssertionLife)
	signed, err := s.signed(ctx, claims)
	return login.Answer{
		Decision: login.Proven(success), Assertion: signed, AssertedUntil: claims.ExpiresAt, CodesLeft: snap.Factors.RecoveryCodes.Left(), Device: device,
	}, err
}
