package dynamo

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// unpacker reads what a packer wrote and keeps the first error.
type unpacker struct {
	b   []byte
	err error
}

func newUnpacker(b []byte) *unpacker {
	u := &unpacker{b: b}
	if u.byte() != packVersion {
		u.err = errPacked
	}
	return u
}

func (u *unpacker) take(n uint64) []byte {
	if u.err != nil || n > uint64(len(u.b)) {
		u.err = errPacked
		return nil
	}
	head := u.b[:n]
	u.b = u.b[n:]
	return head
}

func (u *unpacker) byte() byte {
	if b := u.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (u *unpacker) u16() uint16 {
	if b := u.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (u *unpacker) u32() uint32 {
	if b := u.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (u *unpacker) int() int64 {
	n, size := binary.Varint(u.b)
	if size <= 0 {
		u.err = errPacked
		return 0
	}
	u.take(uint64(size))
	return n
}

func (u *unpacker) blob() []byte {
	n, size := binary.Uvarint(u.b)
	if size <= 0 {
		u.err = errPacked
		return nil
	}
	u.take(uint64(size))
	b := u.take(n)
	if len(b) == 0 {
		return nil
	}
	return b
}

func (u *unpacker) text() string { return string(u.blob()) }

func (u *unpacker) id() string {
	switch u.byte() {
	case idText:
		return u.text()
	case idHex:
		return hex.EncodeToString(u.blob())
	case idUUID:
		id, err := uuid.FromBytes(u.take(16))
		if err == nil {
			return id.String()
		}
	}
	u.err = errPacked
	return ""
}

func (u *unpacker) moment() time.Time {
	seconds := u.u32()
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// more reports whether anything follows.
func (u *unpacker) more() bool { return u.err == nil && len(u.b) > 0 }

// done reports the first error; bytes left over are one.
func (u *unpacker) done() error {
	if u.err == nil && len(u.b) > 0 {
		u.err = errPacked
	}
	return u.err
}
