package user

import (
	"slices"
	"time"

	"twofold/pkg/org"
)

const (
	// MaxDevices are trusted of one user at once; one more takes the place of the oldest.
	MaxDevices = 10
	// maxAgent is how many characters are kept of what a browser calls itself: enough to recognise it, and a device stays small.
	maxAgent = 128
)

// Device is a browser on which a user proved a second factor and which is trusted since. It stands for that one proof:
// nothing that a device does renews it.
type Device struct {
	Organization  string
	User          string
	ID            string // the id of the assertion that the proof was answered with
	Rev           int64  // raised by every write
	Application   string // access.Key.Qualified: another application's browser is another device
	Epoch         int64  // of the factors: whatever kills what was issued kills devices
	PolicyVersion int64  // the policy that the proof was judged by
	Way           org.Method
	Name          string
	Agent         string // as the application claimed at the proof
	Address       string // likewise
	CreatedAt     time.Time
	ExpiresAt     time.Time // by the policy of then
	LastUsedAt    time.Time // the full day
	KeyID         uint32    // of the function that its secrets are derived by
	Current       []byte    // digest of the secret that is good now
	Previous      []byte    // of the one before; nil: there was none
	RotatedAt     time.Time // when Current took the place of Previous
}

// Next begins a write: a copy with the revision raised.
func (d Device) Next() Device {
	d.Rev++
	return d
}

// Expiry is when a device ends under a policy: it was never given more days than the policy of its beginning had, and
// has no more than the present one has.
func (d Device) Expiry(p org.Policy) time.Time {
	if now := d.CreatedAt.AddDate(0, 0, p.RememberDays); now.Before(d.ExpiresAt) {
		return now
	}
	return d.ExpiresAt
}

// Live reports whether a device is still trusted by an organisation, for a user with this epoch. It says nothing of
// whoever claims to be on it.
func (d Device) Live(o org.Organization, epoch int64, now time.Time) bool {
	p := o.Policy
	return p.RememberDevice && o.Memory.Holds(d.PolicyVersion, d.CreatedAt) && p.Allows(d.Way) &&
		d.Epoch == epoch && now.Before(d.Expiry(p))
}

// Details name a device in an event: by its id, and by the name that people know it by where it has one.
func (d Device) Details() map[string]string {
	details := map[string]string{"device": d.ID}
	if d.Name != "" {
		details["name"] = d.Name
	}
	return details
}

// Seen notes a use, to the day.
func (d *Device) Seen(now time.Time) { d.LastUsedAt = day(now) }

// day is the beginning of a day (UTC).
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Known cuts what a browser calls itself to what is kept of it.
func Known(agent string) string {
	if runes := []rune(agent); len(runes) > maxAgent {
		return string(runes[:maxAgent])
	}
	return agent
}

// Crowded are the devices that a further one takes the place of: all that are dead, and the oldest beyond the limit.
// So a user never has more than MaxDevices items.
func Crowded(devices []Device, o org.Organization, epoch int64, now time.Time) []Device {
	var live, gone []Device
	for _, d := range devices {
		if d.Live(o, epoch, now) {
			live = append(live, d)
		} else {
			gone = append(gone, d)
		}
	}
	slices.SortStableFunc(live, func(a, b Device) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if extra := len(live) - MaxDevices + 1; extra > 0 {
		gone = append(gone, live[:extra]...)
	}
	return gone
}
