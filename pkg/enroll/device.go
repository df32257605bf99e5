package enroll

import (
	"context"
	"slices"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

var devicesRule = access.Rule{Roles: []access.Role{access.Application, access.OrganizationAdministrator}, Permission: access.UsersWrite}

// DevicesRule is what seeing, naming and revoking devices demands of a key: the application, for the user; an administrator who may
// change users, for support. Devices tell addresses and browsers, so who only reads reports sees none.
func DevicesRule() access.Rule { return devicesRule }

// Device is a trusted device as the present policy has it.
type Device struct {
	user.Device
	Until time.Time // when it ends
}

// Devices are those that are trusted now, the latest first.
func (s *Service) Devices(ctx context.Context, c access.Caller, of Subject) ([]Device, error) {
	now := s.Now()
	snap, err := s.known(ctx, c, of, devicesRule, now)
	if err != nil {
		return nil, err
	}
	return s.live(ctx, snap, of, now)
}

// live are the devices of a user that are trusted now, the latest first.
func (s *Service) live(ctx context.Context, snap login.Snapshot, of Subject, now time.Time) ([]Device, error) {
	stored, err := s.Store.Devices(ctx, of.Organization, of.User)
	if err != nil {
		return nil, fault.Down(err)
	}
	var live []Device
	for _, d := range stored {
		if d.Live(*snap.Organization, snap.Factors.Epoch, now) {
			live = append(live, Device{d, d.Expiry(snap.Organization.Policy)})
		}
	}
	slices.SortStableFunc(live, func(a, b Device) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return live, nil
}

// RenameDevice gives a device another name; none where it is empty. The name that it has already changes nothing.
func (s *Service) RenameDevice(ctx context.Context, c access.Caller, of Subject, id, name string) (Device, error) {
	now := s.Now()
	return user.Race(func() (Device, error) {
		snap, err := s.device(ctx, c, of, id, now)
		if err != nil {
			return Device{}, err
		}
		d := *snap.Device
		if d.Name != name {
			d = d.Next()
			d.Name = name
			event := of.aboutDevice(audit.DeviceRenamed, snap, c, now)
			event.Details["new_name"] = name
			err = login.Save(ctx, s.Store, user.Change{Device: &d, Events: []audit.Event{event}})
		}
		return Device{d, d.Expiry(snap.Organization.Policy)}, err
	})
}

// RevokeDevice ends a device: its token is none from the next login on.
func (s *Service) RevokeDevice(ctx context.Context, c access.Caller, of Subject, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.device(ctx, c, of, id, now)
		if err != nil {
			return struct{}{}, err
		}
		event := of.aboutDevice(audit.DeviceRevoked, snap, c, now)
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Removed: []user.Device{*snap.Device}, Events: []audit.Event{event}})
	})
	return err
}

// RevokeDevices ends all of a user's. The factors are written with it, so that a device that is being made at the same moment is
// either among them or comes afterwards.
func (s *Service) RevokeDevices(ctx context.Context, c access.Caller, of Subject) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.known(ctx, c, of, devicesRule, now)
		if err != nil {
			return struct{}{}, err
		}
		stored, err := s.Store.Devices(ctx, of.Organization, of.User)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		if len(stored) == 0 {
			return struct{}{}, nil
		}
		f := snap.Factors.Next()
		event := of.event(audit.DevicesRevoked, snap, c, now)
		event.Details = map[string]string{"devices": strconv.Itoa(len(stored))}
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Factors: &f, Removed: stored, Events: []audit.Event{event}})
	})
	return err
}

// PasswordChanged ends what was issued to whoever knew the old password: devices, and logins under way. The second factor stays.
func (s *Service) PasswordChanged(ctx context.Context, c access.Caller, of Subject) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		if err != nil {
			return struct{}{}, err
		}
		f := snap.Factors.Kill()
		event := of.event(audit.PasswordChanged, snap, c, now)
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Factors: &f, Events: []audit.Event{event}})
	})
	return err
}

// device reads a user with a live device; a dead one does not exist.
func (s *Service) device(ctx context.Context, c access.Caller, of Subject, id string, now time.Time) (login.Snapshot, error) {
	snap, err := login.LoadWithDevice(ctx, s.Store, c, devicesRule, of.Organization, of.User, id, now)
	if err != nil {
		return snap, err
	}
	if err := of.stands(snap); err != nil {
		return snap, err
	}
	if snap.Device == nil || !snap.Device.Live(*snap.Organization, snap.Factors.Epoch, now) {
		return snap, access.ErrNotFound
	}
	return snap, nil
}

func (of Subject) aboutDevice(kind audit.Kind, snap login.Snapshot, c access.Caller, now time.Time) audit.Event {
	event := of.event(kind, snap, c, now)
	event.Details = snap.Device.Details()
	return event
}
