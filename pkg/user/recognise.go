package user

import (
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// DeviceOverlap is for how long the secret before is good after a rotation: two tabs, a lost reply (design §5).
const DeviceOverlap = time.Minute

// Recognition is what a presented secret of a live device means. The zero value: nothing, the secret was never the device's.
type Recognition struct {
	Trusted bool
	Stolen  bool    // a secret that had been replaced came back: two have it, and one of them is not the owner
	Secret  string  // the one to go on with, where it is another; empty: the presented one
	Rotated *Device // what is written for that; nil: nothing is
}

// Recognise judges a secret. At the first use of each day it is replaced. The secret before is good for DeviceOverlap,
// and whoever shows it gets the very one that replaced it: they may never have seen it. Any older one, and that one later, is
// a theft.
func (d Device) Recognise(prf factor.PRF, secret string, now time.Time) (Recognition, error) {
	next, err := factor.NextDeviceSecret(prf, d.KeyID, d.series(), secret)
	if err != nil {
		return Recognition{}, fault.Down(err)
	}
	switch {
	case factor.SameDevice(d.Current, secret) && day(now).After(d.LastUsedAt):
		return Recognition{Trusted: true, Secret: next, Rotated: d.rotated(next, now)}, nil
	case factor.SameDevice(d.Current, secret):
		return Recognition{Trusted: true}, nil
	case factor.SameDevice(d.Previous, secret) && now.Before(d.RotatedAt.Add(DeviceOverlap)):
		return Recognition{Trusted: true, Secret: next}, nil
	}
	stolen, err := d.leadsHere(prf, next)
	return Recognition{Stolen: stolen}, err
}

func (d Device) rotated(secret string, now time.Time) *Device {
	n := d.Next()
	n.Previous, n.Current, n.RotatedAt = d.Current, factor.DeviceDigest(secret), now
	n.Seen(now)
	return &n
}

// leadsHere reports whether the device has come from a secret: each follows from the one before, so one that was ever
// the device's leads to the present one. There are no more than a device has days.
func (d Device) leadsHere(prf factor.PRF, secret string) (bool, error) {
	for range org.MaxRememberDays + 1 {
		if factor.SameDevice(d.Current, secret) {
			return true, nil
		}
		var err error
		if secret, err = factor.NextDeviceSecret(prf, d.KeyID, d.series(), secret); err != nil {
			return false, fault.Down(err)
		}
	}
	return false, nil
}

// Begin gives a device its first secret, the same for the same seed.
func (d *Device) Begin(prf factor.PRF, seed string) (string, error) {
	secret, err := factor.FirstDeviceSecret(prf, d.KeyID, d.series(), seed)
	if err != nil {
		return "", fault.Down(err)
	}
	d.Current = factor.DeviceDigest(secret)
	return secret, nil
}

// First gives the first secret again, as long as the device has no other: a reply was lost.
func (d Device) First(prf factor.PRF, seed string) (string, bool, error) {
	again := d
	secret, err := again.Begin(prf, seed)
	return secret, err == nil && factor.SameDevice(d.Current, secret), err
}

func (d Device) series() factor.DeviceSeries {
	return factor.DeviceSeries{Organization: d.Organization, User: d.User, Device: d.ID}
}
