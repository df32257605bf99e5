package verify

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// Begin registers a user never seen, and decides. One who was deleted is refused: login.ErrDeleted. From a trusted device it gives the assertion at once.
func (s *Service) Begin(ctx context.Context, c access.Caller, in Begin) (login.Answer, error) {
	now := s.Now()
	a, err := user.Race(func() (arrival, error) { return s.arrive(ctx, c, in, now) })
	if err != nil {
		return login.Answer{}, err
	}
	l := login.Login{
		ID: uuid.NewString(), Organization: in.Organization, User: in.User, Application: a.snap.Key.Qualified(),
		Audience: a.snap.Key.Addressee(), Nonce: in.Nonce, Service: in.Service, PolicyVersion: a.snap.Organization.Policy.Version, Epoch: a.snap.Factors.Epoch,
		Claimed: c.Claimed, Agent: c.Agent,
	}
	answer, err := s.decided(l, a.snap, now)
	if err == nil {
		err = s.entered(&answer, l, *a.snap.Profile, c, in)
	}
	if err != nil || answer.Decision.Rule != decision.RuleDevice {
		return answer, err
	}
	return s.trusted(ctx, l, a, answer, now)
}

// registered reads the user and, where there is none, registers one. That, and a service that the user was never seen
// to use, is written once; every other login writes nothing.
func (s *Service) registered(ctx context.Context, c access.Caller, in Begin, device string, now time.Time) (login.Snapshot, error) {
	snap, err := login.LoadWithDevice(ctx, s.Store, c, rule, in.Organization, in.User, device, now)
	if err != nil {
		return snap, err
	}
	if err := returnable(snap.Key, in); err != nil {
		return snap, err
	}
	if snap.Tombstone != nil {
		return snap, login.ErrDeleted
	}
	of := login.Login{Organization: in.Organization, User: in.User}
	var events []audit.Event
	if snap.Profile == nil {
		snap.Profile = &user.Profile{Organization: in.Organization, User: in.User, Email: in.Email, Language: in.Language, RegisteredAt: now}
		events = append(events, of.Event(audit.UserRegistered, snap, c, now))
	}
	if in.Service != decision.Web && snap.Profile.NewService(in.Service) {
		used := *snap.Profile
		used.Services = append(slices.Clone(used.Services), in.Service)
		snap.Profile = &used
		event := of.Event(audit.ServiceUsed, snap, c, now)
		event.Details = map[string]string{"service": in.Service}
		events = append(events, event)
	}
	if len(events) == 0 {
		return snap, nil
	}
	next := snap.Profile.Next()
	snap.Profile = &next
	return snap, login.Save(ctx, s.Store, user.Change{Profile: snap.Profile, Events: events})
}

// arrival is who begins a login, and on what.
type arrival struct {
	snap   login.Snapshot
	secret string // that the device is to go on with; empty: the one that it has
}

// arrive reads who begins a login and judges the device. Only a rotation and a theft write anything, and both are written
// before anybody hears of them.
func (s *Service) arrive(ctx context.Context, c access.Caller, in Begin, now time.Time) (arrival, error) {
	device, secret, _ := factor.ParseDeviceToken(in.DeviceToken)
	snap, err := s.registered(ctx, c, in, device, now)
	a := arrival{snap: snap}
	if err != nil {
		return a, err
	}
	r, err := snap.Recognise(s.Codes, secret, now)
	if err != nil {
		return a, err
	}
	if r.Stolen {
		of := login.Login{Organization: in.Organization, User: in.User}
		return a, login.Save(ctx, s.Store, of.Theft(snap, c, now))
	}
	a.snap.Trusted = r.Trusted
	if decision.Decide(login.State(a.snap, in.Service, now), now).Rule != decision.RuleDevice {
		return a, nil // another rule lets in or refuses, and the device was not needed
	}
	a.secret = r.Secret
	if r.Rotated == nil {
		return a, nil
	}
	return a, login.Save(ctx, s.Store, user.Change{Device: r.Rotated})
}

// trusted completes a login from a trusted device. Failing to sign loses nothing: whoever asks again with the same token gets the
// same new one.
func (s *Service) trusted(ctx context.Context, l login.Login, a arrival, answer login.Answer, now time.Time) (login.Answer, error) {
	device := *a.snap.Device
	claims := l.AssertionOf(device, uuid.NewString(), answer.Decision.PolicyVersion, now)
	signed, err := s.signed(ctx, claims)
	if err != nil {
		return login.Answer{}, err
	}
	answer.Assertion, answer.AssertedUntil = signed, claims.ExpiresAt
	answer.CodesLeft = a.snap.Factors.RecoveryCodes.Left()
	answer.Device.Until = device.Expiry(a.snap.Organization.Policy)
	if a.secret != "" {
		answer.Device.Text = factor.DeviceToken(device.ID, a.secret)
	}
	return answer, nil
}
