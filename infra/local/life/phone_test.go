package life_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
)

func (p *phone) code(t *testing.T) string {
	t.Helper()
	p.last = max(time.Now().Unix()/30, p.last+1)
	code, err := hotp.GenerateCode(p.secret, uint64(p.last))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// again is the code that was shown last.
func (p *phone) again(t *testing.T) string {
	t.Helper()
	code, err := hotp.GenerateCode(p.secret, uint64(p.last))
	if err != nil {
		t.Fatal(err)
	}
	return code
}
