package attack_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/faults"
	"twofold/pkg/audit"
	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/seal"
)

// announcer is the mailer's part that ticks, with the mailer's own store.
func (p *product) announcer() *mail.Announcer {
	return &mail.Announcer{
		Mail: p.mailer, Store: p.storeOf("mailer"), Bulk: p.outbox, Rate: 1000, Wait: func(context.Context, time.Duration) {},
		OptOut: mail.OptingOut{API: "https://api.example", Keys: p.rings[seal.Contacts]},
	}
}

func (p *product) tick() error {
	return p.announcer().Tick(p.t.Context(), p.clock.Now().Add(time.Minute))
}

// crowd registers users, has them counted, and waits until the index has them all.
func (t *tenant) crowd(n int) []string {
	t.t.Helper()
	var to []string
	for i := range n {
		id := fmt.Sprintf("user-%03d", i)
		t.begin(id).ok(t.t)
		to = append(to, loginAddress(id))
	}
	for _, record := range t.records("attribute_exists(r_org)") {
		profile, _, err := dynamo.ProfileOf(record)
		t.must(err)
		t.must(t.projector.Observe(t.t.Context(), profile))
	}
	t.await(func() bool {
		found, _, err := t.store.Unenrolled(t.t.Context(), t.id, "", n+1)
		t.must(err)
		return len(found) == n
	})
	return to
}

// The whole way: forcing is confirmed, and everybody who has no second factor is told; who has one, who is exempt, and another
// organisation's users are not. A repeated confirmation announces nothing again.
func TestForcingIsAnnouncedToWhomItConcerns(t *testing.T) {
	p := newProduct(t)
	ten, other := p.tenant(), p.tenant()
	other.crowd(2)
	to := ten.crowd(60)
	ten.enrolled(eve)
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.confirm(ten.admin, id, code).ok(t)
	ten.confirm(ten.admin, id, code).ok(t)
	p.must(p.tick())
	if got := p.told("announcement"); !slices.Equal(got, to) {
		t.Errorf("told %d users, want %d", len(got), len(to))
	}
	if n := ten.events(audit.AnnouncementCreated); n != 1 {
		t.Errorf("%d events", n)
	}
	a := ten.send(ten.read(ten.path("/announcements"))).ok(t).at("announcements").([]any)[0].(fields)
	progress := a["progress"].(fields)
	if a["state"] != "ended" || progress["sent"] != 60.0 || progress["total"] != 60.0 || progress["remaining"] != 0.0 {
		t.Errorf("it says %v", a)
	}
	p.must(p.tick())
	if n := len(p.told("announcement")); n != len(to) {
		t.Errorf("told %d in the end", n)
	}
}

func TestAnAnnouncementCanBeForgone(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.crowd(2)
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.call(ten.admin, ten.path("/policy/changes/"+id+"/confirm"), fields{"code": code, "announce": false}).ok(t)
	ten.must(ten.tick())
	if got := ten.told("announcement"); len(got) != 0 {
		t.Errorf("told: %v", got)
	}
	ten.clock.Advance(time.Minute)
	r := ten.proposing(ten.admin, fields{"policy": fields{"status": "enabled", "methods": []string{"totp"}}})
	r.ifMatch = `"2"`
	change := ten.send(r).ok(t).text("id")
	body := fields{"code": ten.mailed(ten.addressOf("ann")), "announce": true}
	if got := ten.call(ten.admin, ten.path("/policy/changes/"+change+"/confirm"), body).want(t, 422, "nothing_to_announce"); got.text("field") != "announce" {
		t.Errorf("the field is %s", got.text("field"))
	}
}

// Whatever call of the store fails, nobody is told twice; and once it works again everybody is told but at most one batch, which the
// announcement calls unknown.
func TestAnAnnouncementSurvivesEveryFaultOfTheStore(t *testing.T) {
	alone(t)
	p := newProduct(t)
	ten := p.tenant()
	to := ten.crowd(org.BatchSize + 10)
	ten.announcing()
	before := ten.moment()
	p.wire.Record()
	p.must(p.tick())
	calls := p.wire.Calls()
	for n, operation := range calls {
		for _, o := range outages(operation) {
			if o.late || strings.HasSuffix(o.Name, "hangs") {
				continue // nothing ends the tick, or comes after it
			}
			ten.rewind(before)
			p.outbox.sent = nil
			p.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
				return o.Fault, at == n || o.rest && at > n && name == operation
			})
			_ = p.tick()
			p.wire.Disarm()
			p.clock.Advance(org.BatchLease)
			p.must(p.tick())
			a := ten.send(ten.read(ten.path("/announcements"))).ok(t).at("announcements").([]any)[0].(fields)["progress"].(fields)
			got := p.told("announcement")
			if len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Errorf("call %d, %s, %s: somebody was told twice", n, operation, o.Name)
			}
			if a["sent"].(float64)+a["unknown"].(float64) != float64(len(to)) || a["unknown"].(float64) > org.BatchSize || len(got) < int(a["sent"].(float64)) {
				t.Errorf("call %d, %s, %s: told %d, %v", n, operation, o.Name, len(got), a)
			}
		}
	}
}

// Another organisation's administrator neither sees nor stops it.
func TestAnnouncementsOfAnotherOrganization(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	id := a.announcing()
	for _, r := range []request{
		{key: b.admin, method: http.MethodGet, path: b.path("/announcements/" + id)},
		{key: b.admin, method: http.MethodPatch, path: b.path("/announcements/" + id), body: fields{"state": "cancelled"}},
		{key: b.admin, method: http.MethodPatch, path: a.path("/announcements/" + id), body: fields{"state": "cancelled"}},
	} {
		b.send(r).want(t, 404, "not_found")
	}
}
