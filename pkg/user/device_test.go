package user_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// trusting is an organisation that remembers for 30 days.
func trusting() org.Organization {
	o := org.Organization{ID: "acme", Policy: org.DefaultOrganizationPolicy(noon)}
	o.Policy.RememberDevice, o.Policy.RememberDays = true, 30
	return o
}

func browserAt(made time.Time) user.Device {
	return user.Device{
		Organization: "acme", User: "ann", ID: "0190c2d8-7f3e-4c1a-9b7e-0123456789ab", Rev: 1, Application: "acme/crm", Epoch: 3, PolicyVersion: 1,
		Way: org.TOTP, CreatedAt: made, ExpiresAt: made.AddDate(0, 0, 30), KeyID: 7,
	}
}

func TestWhatEndsADevice(t *testing.T) {
	for name, c := range map[string]struct {
		change func(d *user.Device, o *org.Organization)
		after  time.Duration
		live   bool
	}{
		"nothing":                          {nil, 0, true},
		"its last moment":                  {nil, 30*24*time.Hour - 1, true},
		"its days":                         {nil, 30 * 24 * time.Hour, false},
		"a raised epoch":                   {func(d *user.Device, _ *org.Organization) { d.Epoch-- }, 0, false},
		"an epoch of elsewhere":            {func(d *user.Device, _ *org.Organization) { d.Epoch++ }, 0, false},
		"no remembering":                   {func(_ *user.Device, o *org.Organization) { o.Policy.RememberDevice = false }, 0, false},
		"its method, not allowed any more": {func(_ *user.Device, o *org.Organization) { o.Policy.Methods = []org.Method{org.Email} }, 0, false},
		"the memory, by version":           {func(_ *user.Device, o *org.Organization) { o.Memory.Version = 2 }, 0, false},
		"the memory, by time":              {func(_ *user.Device, o *org.Organization) { o.Memory.Since = noon.Add(1) }, 0, false},
		"fewer days":                       {func(_ *user.Device, o *org.Organization) { o.Policy.RememberDays = 7 }, 7 * 24 * time.Hour, false},
		"within fewer days":                {func(_ *user.Device, o *org.Organization) { o.Policy.RememberDays = 7 }, 7*24*time.Hour - 1, true},
		"more days than it was given":      {func(d *user.Device, _ *org.Organization) { d.ExpiresAt = noon.AddDate(0, 0, 1) }, 24 * time.Hour, false},
	} {
		d, o := browserAt(noon), trusting()
		if c.change != nil {
			c.change(&d, &o)
		}
		if live := d.Live(o, 3, noon.Add(c.after)); live != c.live {
			t.Errorf("%s: live %t, want %t", name, live, c.live)
		}
	}
}

func TestADeviceMoreTakesThePlaceOfTheOldest(t *testing.T) {
	var devices []user.Device
	for i := range user.MaxDevices + 1 {
		d := browserAt(noon.Add(time.Duration((i*7)%11) * time.Minute))
		d.ID = fmt.Sprint((i * 7) % 11)
		devices = append(devices, d)
	}
	ids := func(gone []user.Device) (all []string) {
		for _, d := range gone {
			all = append(all, d.ID)
		}
		slices.Sort(all)
		return all
	}
	now := noon.Add(time.Hour)
	if got := ids(user.Crowded(devices, trusting(), 3, now)); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("of eleven: %v go", got)
	}
	nine := slices.DeleteFunc(slices.Clone(devices), func(d user.Device) bool { return d.ID == "0" || d.ID == "1" })
	if got := user.Crowded(nine, trusting(), 3, now); len(got) != 0 {
		t.Errorf("of nine: %v go", ids(got))
	}
	nine[0].Epoch--
	if got := ids(user.Crowded(nine, trusting(), 3, now)); !slices.Equal(got, []string{nine[0].ID}) {
		t.Errorf("of nine, one of them dead: %v go", got)
	}
}

func TestABrowsersNameIsCut(t *testing.T) {
	if got := user.Known(strings.Repeat("ü", 200)); got != strings.Repeat("ü", 128) {
		t.Errorf("%d bytes are kept", len(got))
	}
	if user.Known("Browser") != "Browser" {
		t.Error("a short name is changed")
	}
}
