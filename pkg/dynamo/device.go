package dynamo

import (
	"context"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// deviceAttributes are all that this version knows: one that a write does not set is removed by it.
var deviceAttributes = []string{
	"rev", "application", "epoch", "policy_version", "way", "name", "agent", "address", "created_at", "expires_at", "last_used_at",
	"key_id", "current", "previous", "rotated_at", "ttl",
}

func encodeDevice(d user.Device) item {
	i := deviceKey(d.Organization, d.User, d.ID).item()
	i.number("rev", d.Rev)
	i.text("application", d.Application)
	i.number("epoch", d.Epoch)
	i.number("policy_version", d.PolicyVersion)
	i.text("way", string(d.Way))
	i.text("name", d.Name)
	i.text("agent", d.Agent)
	i.text("address", d.Address)
	i.moment("created_at", d.CreatedAt)
	i.moment("expires_at", d.ExpiresAt)
	i.moment("last_used_at", d.LastUsedAt)
	i.number("key_id", int64(d.KeyID))
	i.bytes("current", d.Current)
	i.bytes("previous", d.Previous)
	i.moment("rotated_at", d.RotatedAt)
	i.number("ttl", d.ExpiresAt.Unix())
	return i
}

func decodeDevice(i item) (user.Device, error) {
	must, may, err := read("DEVICE", i)
	d := user.Device{
		Rev: must.number("rev"), Application: must.text("application"), Epoch: must.number("epoch"), PolicyVersion: must.number("policy_version"),
		Way: choice(must, "way", org.TOTP, org.Email, org.SMS), Name: may.text("name"), Agent: may.text("agent"), Address: may.text("address"),
		CreatedAt: must.moment("created_at"), ExpiresAt: must.moment("expires_at"), LastUsedAt: must.moment("last_used_at"),
		KeyID: uint32(must.number("key_id")), Current: must.bytes("current"), Previous: may.bytes("previous"), RotatedAt: may.moment("rotated_at"),
	}
	var ok, named bool
	d.Organization, d.User, ok = i.key().userOf()
	d.ID, named = strings.CutPrefix(i.key().sk, devicePrefix)
	if !ok || !named {
		must.fail("pk", "is not a user's device's")
	}
	return d, *err
}

// ReadWithDevice is Read with a device in the same batch. It is login.DeviceStore's, as is Devices.
func (s *Store) ReadWithDevice(ctx context.Context, c access.Credential, organization, id, device string) (login.Snapshot, error) {
	k := deviceKey(organization, id, device)
	snap, found, err := s.snapshot(ctx, c, organization, id, k)
	if err != nil {
		return login.Snapshot{}, err
	}
	if snap.Device, err = decoded(found[k], decodeDevice); err != nil {
		return login.Snapshot{}, err
	}
	return snap, nil
}

// Devices are all of a user's, strongly consistent; there are no more than user.MaxDevices.
func (s *Store) Devices(ctx context.Context, organization, id string) ([]user.Device, error) {
	return list(ctx, s, deviceKey(organization, id, ""), decodeDevice)
}

// devices are the parts of a change that make, rewrite and delete a user's devices.
func (s *Store) devices(c user.Change) []part {
	var parts []part
	if d := c.Device; d != nil {
		parts = append(parts, s.updated(encodeDevice(*d), d.Rev, deviceAttributes))
	}
	for _, d := range c.Removed {
		parts = append(parts, s.deleted(deviceKey(d.Organization, d.User, d.ID), d.Rev))
	}
	return parts
}
