package main

import (
	"math"
	"testing"
)

// worked are sums done by hand, from the prices and the consumption as they stand in docs/cost.md.
func TestSumsDoneByHand(t *testing.T) {
	const (
		// API 2, Lambda 0.60 and 95 ms at a quarter of a GB, 8 reads, 8 writes, 2.7 kB of logs and their keeping, 4 kB out
		warmTOTP = 2*1 + 3*0.20 + 0.095*0.25*13.3334 + 8*0.125 + 8*0.625 + 2.7*0.50 + 2.7*3*0.03 + 4*0.09
		// one start in a hundred: 400 ms, four reads, four Decrypts
		start = 0.01 * (0.4*0.25*13.3334 + 4*0.125 + 4*3)
		// API 1, Lambda 2 and 185 ms, 8 reads, 8 writes, 1.7 kB of logs, 6 kB out
		warmMail = 1 + 2*0.20 + 0.185*0.25*13.3334 + 8*0.125 + 8*0.625 + 1.7*0.50 + 1.7*3*0.03 + 6*0.09
	)
	stays := stored().times(10e6)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"a million logins with TOTP", loginTOTP.times(1e6).cost(), warmTOTP + 3*start},
		{"what email adds to a million", loginMail.times(1e6).cost() - loginTOTP.times(1e6).cost(), 100 + warmMail + 2*start},
		{"API requests of an enrolment", enrolment[apiRequest], 7},
		{"write units of an enrolment", enrolment[writeUnit], 14 + 5 + 14 + 2*7 + 14 + 2*9 + 3*7 + 2*8},
		{"mails of an enrolment", enrolment[mailSent], 4},
		{"400 million API requests, the second tier included", prices[apiRequest].cost(400e6), 300 + 90},
		{"bytes of 10 million users in the backup", stays[protectedGB], 10e6 * (950 + 450 + 220 + 2*450 + 2*320 + 2*220) / 1e9},
		{"bytes of 10 million users with their indexes", stays[storedGB], 10e6 * (950 + 450 + 220 + 2*450 + 2*320 + 2*220 + 8*280 + 2*2*450) / 1e9},
		{"mails of a month, 1,000 users by email", month(1000, loginMail)[mailSent], 1000*20 + 50*4},
		// 648,000 questions to each of two queues, and 43,200 and 8,640 ticks: a request, 10 and 15 ms at a quarter of a GB, one and two reads, 700 bytes of log and their keeping
		{"a month without users: keys, queues and ticks", month(0, loginTOTP).cost(),
			3 + 2*0.648*0.40 + (0.0432+0.00864)*(0.20+0.010*0.25*13.3334+0.125+0.7*0.50+0.7*3*0.03+start) + 0.00864*(0.005*0.25*13.3334+0.125)},
		{"Cognito, 100,000 users", rivals[2].Month(100e3), 90e3 * 0.015},
		{"Identity Platform, 10 million users", rivals[3].Month(10e6), 50e3*0.0055 + 900e3*0.0046 + 9e6*0.0032},
		{"Twilio, 1,000 users", rivals[0].Month(1000), 1000},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s: %v, by hand %v", c.name, c.got, c.want)
		}
	}
}

// Each number has its source, and a day on which it was seen.
func TestEveryPriceHasASource(t *testing.T) {
	for _, p := range prices {
		if p.Each <= 0 || p.Name == "" || p.Unit == "" || p.Page == "" || p.Seen.Address == "" || p.Seen.Date == "" {
			t.Errorf("%+v lacks something", p)
		}
	}
	for _, r := range rivals {
		if r.Page == "" || r.Seen.Address == "" || r.Seen.Date == "" {
			t.Errorf("%s lacks a source", r.Name)
		}
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for got, want := range map[string]string{
		dollars(0.1): "0.10", dollars(999.994): "999.99", dollars(999.996): "1,000", dollars(1443.4): "1,443", dollars(70e6): "70,000,000",
		short(0.0144328, 2): "0.014", short(1e6, 4): "1000000",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
