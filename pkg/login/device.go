package login

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/user"
)

// ClassDevice is the `acr` of a login from a trusted device: its `amr` and `auth_time` are those of the proof that the device
// was trusted with. RFC 8176 has no value for a token that a browser bears, so none is added.
const ClassDevice = "urn:twofold:acr:trusted_device"

// DeviceStore is a store that trusted devices are in too.
type DeviceStore interface {
	Store
	// ReadWithDevice is Read with one of the user's devices in the same batch; nil where there is no such device.
	ReadWithDevice(ctx context.Context, c access.Credential, organization, user, device string) (Snapshot, error)
	// Devices are all of a user's that are stored, dead ones too, strongly consistent.
	Devices(ctx context.Context, organization, user string) ([]user.Device, error)
}

// Recognise judges the secret of a device that was read with a login. A device of another application is none.
func (s Snapshot) Recognise(prf factor.PRF, secret string, now time.Time) (user.Recognition, error) {
	d := s.Device
	if d == nil || d.Application != s.Key.Qualified() || !d.Live(*s.Organization, s.Factors.Epoch, now) {
		return user.Recognition{}, nil
	}
	return d.Recognise(prf, secret, now)
}

// Theft is the write that ends a device whose secret came back. The user is told, and administrators are.
func (l Login) Theft(s Snapshot, c access.Caller, now time.Time) user.Change {
	event := l.Event(audit.DeviceTheft, s, c, now)
	event.Details = s.Device.Details()
	event.Details["trusted_since"] = audit.InWords(s.Device.CreatedAt)
	event.Notify = true
	return user.Change{Removed: []user.Device{*s.Device}, Events: []audit.Event{event}}
}

// AssertionOf is what a login from a trusted device proves: that the user proved a second factor then, on this device.
func (l Login) AssertionOf(d user.Device, id string, policyVersion int64, now time.Time) Assertion {
	proof := l.Assertion(user.Success{ID: id, At: d.CreatedAt, Way: string(d.Way), PolicyVersion: policyVersion})
	proof.IssuedAt = now.Truncate(time.Second)
	proof.ExpiresAt = proof.IssuedAt.Add(AssertionLife)
	proof.Class, proof.TrustedDevice = ClassDevice, true
	return proof
}
