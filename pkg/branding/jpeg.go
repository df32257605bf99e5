package branding

import (
	"bytes"
	"encoding/binary"
)

// The markers that matter for where a JPEG ends (ITU-T T.81, table B.1).
const (
	startOfImage = 0xd8
	endOfImage   = 0xd9
	startOfScan  = 0xda
	firstRestart = 0xd0
	lastRestart  = 0xd7
	temporary    = 0x01
)

// jpegEnd is where a picture ends: behind the first mark of an end that is neither in a segment, such as one with a thumbnail, nor in what is
// coded. 0 where there is none, or where something stands between segments that no standard puts there.
func jpegEnd(file []byte) int {
	at := 0
	for at+1 < len(file) && file[at] == 0xff {
		marker := file[at+1]
		switch {
		case marker == 0xff:
			at++ // filled up (B.1.1.2)
			continue
		case marker == endOfImage:
			return at + 2
		case marker == startOfImage && at == 0:
			at += 2
			continue
		case marker == startOfImage, marker == temporary, marker >= firstRestart && marker <= lastRestart:
			return 0 // nothing that stands alone belongs between segments
		}
		length := 0
		if at+4 <= len(file) {
			length = int(binary.BigEndian.Uint16(file[at+2:]))
		}
		if length < 2 || at+2+length > len(file) {
			return 0
		}
		at += 2 + length
		if marker == startOfScan {
			at += coded(file[at:])
		}
	}
	return 0
}

// coded is how long what a scan has coded is: up to the next mark that neither stands for a byte of data nor restarts (B.1.1.5).
func coded(data []byte) int {
	for at := 0; ; {
		found := bytes.IndexByte(data[at:], 0xff)
		if found < 0 || at+found+1 >= len(data) {
			return len(data)
		}
		at += found
		switch next := data[at+1]; {
		case next == 0, next >= firstRestart && next <= lastRestart:
			at += 2
		case next == 0xff:
			at++
		default:
			return at
		}
	}
}
