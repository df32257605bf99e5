package login

import (
	"cmp"
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Remember asks to trust the browser that a proof comes from.
type Remember struct {
	Name string // for the user, one line; may be empty
}

// Remembers reports whether a proof by way makes a device: by a method that the policy allows, never by a way back, and
// only where the policy remembers.
func (s Snapshot) Remembers(way string) bool {
	p := s.Organization.Policy
	return p.RememberDevice && !IsWayBack(way) && p.Allows(org.Method(way))
}

// Browser is where a proof comes from, to be trusted from then on.
type Browser struct {
	Login  Login
	Store  DeviceStore
	Codes  factor.PRF
	Caller access.Caller
	Now    time.Time
}

// DeviceToken is what a browser is to keep, and until when it is good. Its text is empty where what the browser has stays good.
type DeviceToken struct {
	Text  string
	Until time.Time
}

// Trust adds the device of a success to the change that the success is written with, and gives its token. The factors that are
// written carry the epoch, and their revision lets only one device be made at a time: whoever is second counts again, so no user gets
// more than there may be.
func (b Browser) Trust(ctx context.Context, s Snapshot, success user.Success, r Remember, change *user.Change) (DeviceToken, error) {
	l, c := b.Login, b.Caller
	d := user.Device{
		Organization: l.Organization, User: l.User, ID: success.ID, Rev: 1, Application: l.Application, Epoch: change.Factors.Epoch,
		PolicyVersion: success.PolicyVersion, Way: org.Method(success.Way), Name: r.Name, Agent: user.Known(cmp.Or(c.Agent, l.Agent)),
		Address: cmp.Or(c.Claimed, l.Claimed), CreatedAt: success.At, KeyID: b.Codes.PRFKeyID(),
	}
	d.ExpiresAt = d.CreatedAt.AddDate(0, 0, s.Organization.Policy.RememberDays)
	d.Seen(d.CreatedAt)
	secret, err := d.Begin(b.Codes, l.ID)
	if err != nil {
		return DeviceToken{}, err
	}
	event := l.Event(audit.DeviceTrusted, s, c, b.Now)
	event.Details = d.Details()
	event.Details["until"] = audit.InWords(d.ExpiresAt)
	event.Notify = true
	if len(change.Removed) == 0 { // otherwise all that there were
		stored, err := b.Store.Devices(ctx, l.Organization, l.User)
		if err != nil {
			return DeviceToken{}, fault.Down(err)
		}
		change.Removed = user.Crowded(stored, *s.Organization, d.Epoch, success.At)
		if gone := displaced(change.Removed, s, d.Epoch, success.At); gone != "" {
			event.Details["in_place_of"] = gone
		}
	}
	change.Device = &d
	change.Events = append(change.Events, event)
	return DeviceToken{factor.DeviceToken(d.ID, secret), d.ExpiresAt}, nil
}

// Again gives the token of a device that this very request made before, when its reply was lost; none where the device has gone,
// or has got another since: then the reply did arrive.
func (b Browser) Again(ctx context.Context, success user.Success) (DeviceToken, error) {
	l := b.Login
	s, err := b.Store.ReadWithDevice(ctx, b.Caller.Credential, l.Organization, l.User, success.ID)
	if err != nil {
		return DeviceToken{}, fault.Down(err)
	}
	return b.First(s)
}

// First gives the token of a device that was read, as it was when the device was made.
func (b Browser) First(s Snapshot) (DeviceToken, error) {
	if s.Device == nil || s.Organization == nil || !s.Device.Live(*s.Organization, s.Factors.Epoch, b.Now) {
		return DeviceToken{}, nil
	}
	secret, first, err := s.Device.First(b.Codes, b.Login.ID)
	if err != nil || !first {
		return DeviceToken{}, err
	}
	return DeviceToken{factor.DeviceToken(s.Device.ID, secret), s.Device.Expiry(s.Organization.Policy)}, nil
}

// displaced is the device that was trusted until another one took its place, as people know it; empty where only dead ones go.
func displaced(gone []user.Device, s Snapshot, epoch int64, now time.Time) string {
	at := slices.IndexFunc(gone, func(d user.Device) bool { return d.Live(*s.Organization, epoch, now) })
	if at < 0 {
		return ""
	}
	return cmp.Or(gone[at].Name, gone[at].Agent, gone[at].ID)
}
