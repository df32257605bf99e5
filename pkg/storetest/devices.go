package storetest

import (
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// fullDevice has something in every field.
func fullDevice(id string) user.Device {
	at := time.Date(2026, 11, 22, 12, 0, 0, 123_456_000, time.UTC)
	return user.Device{
		Organization: Organization, User: somebody, ID: id, Rev: 1, Application: "acme.example/crm", Epoch: 41, PolicyVersion: 12, Way: org.TOTP,
		Name: "Küche", Agent: "Browser/1.0", Address: "198.51.100.7", CreatedAt: at, ExpiresAt: at.AddDate(0, 0, 30), LastUsedAt: at.Add(time.Hour),
		KeyID: 0xffffffff, Current: []byte("digest"), Previous: []byte("digest before"), RotatedAt: at.Add(time.Minute),
	}
}

func devicesReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	read := func(id string) *user.Device {
		snap, err := s.ReadWithDevice(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody, id)
		must(t, err)
		return snap.Device
	}
	full, bare := fullDevice("b"), fullDevice("a")
	bare.Name, bare.Agent, bare.Address, bare.Previous, bare.RotatedAt = "", "", "", nil, time.Time{}
	elsewhere := fullDevice("b")
	elsewhere.User = somebody + "#"
	f, p := fullFactors(), fullProfile() // which stand beside them
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	for _, d := range []user.Device{full, bare, elsewhere} {
		must(t, s.Write(ctx, user.Change{Device: &d}))
	}
	same(t, "a device", read("b"), &full)
	same(t, "a bare device", read("a"), &bare)
	same(t, "no device", read("c"), nil)
	all, err := s.Devices(ctx, Organization, somebody)
	must(t, err)
	same(t, "all devices", all, []user.Device{bare, full})
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "a device that nobody asked for", snap.Device, nil)
	left := full.Next()
	left.Previous, left.RotatedAt, left.Name = nil, time.Time{}, ""
	must(t, s.Write(ctx, user.Change{Device: &left}))
	same(t, "what was left out", read("b"), &left)
}

// devicesConflict: a device is written and deleted by whoever read it last, with all of the change or nothing.
func devicesConflict(t *testing.T, s Contract) {
	ctx, w := t.Context(), NewWorld(t, s)
	d := fullDevice("a")
	must(t, s.Write(ctx, user.Change{Device: &d}))
	next, other := d.Next(), d.Next()
	other.Name = "another"
	for range 2 { // the second is a repetition
		must(t, s.Write(ctx, user.Change{Device: &next}))
	}
	conflict(t, "a rewriting that is second", s.Write(ctx, user.Change{Device: &other}))
	conflict(t, "a second making", s.Write(ctx, user.Change{Device: &d}))
	gone := user.Change{Removed: []user.Device{d}, Events: []audit.Event{w.Event(audit.DeviceRevoked, somebody)}}
	conflict(t, "a removal of what was rewritten", s.Write(ctx, gone))
	if n := w.events(t, audit.DeviceRevoked); n != 0 {
		t.Errorf("%d events of a removal that was not", n)
	}
	gone.Removed = []user.Device{next}
	for range 2 {
		must(t, s.Write(ctx, gone))
	}
	again := user.Change{Removed: []user.Device{next}, Events: []audit.Event{w.Event(audit.DeviceRevoked, somebody)}}
	conflict(t, "a removal of what is gone", s.Write(ctx, again))
	conflict(t, "a rewriting of what is gone", s.Write(ctx, user.Change{Device: &other}))
	if n := w.events(t, audit.DeviceRevoked); n != 1 {
		t.Errorf("%d events of a removal, want 1", n)
	}
}
