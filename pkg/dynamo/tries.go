package dynamo

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"twofold/pkg/user"
)

// The words of a try, by the number that is stored. None may be removed or moved; there is room for 16 of each.
var (
	triedWays = []string{"", "totp", "email", "sms", "recovery_email", "recovery_code", "bypass_code", user.TicketWay}
	triedFor  = []user.Act{
		"", user.SignIn, user.Prove, user.VerifyMailbox, user.Confirm, user.AddMethod, user.RemoveMethod, user.RenewCodes, user.MoveRecovery,
		user.ManageAppPasswords, user.SwitchOff, user.StepUp,
	}
)

const (
	triedRight = 1 << iota
	triedVoid
)

// withTry adds the code that a write judged: the version, flags, four bits each of the way and what it was for, and of a right one the time.
// That of a wrong one is the last failure's, so that there is room for this in the largest item of all.
func withTry(i item, t user.Try) {
	if t.Way == "" {
		return
	}
	packed := []byte{packVersion, 0, numbered(triedWays, t.Way)<<4 | numbered(triedFor, t.For)}
	if t.Void {
		packed[1] |= triedVoid
	}
	if t.Right {
		packed[1] |= triedRight
		packed = binary.BigEndian.AppendUint32(packed, uint32(t.At.Unix()))
	}
	i.bytes(factorsTried, packed)
}

// withTryFrom adds the address behind that, unless the item would grow beyond one write unit: as withOrigin does.
func withTryFrom(i item, t user.Try) {
	address, err := netip.ParseAddr(t.Address)
	if err != nil || t.Way == "" {
		return
	}
	packed, added := fields{item: i, err: new(error)}.bytes(factorsTried), address.AsSlice()
	if itemSize(i)+len(added) <= largestFactors {
		i.bytes(factorsTried, append(packed, added...))
	}
}

func numbered[T comparable](words []T, word T) byte { return byte(max(0, slices.Index(words, word))) }

// tryOf reads what withTry wrote. What cannot be read is no try: nothing rests on it, and a request must not fail for it.
func tryOf(packed []byte, failures []time.Time) user.Try {
	u := &unpacker{b: packed}
	version, flags, words := u.byte(), u.byte(), u.byte()
	way, act := int(words>>4), int(words&0x0f)
	t := user.Try{Right: flags&triedRight != 0, Void: flags&triedVoid != 0}
	switch {
	case t.Right:
		t.At = u.moment()
	case len(failures) > 0:
		t.At = failures[len(failures)-1]
	}
	if u.err != nil || version != packVersion || way == 0 || way >= len(triedWays) || act >= len(triedFor) {
		return user.Try{}
	}
	t.Way, t.For = triedWays[way], triedFor[act]
	if address, ok := netip.AddrFromSlice(u.b); ok {
		t.Address = address.String()
	}
	return t
}
