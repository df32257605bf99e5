package dynamo

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"
)

// packVersion begins every packed element. Another version is an error, not a guess.
const packVersion = 1

// Kinds of packed ids. An id that is neither a canonical UUID nor lower-case hex is kept as text.
const (
	idText = 0
	idUUID = 1
	idHex  = 2
)

var (
	errPacked = errors.New("is packed in a way that is not known")
	errMoment = errors.New("dynamo: a time lies outside what the table can hold")
)

// packer writes an element of the factors item as few bytes.
type packer struct {
	b   []byte
	err error
}

func newPacker() *packer { return &packer{b: []byte{packVersion}} }

func (p *packer) int(n int64)  { p.b = binary.AppendVarint(p.b, n) }
func (p *packer) u16(n uint16) { p.b = binary.BigEndian.AppendUint16(p.b, n) }
func (p *packer) u32(n uint32) { p.b = binary.BigEndian.AppendUint32(p.b, n) }
func (p *packer) byte(n byte)  { p.b = append(p.b, n) }

func (p *packer) blob(b []byte) {
	p.b = binary.AppendUvarint(p.b, uint64(len(b)))
	p.b = append(p.b, b...)
}

func (p *packer) text(s string) { p.blob([]byte(s)) }

func (p *packer) flags(set ...bool) {
	var bits byte
	for at, on := range set {
		if on {
			bits |= 1 << at
		}
	}
	p.byte(bits)
}

func (p *packer) id(id string) {
	if u, err := uuid.Parse(id); err == nil && u.String() == id {
		p.byte(idUUID)
		p.b = append(p.b, u[:]...)
		return
	}
	if raw, err := hex.DecodeString(id); err == nil && hex.EncodeToString(raw) == id {
		p.byte(idHex)
		p.blob(raw)
		return
	}
	p.byte(idText)
	p.text(id)
}

// floor writes a time cut to the second: for what is over at that time, so that nothing lives longer than it should.
func (p *packer) floor(t time.Time) {
	if t.IsZero() {
		p.u32(0)
		return
	}
	seconds := t.Unix()
	if seconds < 1 || seconds > math.MaxUint32 {
		p.err = errMoment
	}
	p.u32(uint32(seconds))
}

// ceiling writes a time raised to the next full second: for what limits from that time on, so that no
// limit is shorter than it should be.
func (p *packer) ceiling(t time.Time) {
	if t.Nanosecond() != 0 {
		t = t.Truncate(time.Second).Add(time.Second)
	}
	p.floor(t)
}
