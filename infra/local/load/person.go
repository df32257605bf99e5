package main

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"twofold/infra/local/load/ledger"
)

// person is one user with a phone and a drawer. It belongs to one client at a time.
type person struct {
	*ledger.Account
	org             *organization
	email, recovery string

	secret     string // base32, of the authenticator app
	enrolments int    // the authenticators that there were
	step       int64  // the last one whose code was shown
	drawer     []string
	spent      int             // saved codes used, from the drawer's front
	seen       map[string]bool // mailed codes that were read
	orders     []time.Time
	rests      time.Time // until when answers may be refused for being early
}

// The product's limits on mailed codes (design §9).
const (
	orderLimit  = 5
	orderWindow = 10*time.Minute + 5*time.Second
)

// canOrder reports whether n further codes may be ordered now.
func (p *person) canOrder(n int, now time.Time) bool { return room(&p.orders, now, n) }

// ordered notes codes that were, or may have been, ordered.
func (p *person) ordered(n int, now time.Time) {
	for range n {
		p.orders = append(p.orders, now)
	}
}

// room drops what is older than the window and says whether n more fit.
func room(orders *[]time.Time, now time.Time, n int) bool {
	for len(*orders) > 0 && now.Sub((*orders)[0]) > orderWindow {
		*orders = (*orders)[1:]
	}
	return len(*orders)+n <= orderLimit
}

const period = 30

// canShow reports whether the phone has a code that was not used: the present one, or the next, which a phone that
// is half a minute ahead would show (RFC 6238 §5.2).
func (p *person) canShow(now time.Time) bool {
	return p.Enrolled && p.step < now.Unix()/period+1 && now.After(p.rests)
}

// show gives the earliest code that can still be good, and what its use is called.
func (p *person) show(now time.Time) (string, ledger.Use) {
	p.step = max(now.Unix()/period, p.step+1)
	return totp(p.secret, p.step), p.use(fmt.Sprintf("totp %d/%d", p.enrolments, p.step))
}

func (p *person) use(code string) ledger.Use {
	return ledger.Use{Organization: p.Organization, User: p.User, Code: code}
}

// scan takes a new secret into the phone.
func (p *person) scan(secret string) {
	p.secret, p.step = secret, 0
	p.enrolments++
}

// wrong is a code of six digits that is right at no time near now.
func (p *person) wrong(random *mathrand.Rand, now time.Time) string {
	for {
		if code := fmt.Sprintf("%06d", random.IntN(1_000_000)); !p.near(code, now) {
			return code
		}
	}
}

// near reports whether a code is right within a minute and a half of now.
func (p *person) near(code string, now time.Time) bool {
	for step := now.Unix()/period - 3; p.secret != "" && step <= now.Unix()/period+3; step++ {
		if totp(p.secret, step) == code {
			return true
		}
	}
	return false
}

// totp is a code of RFC 6238 by the library that the product uses too; infra/local/story computes its own.
func totp(secret string, step int64) string {
	code, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		panic("load: " + fmt.Sprint(len(secret)) + " characters are no secret")
	}
	return code
}

// nonce is new for each login.
func nonce() string {
	b := make([]byte, 15)
	_, _ = rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)
}
