package memstore

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// named is one of a user's devices.
type named struct {
	member
	device string
}

// ReadWithDevice implements login.DeviceStore.
func (s *Store) ReadWithDevice(_ context.Context, c access.Credential, organization, id, device string) (snap login.Snapshot, err error) {
	err = s.do(Read, func() error {
		snap = s.snapshot(c, organization, id)
		snap.Device = pointer(s.devices, named{member{organization, id}, device}, settleDevice)
		return nil
	})
	return snap, err
}

// Devices implements login.DeviceStore.
func (s *Store) Devices(_ context.Context, organization, id string) (found []user.Device, err error) {
	err = s.do(Devices, func() error {
		for at, d := range s.devices {
			if at.member == (member{organization, id}) {
				found = append(found, settleDevice(d))
			}
		}
		slices.SortFunc(found, func(a, b user.Device) int { return cmp.Compare(a.ID, b.ID) })
		return nil
	})
	return found, err
}

func (s *Store) deviceParts(c user.Change) []part {
	var parts []part
	if c.Device != nil {
		parts = append(parts, s.devicePart(settleDevice(*c.Device)))
	}
	for _, d := range c.Removed {
		at := deviceAt(d)
		stored, present := s.devices[at]
		parts = append(parts, part{
			holds: present && stored.Rev == d.Rev, ours: !present, apply: func() { delete(s.devices, at) },
		})
	}
	return parts
}

func (s *Store) devicePart(d user.Device) part {
	at := deviceAt(d)
	stored, present := s.devices[at]
	return part{
		holds: follows(d.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, d), apply: func() { s.devices[at] = d },
	}
}

func deviceAt(d user.Device) named { return named{member{d.Organization, d.User}, d.ID} }

func settleDevice(d user.Device) user.Device {
	d.CreatedAt, d.ExpiresAt, d.LastUsedAt, d.RotatedAt = micro(d.CreatedAt), micro(d.ExpiresAt), micro(d.LastUsedAt), micro(d.RotatedAt)
	d.Current, d.Previous = list(d.Current), list(d.Previous)
	return d
}
