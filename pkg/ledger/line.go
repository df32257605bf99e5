package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"

	"twofold/pkg/audit"
)

// Line is one leaf as it is exported: with it, a checkpoint and the key alone, whoever has it can check it.
type Line struct {
	Leaf  uint64
	Event *audit.Event // nil: it is not in the audit any more
	Hash  []byte
	Proof [][]byte // that Hash is in the log of the checkpoint's size (RFC 6962 §2.1.1); nil: hashes that it needs are gone
}

// JSON is the line as text, without an end of line. The event in it is what Data gives, to the letter.
func (l Line) JSON() string {
	o := object{"leaf": strconv.FormatUint(l.Leaf, 10), "hash": quoted(base64.StdEncoding.EncodeToString(l.Hash))}
	if l.Event != nil {
		o["event"] = string(Data(*l.Event))
	}
	if l.Proof != nil {
		var hashes []string
		for _, hash := range l.Proof {
			hashes = append(hashes, quoted(base64.StdEncoding.EncodeToString(hash)))
		}
		o["proof"] = "[" + strings.Join(hashes, ",") + "]"
	}
	return o.String()
}
