package attack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
)

// letter is something that the mailer sends.
type letter struct {
	name  string
	order func(t *tenant)
	to    func(t *tenant) []string
	at    []int // calls that meet faults; nil: all
}

func letters() []letter {
	return []letter{
		{"a code", func(t *tenant) {
			t.call(t.app, "/v1/enrollments", fields{"login": t.login(eve)}).ok(t.t)
		}, func(*tenant) []string { return []string{loginAddress(eve)} }, nil},
		{"a step-up code", func(t *tenant) {
			t.send(t.proposing(t.admin, forcing())).ok(t.t)
		}, func(t *tenant) []string { return []string{"ann@" + t.id + ".example"} }, nil},
		{"a notice to four people", func(t *tenant) {
			p := t.enrolled(eve)
			t.onTheBrink(eve)
			t.answer(t.login(eve), "totp", p.wrong()).want(t.t, 422, "code_refused")
		}, func(t *tenant) []string {
			return []string{"ann@" + t.id + ".example", "bob@" + t.id + ".example", recoveryAddress(eve), loginAddress(eve)}
		}, []int{0, 1, 2, 5}}, // both reads, a claim, the mark of another: they differ in nothing else
	}
}

// posting is the mailer with a letter to send, and a code for somebody else behind it.
func (p *product) posting(l letter) *reading {
	p.t.Helper()
	t := p.tenant()
	l.order(t)
	subject := p.records("attribute_exists(deliver)")
	t.call(t.app, "/v1/enrollments", fields{"login": t.login("bystander")}).ok(t.t)
	all := p.records("attribute_exists(deliver)")
	if len(subject) != 1 || len(all) != 2 {
		p.t.Fatalf("%d and %d letters are ordered, want 1 and 2", len(subject), len(all))
	}
	other := all[slices.IndexFunc(all, func(e events.DynamoDBEventRecord) bool {
		return e.Change.SequenceNumber != subject[0].Change.SequenceNumber
	})]
	r := &reading{
		tenant: t, wire: p.wire, faulty: subject[0], bystander: other, handle: dynamo.Project(quiet, dynamo.Each(dynamo.OrderOf, p.mailer.Deliver)),
		sent: func() []mail.Message { return p.outbox.sent }, empty: func() { p.outbox.sent = nil },
	}
	p.mailer.Now = r.now
	return r
}

// A fault of the store at any call of the mailer: the record is reported, nobody else's suffers, and in the end everybody
// has one mail. Only where it was sent and then could not be marked, the same mail comes twice.
func TestTheMailerSurvivesEveryFaultOfTheStore(t *testing.T) {
	for _, l := range append(letters(), ownLetter()) {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			p := newProduct(t)
			r := p.posting(l)
			r.rehearse()
			marks, to := marking(r.calls), l.to(r.tenant)
			for n, operation := range r.calls {
				if l.at != nil && !slices.Contains(l.at, n) {
					continue
				}
				for _, o := range outages(operation) {
					o, told := judged(operation, o)
					if !told {
						continue
					}
					failed := r.meets(n, o)
					r.reported(n, o, failed)
					unmarked, claimed := unmarked(o, marks, n), o.effect == done && !marks[n]
					if writing(operation) {
						r.prompt(n, o, len(to)+1, marks[n])
					}
					r.redeliver(n, o, failed, unmarked > 0 || claimed)
					r.received(n, o, to, unmarked)
					r.again()
				}
			}
		})
	}
}

// marking tells the second of each pair of writes: the mailer claims, sends, marks.
func marking(calls []string) map[int]bool {
	marks, writes := map[int]bool{}, 0
	for n, operation := range calls {
		if writing(operation) {
			marks[n] = writes%2 == 1
			writes++
		}
	}
	return marks
}

// delivering is what an outage does to a write of the mailer. A delivery item is nobody else's and in no transaction, so
// a race over it cannot be: whatever looks like one is an error, and the record is tried again.
func delivering(o outage) outage {
	switch o.Name {
	case "a condition fails", "conditions always fail",
		"somebody else's transaction is in the way", "somebody else's transaction is always in the way":
		o.effect = refused
	case "an acknowledgement is lost, then a transaction in the way":
		o.effect = done
	}
	return o
}

// unmarked is how many mails were sent and could not be marked: the one whose mark meets an outage and, where that goes on, those behind
// it, the bystander's included.
func unmarked(o outage, marks map[int]bool, n int) (count int) {
	switch {
	case o.effect != refused || !marks[n]:
		return 0
	case !o.rest:
		return 1
	}
	for at, mark := range marks {
		if mark && at >= n {
			count++
		}
	}
	return count + 1
}

// judged is what an outage does to a call of the mailer; false: another test tells of it.
func judged(operation string, o outage) (outage, bool) {
	switch {
	case operation == "TransactWriteItems":
		return counting(o)
	case writing(operation):
		return delivering(o), true
	}
	return o, true
}

// reported holds what is reported as failed to the fault.
func (r *reading) reported(n int, o outage, failed []string) {
	r.t.Helper()
	faulty := slices.Contains(failed, r.faulty.Change.SequenceNumber)
	if faulty != (o.effect != unnoticed) {
		r.t.Errorf("call %d, %s, %s: the record is reported as failed: %t", n, r.calls[n], o.Name, faulty)
	}
	if slices.Contains(failed, r.bystander.Change.SequenceNumber) && !o.spreads() {
		r.t.Errorf("call %d, %s, %s: another's record fails with it", n, r.calls[n], o.Name)
	}
}

// spreads reports whether an outage is everybody's: it goes on, or the invocation's own time is over with it.
func (o outage) spreads() bool { return o.rest || strings.Contains(o.Name, "hang") }

// prompt demands that in the first invocation all have their mail but the one whose mail failed before it was sent.
func (r *reading) prompt(n int, o outage, all int, sent bool) {
	r.t.Helper()
	if o.effect != unnoticed && !sent {
		all--
	}
	if got := len(r.sent()); got != all && !o.spreads() {
		r.t.Errorf("call %d, %s, %s: %d mails at first, want %d", n, r.calls[n], o.Name, got, all)
	}
}

// received demands one mail for each, and for as many of them as is to be expected the same twice.
func (r *reading) received(n int, o outage, to []string, twice int) {
	r.t.Helper()
	mails := map[string][]mail.Message{}
	for _, m := range r.sent() {
		mails[m.To] = append(mails[m.To], m)
	}
	everybody, all := append(slices.Clone(to), loginAddress("bystander")), 0
	for _, address := range everybody {
		got := mails[address]
		all += len(got)
		if len(got) == 0 || len(got) > 2 || len(got) == 2 && got[0] != got[1] {
			r.t.Errorf("call %d, %s, %s: %d mails to one address, or different ones", n, r.calls[n], o.Name, len(got))
		}
	}
	if sent := len(r.sent()); all != sent || sent != len(everybody)+twice {
		r.t.Errorf("call %d, %s, %s: %d mails to %d people, want %d", n, r.calls[n], o.Name, sent, len(everybody), len(everybody)+twice)
	}
}
