package attack_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/infra/local/faults"
	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
)

// reading is a function that reads the stream, with a record that meets faults and one behind it that has nothing to do
// with them.
type reading struct {
	*tenant
	wire      *faults.Wire // the one that is armed: the store's, or the mail provider's
	handle    dynamo.StreamHandler
	faulty    events.DynamoDBEventRecord
	bystander events.DynamoDBEventRecord
	before    moment
	sent      func() []mail.Message
	empty     func()   // the mailboxes
	calls     []string // that the faulty one makes on the wire when nothing fails
	late      time.Duration
	rounds    time.Duration // in milliseconds
}

var quiet = slog.New(slog.DiscardHandler)

// rehearse handles the faulty record once to see its calls, and goes back to the beginning.
func (r *reading) rehearse() {
	r.t.Helper()
	r.before = r.moment()
	r.wire.Record()
	if failed := r.invoke(r.t.Context(), r.faulty); len(failed) > 0 {
		r.t.Fatal("the record fails with nothing in its way")
	}
	r.calls = r.wire.Calls()
	r.again()
}

// again goes back to the beginning.
func (r *reading) again() {
	r.rewind(r.before)
	r.empty()
	r.late = 0
	r.rounds++
	r.wire.Record()
}

// invoke hands records over and gives those that are reported as failed.
func (r *reading) invoke(ctx context.Context, records ...events.DynamoDBEventRecord) []string {
	r.t.Helper()
	response, err := r.handle(ctx, events.DynamoDBEvent{Records: records})
	if err != nil {
		r.t.Errorf("the invocation fails as a whole: %v", err)
	}
	var failed []string
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

// meets hands both records over while a call of the faulty one fails, and gives what is reported.
func (r *reading) meets(n int, o outage) []string {
	r.t.Helper()
	r.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
		return o.Fault, at == n || o.rest && at > n && name == r.calls[n]
	})
	failed := r.invoke(faults.WithDeadline(r.t.Context()), r.faulty, r.bystander)
	if r.wire.Met() == 0 {
		r.t.Errorf("call %d, %s: nothing met the fault", n, o.Name)
	}
	r.wire.Disarm()
	return failed
}

// redeliver does what the event source does until nothing is reported as failed: at first at once, then when the claim of
// whoever was interrupted has lapsed; held says that there is one, and that until then nothing may happen. What arrives
// late arrives then, and the records come once more.
func (r *reading) redeliver(n int, o outage, failed []string, held bool) {
	r.t.Helper()
	both := []events.DynamoDBEventRecord{r.faulty, r.bystander}
	for tries := 0; len(failed) > 0; tries++ {
		if tries == 3 {
			r.t.Errorf("call %d, %s, %s: still failing: %s", n, r.calls[n], o.Name, strings.Join(failed, ", "))
			return
		}
		again := slices.DeleteFunc(slices.Clone(both), func(e events.DynamoDBEventRecord) bool {
			return !slices.Contains(failed, e.Change.SequenceNumber)
		})
		failed = r.invoke(r.t.Context(), again...)
		if tries == 0 && held != slices.Contains(failed, r.faulty.Change.SequenceNumber) {
			r.t.Errorf("call %d, %s, %s: while somebody's claim may hold, %t, the record is left alone: %t", n, r.calls[n], o.Name, held, !held)
		}
		r.late += mail.Lease
	}
	if _, err := r.wire.Deliver(); err != nil {
		r.t.Errorf("what was late did not arrive: %v", err)
	}
	if failed := r.invoke(r.t.Context(), both...); len(failed) > 0 {
		r.t.Errorf("records that were handled fail when they come again: %s", strings.Join(failed, ", "))
	}
}

// now is the product's clock, and whatever was waited for on top. No two rounds have the same time: what is written to the
// letter as it was before is, to DynamoDB, a request repeated within ten minutes (ClientRequestToken), and it knows
// nothing of a table that was rewound.
func (r *reading) now() time.Time { return r.clock.Now().Add(r.late + r.rounds*time.Millisecond) }
