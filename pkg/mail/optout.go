package mail

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// optedOut takes down that the owner of a number, to which a code was to go, wants no SMS: a mark on the number, with an event. Of a
// number that is none of the user's authenticators, or not any more, nothing is written; nor a second time.
func (s *Service) optedOut(ctx context.Context, p user.Profile, c user.Challenge) error {
	return s.changeNumber(ctx, p, func(p *user.Profile, f user.Factors) audit.Kind {
		m := user.Mark{Why: user.OptedOut, Since: s.Now(), Digest: c.Address, Number: true}
		if !numberOf(f, c.Address) || !p.News(m) {
			return ""
		}
		p.Set(m)
		return audit.NumberOptedOut
	})
}

// optedIn takes the mark away from a number that an SMS was taken for: it must have opted in again. Where there is none, it reads and
// writes nothing.
func (s *Service) optedIn(ctx context.Context, p user.Profile, c user.Challenge) error {
	if p.NumberMark(c.Address).Why != user.OptedOut {
		return nil
	}
	return s.changeNumber(ctx, p, func(p *user.Profile, _ user.Factors) audit.Kind {
		m := p.NumberMark(c.Address)
		if m.Why != user.OptedOut {
			return ""
		}
		p.Unmark(m)
		return audit.NumberOptedIn
	})
}

// numberOf reports whether an authenticator has a number, by its digest.
func numberOf(f user.Factors, digest []byte) bool {
	return slices.ContainsFunc(f.Authenticators, func(a user.Authenticator) bool { return len(digest) > 0 && bytes.Equal(a.Digest, digest) })
}

// changeNumber writes what change makes of the profile as it stands, with an event of the kind that it gives; nothing where it gives
// none. Whoever took the number away at the same moment wins: that changes the profile too.
func (s *Service) changeNumber(ctx context.Context, of user.Profile, change func(*user.Profile, user.Factors) audit.Kind) error {
	_, err := user.Race(func() (struct{}, error) {
		_, p, f, err := s.Store.Addressee(ctx, of.Organization, of.User)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		if p == nil {
			return struct{}{}, nil
		}
		next := p.Next()
		kind := change(&next, f)
		if kind == "" {
			return struct{}{}, nil
		}
		event := audit.Event{
			ID: uuid.Must(uuid.NewV7()).String(), At: s.Now(), Kind: kind, Organization: of.Organization, User: of.User,
			Role: audit.System, Actor: "mailer", Notify: kind == audit.NumberOptedOut,
		}
		err = s.Store.Write(ctx, user.Change{Profile: &next, Events: []audit.Event{event}})
		if err != nil {
			err = fault.Down(err)
		}
		return struct{}{}, err
	})
	return err
}
