package mail

import "time"

// Pace is how fast one instance hands over mails that can wait, such as announcements. Instances share an account's rate and nothing
// besides: a count that all of them wrote would be one hot item, and would say nothing of what others send by the same account. So each
// keeps to a share of the rate by itself, and gives way when the provider throttles: half as fast at once, and a little faster again with
// every second that goes well, as TCP does (RFC 5681 §3.1). It is pure: who waits is the caller. The zero value is none.
type Pace struct {
	ceiling float64 // mails in a second, the most it ever is
	rate    float64 // what it is now
	tokens  float64 // what may go at once
	at      time.Time
	slowed  time.Time // when it gave way last
}

const (
	// BulkShare is the part of the account's rate, and of what is left of its day, that mails which can wait may take: the rest is
	// for codes, which cannot.
	BulkShare = 0.5
	// recovering is how many seconds without throttling take a pace from nothing to its ceiling.
	recovering = 20
)

// NewPace begins at half of a share of an account's rate, in mails a second: who has just started does not know who else sends.
func NewPace(accountRate float64, now time.Time) Pace {
	ceiling := max(accountRate*BulkShare, 0.1)
	return Pace{ceiling: ceiling, rate: ceiling / 2, tokens: 1, at: now}
}

// Known reports whether there is a pace.
func (p Pace) Known() bool { return p.ceiling > 0 }

// Of reports whether it is a pace of this account rate: an account's may be raised.
func (p Pace) Of(accountRate float64) bool { return p.ceiling == max(accountRate*BulkShare, 0.1) }

// Batch is how many mails one call may hold: what goes in a second, because a provider that counts by the second refuses a call
// beyond that as a whole; at least one.
func (p Pace) Batch() int { return max(1, min(MaxBulk, int(p.rate))) }

// Take reserves n mails, and says how long to wait before they go.
func (p Pace) Take(n int, now time.Time) (Pace, time.Duration) {
	p = p.advance(now)
	p.tokens -= float64(n)
	if p.tokens >= 0 {
		return p, 0
	}
	return p, time.Duration(-p.tokens / p.rate * float64(time.Second))
}

// Throttled gives way: half as fast, once in a second however many calls were refused in it, and nothing saved up.
func (p Pace) Throttled(now time.Time) Pace {
	p = p.advance(now)
	p.tokens = min(p.tokens, 0)
	if now.Sub(p.slowed) >= time.Second {
		p.rate, p.slowed = max(p.rate/2, p.ceiling/64), now
	}
	return p
}

// advance lets time pass: the pace grows towards its ceiling, and no more than a second's worth is saved up.
func (p Pace) advance(now time.Time) Pace {
	passed := now.Sub(p.at).Seconds()
	if passed <= 0 {
		return p
	}
	p.tokens = min(p.tokens+passed*p.rate, max(p.rate, 1))
	p.rate = min(p.ceiling, p.rate+passed*p.ceiling/recovering)
	p.at = now
	return p
}

// Quota is what an account may send, and what of it is used up.
type Quota struct {
	PerSecond float64
	PerDay    float64 // negative: without a limit
	Sent      float64 // in the last 24 hours
}

// Left is how many mails that can wait may still go today.
func (q Quota) Left() int {
	if q.PerDay < 0 {
		return int(^uint32(0) >> 1)
	}
	return max(0, int(q.PerDay*(1-DayReserve)-q.Sent))
}

// DayReserve is the part of the account's day that is kept for codes and notices.
const DayReserve = 0.2
