package attack_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/infra/local/faults"
	"twofold/pkg/dynamo"
	"twofold/pkg/report"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// unmetered hears of patterns and counts nothing.
type unmetered struct{}

func (unmetered) PatternSeen(string, signin.Pattern) {}

// logging is the projector with the factors of eve, whose last code was wrong, and of another user behind them.
func (p *product) logging(make func(t *tenant)) *reading {
	p.t.Helper()
	t := p.tenant()
	make(t)
	other := t.enrolled("bystander")
	t.answer(t.login("bystander"), "totp", other.code(0)).ok(t.t)
	r := &reading{tenant: t, wire: p.wire, empty: func() {}}
	store := p.storeOf("projector")
	record := func(ctx context.Context, seen []signin.Seen) []error {
		// No two rounds write to the letter the same: see reading.now.
		recorder := &signin.Recorder{Ledger: store, Meter: unmetered{}, Now: r.now, Retention: signin.Retention + r.rounds*time.Second}
		return recorder.Record(ctx, seen)
	}
	witness := &report.Witness{Store: store}
	r.handle = dynamo.Project(quiet, dynamo.Each(dynamo.FactsOf, witness.Observe), dynamo.Together(dynamo.SignInOf, record))
	for _, e := range p.records("attribute_exists(epoch)") {
		if strings.Contains(e.Change.SequenceNumber, "#"+eve+" FACTORS") {
			r.faulty = e
		} else if strings.Contains(e.Change.SequenceNumber, "#bystander FACTORS") {
			r.bystander = e
		}
	}
	if r.faulty.Change.SequenceNumber == "" || r.bystander.Change.SequenceNumber == "" {
		p.t.Fatal("there are no factors")
	}
	return r
}

var ttl = regexp.MustCompile(` ttl=[0-9]+`)

// logged is what was written, but for how long it is kept.
func (r *reading) logged() []string {
	r.t.Helper()
	var all []string
	for _, s := range r.moment().since(r.before) {
		all = append(all, ttl.ReplaceAllString(s, ""))
	}
	return all
}

// A fault of the store at any call for the sign-in log: whatever was not done is reported, comes again, and in the end every row, count and event is
// there once.
func TestTheSignInLogSurvivesEveryFaultOfTheStore(t *testing.T) {
	wrong := func(t *tenant) {
		p := t.enrolled(eve)
		t.answer(t.login(eve), "totp", p.wrong())
	}
	for name, make := range map[string]func(t *tenant){
		"a wrong code": wrong,
		"a wrong code too many": func(t *tenant) {
			p := t.enrolled(eve)
			f := t.factors(eve).Next()
			for range signin.UserFailures - 1 {
				f.Throttle = f.Throttle.Fail(t.clock.Now().Add(-20 * time.Minute))
			}
			t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
			t.answer(t.login(eve), "totp", p.wrong())
		},
		"a right code": func(t *tenant) {
			p := t.enrolled(eve)
			t.answer(t.login(eve), "totp", p.code(0)).ok(t.t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newProduct(t).logging(make)
			r.rehearse()
			both := []events.DynamoDBEventRecord{r.faulty, r.bystander}
			r.wire.Record()
			if failed := r.invoke(t.Context(), both...); len(failed) > 0 {
				t.Fatal("the records fail with nothing in their way")
			}
			calls := r.wire.Calls()
			want := r.logged()
			if rows := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasPrefix(s, "SIGNIN ") }); len(rows) != 2 {
				t.Fatalf("the log has %q", rows)
			}
			r.again()
			for n, operation := range calls {
				for _, o := range outages(operation) {
					r.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
						return o.Fault, at == n || o.rest && at > n && name == operation
					})
					failed := r.invoke(faults.WithDeadline(t.Context()), both...)
					if r.wire.Met() == 0 {
						t.Errorf("call %d, %s: nothing met the fault", n, o.Name)
					}
					r.wire.Disarm()
					for tries := 0; len(failed) > 0 && tries < 3; tries++ {
						again := slices.DeleteFunc(slices.Clone(both), func(e events.DynamoDBEventRecord) bool {
							return !slices.Contains(failed, e.Change.SequenceNumber)
						})
						failed = r.invoke(t.Context(), again...)
					}
					if _, err := r.wire.Deliver(); err != nil {
						t.Errorf("what was late did not arrive: %v", err)
					}
					if failed = append(failed, r.invoke(t.Context(), both...)...); len(failed) > 0 {
						t.Errorf("call %d, %s, %s: still failing: %q", n, operation, o.Name, failed)
					}
					if got := r.logged(); !slices.Equal(got, want) {
						t.Errorf("call %d, %s, %s: written\n%s\nwant\n%s", n, operation, o.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
					r.again()
				}
			}
		})
	}
}
