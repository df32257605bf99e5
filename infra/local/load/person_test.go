package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"twofold/infra/local/load/ledger"
)

// The vectors of RFC 6238 appendix B, of SHA-1, cut to six digits.
func TestPhoneShowsTheStandardsCodes(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for unix, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		if got := totp(secret, unix/period); got != want {
			t.Errorf("at %d: %s, want %s", unix, got, want)
		}
	}
}

func phoned() *person {
	p := &person{Account: ledger.NewAccount("acme", "ann")}
	p.Enrolled = true
	p.scan("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	return p
}

func TestPhoneShowsEachCodeOnce(t *testing.T) {
	p, now := phoned(), time.Unix(1_800_000_000, 0)
	first, one := p.show(now)
	if !p.canShow(now) {
		t.Fatal("the code after the present one is still to be had")
	}
	second, two := p.show(now)
	if first == second || one == two || p.canShow(now) {
		t.Errorf("%v and %v at the same time, and more: %v", one, two, p.canShow(now))
	}
	if !p.canShow(now.Add(30 * time.Second)) {
		t.Error("no fresh code half a minute later")
	}
	p.rests = now.Add(time.Hour)
	if p.canShow(now.Add(time.Minute)) {
		t.Error("somebody who rests shows a code")
	}
	again := p.use("totp 1/1")
	if p.scan("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"); p.step != 0 || p.enrolments != 2 || again.User != "ann" {
		t.Errorf("a new authenticator: %+v", p)
	}
}

func TestWrongIsNeverRight(t *testing.T) {
	p, now := phoned(), time.Unix(1_800_000_000, 0)
	near := map[string]bool{}
	for off := int64(-4); off <= 4; off++ {
		code := totp(p.secret, now.Unix()/period+off)
		near[code] = off > -4 && off < 4
		if want := off > -4 && off < 4; p.near(code, now) != want {
			t.Errorf("the code of %d steps off is near: %v", off, !want)
		}
	}
	// A source of numbers that begins with a right code.
	for seed := uint64(0); ; seed++ {
		first := fmt.Sprintf("%06d", rand.New(rand.NewPCG(seed, 1)).IntN(1_000_000))
		if !near[first] {
			continue
		}
		if got := p.wrong(rand.New(rand.NewPCG(seed, 1)), now); got == first || len(got) != 6 {
			t.Errorf("%s is given as a wrong code", got)
		}
		break
	}
	if got := other("12345678"); got != "22345678" || other("92345678") != "02345678" {
		t.Errorf("other gives %s", got)
	}
}

func TestOrdersStayWithinTheLimits(t *testing.T) {
	p, now := phoned(), time.Unix(1_800_000_000, 0)
	p.ordered(3, now)
	if !p.canOrder(2, now) || p.canOrder(3, now) {
		t.Errorf("after three: %v, %v", p.canOrder(2, now), p.canOrder(3, now))
	}
	p.ordered(2, now.Add(time.Minute))
	if p.canOrder(1, now.Add(10*time.Minute)) {
		t.Error("a sixth within ten minutes")
	}
	if later := now.Add(orderWindow + time.Second); !p.canOrder(3, later) || p.canOrder(4, later) {
		t.Error("the first three have not left the window, or all have")
	}
}
