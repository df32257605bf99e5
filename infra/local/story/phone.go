package story

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// phone is an authenticator app.
type phone struct {
	secret []byte
	last   int64 // the step of the code shown last
}

// scan reads a key URI.
func (p *phone) scan(uri string) error {
	parsed, err := url.Parse(uri)
	if err != nil || parsed.Scheme != "otpauth" || parsed.Host != "totp" {
		return fmt.Errorf("not a key URI for TOTP")
	}
	p.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(parsed.Query().Get("secret"))
	return err
}

// code shows a code that was not shown before: the present one, or else the one after the last, which a
// phone whose clock is half a minute ahead would show.
func (p *phone) code(now time.Time) string {
	p.last = max(now.Unix()/30, p.last+1)
	return totp(p.secret, p.last)
}

// totp is RFC 6238 with RFC 4226 §5.3, written down from the standards.
func totp(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	truncated := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	return fmt.Sprintf("%06d", truncated%1_000_000)
}
