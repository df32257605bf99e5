package attack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/dynamo"
)

// observing is the projector with a profile to count, and another's behind it.
func (p *product) observing(make func(t *tenant)) *reading {
	p.t.Helper()
	t := p.tenant()
	handle := dynamo.Project(quiet, dynamo.Each(dynamo.ProfileOf, p.projector.Observe))
	make(t)
	t.login("bystander")
	profiles := p.records("attribute_exists(registered_at)")
	faulty := slices.IndexFunc(profiles, func(e events.DynamoDBEventRecord) bool {
		return strings.HasSuffix(e.Change.SequenceNumber, eve+" PROFILE")
	})
	if len(profiles) != 2 || faulty < 0 {
		p.t.Fatalf("there are %d profiles, want 2", len(profiles))
	}
	r := &reading{
		tenant: t, wire: p.wire, handle: handle, faulty: profiles[faulty], bystander: profiles[1-faulty], empty: func() {},
	}
	p.projector.Now = r.now
	return r
}

// A fault of the store at any call of the projector: the record is reported, nobody else's suffers, and in the end every
// user is counted once, in the class that is the user's now.
func TestTheProjectorSurvivesEveryFaultOfTheStore(t *testing.T) {
	for name, make := range map[string]func(t *tenant){
		"a user never counted": func(t *tenant) { t.login(eve) },
		"a user who moves on": func(t *tenant) {
			t.login(eve)
			handle := dynamo.Project(quiet, dynamo.Each(dynamo.ProfileOf, t.projector.Observe))
			first := t.records("attribute_exists(registered_at)")
			if _, err := handle(t.t.Context(), events.DynamoDBEvent{Records: first}); err != nil {
				t.t.Fatal(err)
			}
			_, p, _, err := t.store.Recipient(t.t.Context(), t.id, eve)
			t.must(err)
			t.enrolledFrom(*p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newProduct(t).observing(make)
			r.rehearse()
			if failed := r.invoke(t.Context(), r.faulty, r.bystander); len(failed) > 0 {
				t.Fatal("the records fail with nothing in their way")
			}
			want := r.moment().since(r.before)
			r.again()
			for n, operation := range r.calls {
				for _, o := range outages(operation) {
					if o.effect == rerun { // it reads again, and counts
						o.effect = unnoticed
					}
					failed := r.meets(n, o)
					r.reported(n, o, failed)
					r.redeliver(n, o, failed, false)
					if got := r.moment().since(r.before); !slices.Equal(got, want) {
						t.Errorf("call %d, %s, %s: counted\n%s\nwant\n%s", n, operation, o.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
					r.again()
				}
			}
		})
	}
}
