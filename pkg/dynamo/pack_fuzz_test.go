package dynamo

import (
	"reflect"
	"testing"
)

// FuzzUnpack: whatever stands in the table, reading it does not panic, and what could be read comes back the same
// after it was written.
func FuzzUnpack(f *testing.F) {
	for _, factors := range []func() *packer{
		func() *packer { p := newPacker(); packChallenge(p, crowded().Challenges[0]); return p },
		func() *packer { p := newPacker(); packAuthenticator(p, verified().Authenticators[0]); return p },
		func() *packer { p := newPacker(); packSuccess(p, verified().Successes[0]); return p },
		func() *packer { p := newPacker(); packRecovery(p, verified().RecoveryCodes); return p },
		func() *packer { p := newPacker(); packEnrollment(p, *enrolling().Enrollment); return p },
		func() *packer { p := newPacker(); packAppPassword(p, largestAppPassword()); return p },
	} {
		f.Add(factors().b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		roundTrip(t, b, packChallenge, unpackChallenge)
		roundTrip(t, b, packAuthenticator, unpackAuthenticator)
		roundTrip(t, b, packSuccess, unpackSuccess)
		roundTrip(t, b, packRecovery, unpackRecovery)
		roundTrip(t, b, packEnrollment, unpackEnrollment)
		roundTrip(t, b, packAppPassword, unpackAppPassword)
	})
}

func roundTrip[T any](t *testing.T, b []byte, pack func(*packer, T), unpack func(*unpacker) T) {
	t.Helper()
	u := newUnpacker(b)
	value := unpack(u)
	if u.done() != nil {
		return
	}
	p := newPacker()
	pack(p, value)
	again := newUnpacker(p.b)
	if got := unpack(again); p.err != nil || again.done() != nil || !reflect.DeepEqual(got, value) {
		t.Errorf("%x: got %+v, %v, want %+v", b, got, again.err, value)
	}
}
