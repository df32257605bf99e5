package user_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"twofold/pkg/user"
)

// hashing is a keyed function with one key, 7.
type hashing struct{}

func (hashing) PRFKeyID() uint32 { return 7 }

func (hashing) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	if keyID != 7 {
		return nil, errors.New("no such key")
	}
	sum := sha256.Sum256(input)
	return sum[:n], nil
}

// browser is somebody with a secret of a device.
type browser struct {
	t      *testing.T
	device user.Device
	secret string
}

func begun(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, device: browserAt(noon)}
	b.device.Seen(noon)
	var err error
	if b.secret, err = b.device.Begin(hashing{}, "seed"); err != nil {
		t.Fatal(err)
	}
	return b
}

// shows judges a secret, and writes what is to be written.
func (b *browser) shows(secret string, now time.Time) user.Recognition {
	b.t.Helper()
	r, err := b.device.Recognise(hashing{}, secret, now)
	if err != nil {
		b.t.Fatal(err)
	}
	if r.Rotated != nil {
		if r.Rotated.Rev != b.device.Rev+1 {
			b.t.Errorf("revision %d follows %d", r.Rotated.Rev, b.device.Rev)
		}
		b.device = *r.Rotated
	}
	return r
}

func TestASecretIsReplacedAtTheFirstUseOfADay(t *testing.T) {
	b := begun(t)
	if r := b.shows(b.secret, noon.Add(time.Hour)); !r.Trusted || r.Secret != "" || r.Rotated != nil {
		t.Errorf("on its first day: %+v", r)
	}
	midnight := noon.Add(12 * time.Hour)
	if r := b.shows(b.secret, midnight.Add(-1)); r.Rotated != nil {
		t.Error("replaced before midnight")
	}
	r := b.shows(b.secret, midnight)
	if !r.Trusted || r.Secret == "" || r.Secret == b.secret || r.Rotated == nil {
		t.Fatalf("on the next day: %+v", r)
	}
	if again := b.shows(r.Secret, midnight.Add(time.Hour)); !again.Trusted || again.Secret != "" || again.Rotated != nil {
		t.Errorf("the new one on that day: %+v", again)
	}
	if !b.device.LastUsedAt.Equal(midnight) {
		t.Errorf("last used %v", b.device.LastUsedAt)
	}
}

// Two tabs, or a reply that was lost: whoever shows the one before gets the very one that replaced it.
func TestWhoeverMissedTheNewSecretGetsItWithinAMinute(t *testing.T) {
	b := begun(t)
	later := noon.AddDate(0, 0, 1)
	first := b.shows(b.secret, later)
	again := b.shows(b.secret, later.Add(user.DeviceOverlap-1))
	if !again.Trusted || again.Secret != first.Secret || again.Rotated != nil || again.Stolen {
		t.Errorf("%+v, and then %+v", first, again)
	}
}

// After its minute the one before is a theft, and so is every older one, however old.
func TestAReplacedSecretThatComesBackIsATheft(t *testing.T) {
	b := begun(t)
	secrets := []string{b.secret}
	now := noon
	for range 30 {
		now = now.AddDate(0, 0, 1)
		secrets = append(secrets, b.shows(secrets[len(secrets)-1], now).Secret)
	}
	now = now.Add(user.DeviceOverlap)
	for i, secret := range secrets[:30] {
		if r := b.shows(secret, now); !r.Stolen || r.Trusted || r.Secret != "" || r.Rotated != nil {
			t.Errorf("the secret of day %d: %+v", i, r)
		}
	}
	if r := b.shows(secrets[30], now); !r.Trusted || r.Stolen {
		t.Errorf("the present one: %+v", r)
	}
}

// Somebody who knows the device and guesses ends nothing.
func TestAStrangersSecretMeansNothing(t *testing.T) {
	b := begun(t)
	for _, secret := range []string{"", "guess", b.secret + "x"} {
		if r := b.shows(secret, noon.AddDate(0, 0, 1)); r != (user.Recognition{}) {
			t.Errorf("%q: %+v", secret, r)
		}
	}
}

func TestTheFirstSecretIsGivenAgainUntilThereIsAnother(t *testing.T) {
	b := begun(t)
	again, first, err := b.device.First(hashing{}, "seed")
	if err != nil || !first || again != b.secret {
		t.Errorf("%q, %t, %v; the first was %q", again, first, err, b.secret)
	}
	if _, first, _ := b.device.First(hashing{}, "another"); first {
		t.Error("another seed gives it")
	}
	b.shows(b.secret, noon.AddDate(0, 0, 1))
	if _, first, _ := b.device.First(hashing{}, "seed"); first {
		t.Error("it is given after it was replaced")
	}
}

func TestADeviceWhoseKeyIsGoneIsAnOutage(t *testing.T) {
	b := begun(t)
	b.device.KeyID = 8
	if _, err := b.device.Recognise(hashing{}, b.secret, noon); err == nil {
		t.Error("it is judged all the same")
	}
}
