package dynamo

import (
	"time"

	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// The attributes of the factors item. Those that operators and stream filters need are readable, the others one
// letter long, because the largest item must fit one write unit of 1,024 bytes.
const (
	factorsAuthenticators = "a"
	factorsChallenges     = "c"
	factorsEnrollment     = "e"
	factorsFailures       = "f"
	factorsLocked         = "l"
	factorsSends          = "m"
	factorsConsecutive    = "n"
	factorsRecovery       = "r"
	factorsSuccesses      = "s"
	factorsTried          = "t"
	factorsEntered        = "v"
)

// factorsAttributes are all that this version knows: one that a write does not set is removed by it.
var factorsAttributes = []string{
	"attempt", "deliver", "epoch", "rev", factorsAuthenticators, factorsChallenges, factorsEnrollment,
	factorsFailures, factorsLocked, factorsSends, factorsConsecutive, factorsRecovery, factorsSuccesses, factorsTried, factorsEntered,
}

func encodeFactors(f user.Factors) (item, error) {
	i := factorsKey(f.Organization, f.User).item()
	i.number("rev", f.Rev)
	i.number("epoch", f.Epoch)
	i.bytes("attempt", f.Attempt)
	i.text("deliver", f.Deliver)
	i.number(factorsConsecutive, int64(f.Throttle.Consecutive))
	if f.Entered != 0 {
		i.number(factorsEntered, f.Entered)
	}
	e := factorsEncoder{item: i}
	e.times(factorsFailures, f.Throttle.Failures...)
	if !f.Throttle.LockedUntil.IsZero() {
		e.times(factorsLocked, f.Throttle.LockedUntil)
	}
	e.times(factorsSends, f.Sends...)
	if f.RecoveryCodes != (user.RecoveryCodes{}) {
		e.one(factorsRecovery, func(p *packer) { packRecovery(p, f.RecoveryCodes) })
	}
	if f.Enrollment != nil {
		e.one(factorsEnrollment, func(p *packer) { packEnrollment(p, *f.Enrollment) })
	}
	many(&e, factorsAuthenticators, f.Authenticators, packAuthenticator)
	many(&e, factorsChallenges, f.Challenges, packChallenge)
	many(&e, factorsSuccesses, f.Successes, packSuccess)
	withTry(i, f.Tried)
	withOrigin(i, f)
	withTryFrom(i, f.Tried)
	return i, e.err
}

// factorsEncoder keeps the first error of what it packs into an item.
type factorsEncoder struct {
	item item
	err  error
}

func (e *factorsEncoder) one(name string, pack func(*packer)) { e.item.bytes(name, e.packed(pack)) }

func (e *factorsEncoder) packed(pack func(*packer)) []byte {
	p := newPacker()
	pack(p)
	if e.err == nil {
		e.err = p.err
	}
	return p.b
}

// times holds what limits somebody, so it is raised to full seconds.
func (e *factorsEncoder) times(name string, times ...time.Time) {
	if len(times) == 0 {
		return
	}
	e.one(name, func(p *packer) {
		for _, t := range times {
			p.ceiling(t)
		}
	})
}

func many[T any](e *factorsEncoder, name string, values []T, pack func(*packer, T)) {
	packed := make([][]byte, len(values))
	for at, value := range values {
		packed[at] = e.packed(func(p *packer) { pack(p, value) })
	}
	e.item.blobs(name, packed)
}

func decodeFactors(i item) (user.Factors, error) {
	must, may, err := read("FACTORS", i)
	f := user.Factors{
		Rev: must.number("rev"), Epoch: must.number("epoch"), Attempt: may.bytes("attempt"),
		Throttle: throttle.State{
			Consecutive: int(must.number(factorsConsecutive)),
			Failures:    unpackTimes(may, factorsFailures),
		},
		Sends:          unpackTimes(may, factorsSends),
		RecoveryCodes:  unpackOne(may, factorsRecovery, unpackRecovery),
		Authenticators: unpackMany(may, factorsAuthenticators, unpackAuthenticator),
		Challenges:     unpackMany(may, factorsChallenges, unpackChallenge),
		Successes:      unpackMany(may, factorsSuccesses, unpackSuccess),
	}
	f.Entered = may.number(factorsEntered)
	f.Deliver, f.From = intentOf(may.text("deliver"))
	f.Tried = tryOf(may.bytes(factorsTried), f.Throttle.Failures)
	if locked := unpackTimes(may, factorsLocked); len(locked) > 0 {
		f.Throttle.LockedUntil = locked[0]
	}
	if _, under := i[factorsEnrollment]; under {
		e := unpackOne(must, factorsEnrollment, unpackEnrollment)
		f.Enrollment = &e
	}
	var ok bool
	if f.Organization, f.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	return f, *err
}

func unpackOne[T any](f fields, name string, unpack func(*unpacker) T) (value T) {
	if b := f.bytes(name); b != nil {
		value = unpacked(f, name, b, unpack)
	}
	return value
}

func unpackMany[T any](f fields, name string, unpack func(*unpacker) T) []T {
	var out []T
	for _, b := range f.blobs(name) {
		out = append(out, unpacked(f, name, b, unpack))
	}
	return out
}

func unpacked[T any](f fields, name string, b []byte, unpack func(*unpacker) T) T {
	u := newUnpacker(b)
	value := unpack(u)
	if err := u.done(); err != nil {
		f.fail(name, err.Error())
	}
	return value
}

func unpackTimes(f fields, name string) []time.Time {
	return unpackOne(f, name, func(u *unpacker) []time.Time {
		var times []time.Time
		for len(u.b) > 0 && u.err == nil {
			times = append(times, u.moment())
		}
		return times
	})
}
