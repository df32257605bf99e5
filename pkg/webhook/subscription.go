package webhook

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
)

// Destination is where events go out to.
type Destination string

// The destinations.
const (
	ToWebhook Destination = "webhook" // the organisation's own
	ToBus     Destination = "bus"     // the vendor's, which gets the events of all organisations and of the system
)

// Subscription is how far a destination has got in the log of an organisation. The zero value with an organisation and a destination is one
// that nothing was sent to yet.
type Subscription struct {
	Organization string // empty: the system's own log
	To           Destination
	Rev          int64
	Position     uint64    // the leaf that goes out next
	Ahead        []uint64  // leaves behind it that have gone out already, in order: other users', while one was not taken
	DeliveredAt  time.Time // when something was taken last

	// Carrier is the message of the queue whose receiver delivers, until BusyUntil at most: whoever comes meanwhile with another leaves it to that
	// one, having raised the revision, which makes it look at the log once more before it lets go.
	Carrier   string
	BusyUntil time.Time

	Tries        int       // in vain, since something was taken last
	FailingSince time.Time // zero: it does not
	RetryAt      time.Time
	Trouble      string // why the last try was in vain: a status, or words of ours

	// Of a webhook.
	Host       string // of its URL, in clear
	URL        []byte // sealed: URLs often are secrets themselves. Empty: there is no webhook
	Secrets    []Secret
	SetAt      time.Time
	DisabledAt time.Time // it failed for too long, or its receiver said that it is gone

	Attempt []byte // the id of the write that made it so
}

// Secret is what a webhook is signed with.
type Secret struct {
	Sealed []byte
	MadeAt time.Time
	Until  time.Time // zero: it is the one in use
}

const (
	// Lease is for how long whoever delivers keeps others away at most, without another write: longer than any invocation takes.
	Lease = 75 * time.Second
	// Patience is how long a webhook may fail before it is disabled.
	Patience = 24 * time.Hour
	// Overlap is how long a secret signs beside the one that replaced it.
	Overlap = 24 * time.Hour
	// MaxSecrets sign at once: replies that were lost leave some. Standard Webhooks has no limit; a header has.
	MaxSecrets = 5
)

// Open reports whether events go out to it.
func (s Subscription) Open() bool {
	return s.To == ToBus || len(s.URL) > 0 && s.DisabledAt.IsZero()
}

// next is the subscription as the next write begins from it.
func (s Subscription) next() Subscription {
	id := uuid.New()
	s.Rev, s.Attempt = s.Rev+1, id[:]
	return s
}

// busy reports whether another than the carrier delivers, or waits to.
func (s Subscription) busy(carrier string, now time.Time) bool {
	return s.Carrier != "" && s.Carrier != carrier && now.Before(s.BusyUntil)
}

// taken is the subscription in the hands of a carrier.
func (s Subscription) taken(carrier string, now time.Time) Subscription {
	s.Carrier, s.BusyUntil = carrier, now.Add(Lease)
	return s
}

// free is the subscription in nobody's hands.
func (s Subscription) free() Subscription {
	s.Carrier, s.BusyUntil = "", time.Time{}
	return s
}

// advanced is the subscription after these leaves were dealt with, in order. It has no trouble any more only where the one that went out next is
// among them: otherwise one that is never taken would never be noticed among many that are.
func (s Subscription) advanced(leaves []uint64, now time.Time) Subscription {
	before := s.Position
	done := slices.Concat(s.Ahead, leaves)
	slices.Sort(done)
	done = slices.Compact(done)
	for len(done) > 0 && done[0] <= s.Position {
		if done[0] == s.Position {
			s.Position++
		}
		done = done[1:]
	}
	s.Ahead, s.BusyUntil = done, now.Add(Lease)
	if s.Position > before {
		return s.calm()
	}
	return s
}

// calm is the subscription without any trouble.
func (s Subscription) calm() Subscription {
	s.Tries, s.FailingSince, s.RetryAt, s.Trouble = 0, time.Time{}, time.Time{}, ""
	return s
}

// failed is the subscription after a try in vain. Its carrier keeps it until well after it is due again, since a queue is not on the dot.
func (s Subscription) failed(why string, jitter float64, now time.Time) Subscription {
	s.Tries++
	if s.FailingSince.IsZero() {
		s.FailingSince = now
	}
	s.Trouble, s.RetryAt = why, now.Add(Pause(s.Tries, jitter))
	s.BusyUntil = s.RetryAt.Add(2 * Lease)
	return s
}

// inVain is the subscription after a try in vain, and what the audit says of it. A webhook is disabled where that lasts, or its receiver
// wants no more.
func (s Subscription) inVain(what trouble, jitter float64, now time.Time) (Subscription, []audit.Event) {
	s = s.failed(what.why, jitter, now)
	if !what.gone && !s.hopeless(now) || s.To != ToWebhook {
		return s, nil
	}
	return s.disabled(now), []audit.Event{{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: audit.WebhookDisabled, Organization: s.Organization, Role: audit.System,
		Actor: "projector", Notify: true, Details: map[string]string{"host": s.Host, "failure": s.Trouble},
	}}
}

// hopeless reports whether a webhook has failed for so long that it is disabled.
func (s Subscription) hopeless(now time.Time) bool {
	return !s.FailingSince.IsZero() && now.Sub(s.FailingSince) >= Patience
}

// disabled is a webhook that gets nothing any more until somebody sets it again. Its place stays.
func (s Subscription) disabled(now time.Time) Subscription {
	s.DisabledAt, s.RetryAt = now, time.Time{}
	return s.free()
}

// signing are the secrets that sign now, the one in use first.
func (s Subscription) signing(now time.Time) []Secret {
	var live []Secret
	for _, secret := range s.Secrets {
		if secret.Until.IsZero() || now.Before(secret.Until) {
			live = append(live, secret)
		}
	}
	return live
}

// renewed is a webhook with another secret; those that sign now do so for a while.
func (s Subscription) renewed(sealed []byte, now time.Time) Subscription {
	all := []Secret{{Sealed: sealed, MadeAt: now}}
	for _, old := range s.signing(now) {
		if old.Until.IsZero() {
			old.Until = now.Add(Overlap)
		}
		all = append(all, old)
	}
	s.Secrets = all
	return s
}

// use is what a webhook's URL or secret is sealed for. No organisation's id has a bar.
func (s Subscription) use(what string) []byte {
	return []byte("webhook|" + what + "|" + s.Organization)
}

// The pauses between tries: twice as long each time.
const (
	firstPause = 5 * time.Second
	lastPause  = 30 * time.Minute
)

// Pause is how long to wait after so many tries in vain, the first of which is 1. jitter, of [0, 1), spreads it over the second half of
// its time.
func Pause(tries int, jitter float64) time.Duration {
	return delivery.Pause(firstPause, lastPause, tries, jitter)
}
