package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// own gets the sender that an organisation's mail may have of its own; nil where it has none, or may not have one any more.
func (s *Service) own(ctx context.Context, organization string, entitled bool) (*org.Sender, error) {
	if !entitled {
		return nil, nil
	}
	own, err := s.Store.Sender(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	return own, nil
}

// post hands a letter to the provider: from the organisation's own sender where that is verified, otherwise, and at once
// where the provider refuses that sender, from the system's. lost, where there is no error, says that the provider took the
// same letter from the system's sender after it had refused it from an own one as unverified: so it was the domain's fault, not the letter's.
func (s *Service) post(ctx context.Context, own *org.Sender, l letter) (lost bool, err error) {
	switch {
	case own == nil || own.State != org.SenderVerified && own.FallsBackSince.IsZero():
		return false, s.hand(ctx, l.message()) // it has never been otherwise
	case own.State != org.SenderVerified:
		s.FellBack(own.Organization, string(own.State))
		return false, s.hand(ctx, l.standingIn())
	}
	refused := s.hand(ctx, l.from(*own))
	if !errors.Is(refused, ErrSender) {
		return false, refused
	}
	s.FellBack(own.Organization, refused.Error())
	return errors.Is(refused, ErrUnverified), s.hand(ctx, l.standingIn())
}

// hand gives a message to the provider, with Patience.
func (s *Service) hand(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	return s.Sender.Send(ctx, m)
}

// lose remembers that the domain is lost, so that the next mail does not try it, and has all administrators told. Who
// changed the sender meanwhile knows better.
func (s *Service) lose(ctx context.Context, own *org.Sender, now time.Time) error {
	lost := own.Lose(now)
	e := audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: audit.SenderLost, Organization: own.Organization,
		Role: audit.System, Actor: "mailer", Notify: true,
		Details: map[string]string{"domain": own.Domain, "status": fmt.Sprintf("%s → %s", own.State, lost.State)},
	}
	if err := s.Store.LoseSender(ctx, lost, e); err != nil && !errors.Is(err, user.ErrConflict) {
		return fault.Down(err)
	}
	*own = lost // what else this order sends does not try the domain either
	return nil
}
