package mail

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
)

// However often somebody's guesses alarm in a day, each address hears of it once, and of the next day's again.
func TestAnAlarmIsOneMailADay(t *testing.T) {
	p := newPost(t)
	deliver := func(at time.Time) {
		if err := p.Deliver(context.Background(), OfFactors("acme", "ann", "locked 203.0.113.7", at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []time.Time{noon, noon.Add(time.Hour), noon.Add(11*time.Hour + 59*time.Minute), noon} {
		deliver(at)
	}
	want := []string{"ann@example.com", "ann@home.example"}
	if got := p.out.recipients(); !slices.Equal(got, want) {
		t.Fatalf("told %v", got)
	}
	for _, part := range []string{"Wrong codes were entered", "From the address: 203.0.113.7", "When: 22 November 2026, 12:00 UTC"} {
		if !strings.Contains(p.out.sent[0].Text, part) {
			t.Errorf("%q is missing in:\n%s", part, p.out.sent[0].Text)
		}
	}
	deliver(noon.Add(12 * time.Hour))
	if got := p.out.recipients(); !slices.Equal(got, append(want, want...)) {
		t.Errorf("on the next day told %v", got)
	}
}

// One user's alarms are not another's, and who is gone hears nothing.
func TestAnAlarmIsOfOneUser(t *testing.T) {
	p := newPost(t)
	if err := p.Deliver(context.Background(), OfFactors("acme", "bob", "locked", noon)); err != nil || len(p.out.sent) != 0 {
		t.Errorf("%v, %d mails", err, len(p.out.sent))
	}
	if a, b := OfFactors("acme", "ann", "locked", noon), OfFactors("acme", "bob", "locked", noon); a.Reference == b.Reference {
		t.Error("two users' alarms are one delivery")
	}
	p.out.errs = []error{errDown, errDown}
	if err := p.Deliver(context.Background(), OfFactors("acme", "ann", "locked", noon)); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
	if err := p.Deliver(context.Background(), OfFactors("acme", "ann", "locked", noon)); err != nil || len(p.out.sent) != 2 {
		t.Errorf("after it: %v, %d mails", err, len(p.out.sent))
	}
}

// An alarm that waited in the queue, which keeps no address, is told all the same, and is the same delivery.
func TestAnAlarmComesBackFromTheQueue(t *testing.T) {
	p := newPost(t)
	o := OfFactors("acme", "ann", "locked 203.0.113.7", noon)
	queued := o
	queued.Event = audit.Event{ID: o.Reference, At: noon}
	for _, order := range []Order{queued, o} {
		if err := p.Deliver(context.Background(), order); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"ann@example.com", "ann@home.example"}) {
		t.Errorf("told %v", got)
	}
	if text := p.out.sent[0].Text; strings.Contains(text, "203.0.113.7") || !strings.Contains(text, "Wrong codes were entered") {
		t.Errorf("the mail says\n%s", text)
	}
	if !o.Kind.Known() {
		t.Error("the queue does not know an alarm")
	}
}
