package attack_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/retention"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// aged gives a tenant an audit event and a sign-in of some days ago, the event in the log, and says the event's id.
func (t *tenant) aged(days int) string {
	t.t.Helper()
	at := t.clock.Now().AddDate(0, 0, -days)
	e := audit.Event{ID: user.NewID(), At: at, Kind: audit.UserReset, Organization: t.id, User: eve, Role: "org_admin", Actor: "ann", RequestID: "r"}
	t.must(t.store.Write(t.t.Context(), user.Change{Events: []audit.Event{e}}))
	t.must(errors.Join(t.notary().Append(t.t.Context(), []audit.Event{e})...))
	row := signin.Entry{Organization: t.id, User: eve, At: at.Truncate(time.Second), ID: signin.IDOf(eve, "", int64(days)), Outcome: signin.Right, Way: "totp", For: user.SignIn}
	t.must(errors.Join(t.storeOf("projector").AddSignIns(t.t.Context(), []signin.Entry{row}, func(e signin.Entry) time.Time { return e.At.Add(signin.Retention) })...))
	return e.ID
}

// shows demands how many sign-ins are shown, and whether an event is, wherever the audit can be read.
func (t *tenant) shows(what string, signIns int, event string, shown bool) {
	t.t.Helper()
	get := func(path string) reply {
		return t.send(request{key: t.admin, method: http.MethodGet, path: t.path(path)})
	}
	if n := strings.Count(get("/sign-ins?user=eve").ok(t.t).raw, `"outcome"`); n != signIns {
		t.t.Errorf("%s: %d sign-ins are shown, want %d", what, n, signIns)
	}
	if n := strings.Count(get("/sign-ins/export?format=ndjson").ok(t.t).raw, `"outcome"`); n != signIns {
		t.t.Errorf("%s: %d sign-ins are exported, want %d", what, n, signIns)
	}
	for _, path := range []string{"/audit?user=eve&limit=200", "/audit?kind=user.reset&from=2020-01-01T00:00:00Z", "/audit/export?format=ndjson", "/audit/entries?limit=200"} {
		if strings.Contains(get(path).ok(t.t).raw, event) != shown {
			t.t.Errorf("%s, %s: the event is shown: %t", what, path, !shown)
		}
	}
	r := get("/audit/inclusion?event=" + event)
	if shown && r.status != 200 || !shown && (r.status != 404 || r.code() != "event_not_kept") {
		t.t.Errorf("%s: its proof is answered %d %s", what, r.status, r.code())
	}
}

// What a retention keeps no longer is gone for every reader with the next call, is removed by the projector, and stays gone whatever follows; the log
// has its hash, another tenant's stays, and nobody is let in or kept out by it.
func TestRetentionIsKeptTo(t *testing.T) {
	ten, _, token := governed(t)
	other := ten.tenant()
	old, foreign := ten.aged(400), other.aged(400)
	young := ten.aged(30)
	ten.signed(ten.id, other.id)
	ten.shows("before", 1, old, true)
	remember := fields{"remember_device": true, "remember_days": 30}
	kept := fields{"remember_device": true, "remember_days": 30, "retention": fields{"audit_days": 366, "sign_in_days": 7}}
	told := len(ten.told("notice-policy-changed"))
	ten.rules(kept)
	ten.shows("at once", 0, old, false)
	other.shows("another tenant", 0, foreign, true)
	ten.came("with a shorter retention", eve, token, true)
	if n := len(ten.told("notice-policy-changed")); n != told+2 {
		t.Errorf("%d administrators are told that the audit is kept for less long, want both", n-told)
	}
	before := ten.dump()
	sweeper := &retention.Sweeper{Store: ten.storeOf("projector"), Now: ten.clock.Now}
	for range retention.Slots {
		ten.must(sweeper.Tick(t.Context(), ten.clock.Now().Add(time.Hour)))
		ten.clock.Advance(time.Hour / retention.Slots)
	}
	gone := before.differs(ten.dump())
	if len(gone) != 3 || !strings.Contains(fmt.Sprint(gone), old) || strings.Contains(fmt.Sprint(gone), young) || strings.Count(fmt.Sprint(gone), "SIGNIN#"+ten.id) != 2 {
		t.Errorf("removed: %v", gone)
	}
	ten.shows("removed", 0, old, false)
	ten.rules(remember)
	ten.shows("with a longer retention", 0, old, false)
	ten.came("with a longer retention", eve, token, true)
	ten.shows("what was kept throughout", 0, young, true)
}

// A retention that there is not is refused by its name.
func TestRetentionsThatThereAreNot(t *testing.T) {
	ten := newProduct(t).tenant()
	before := ten.dump()
	for field, values := range map[string][]any{
		"audit_days": {0, -1, 1, 365, 3661, "400", nil, 400.5}, "sign_in_days": {0, -1, 91, 1e9, "7", nil}, "mail_days": {7},
	} {
		for _, value := range values {
			body := forcing()
			body["policy"].(fields)["retention"] = fields{field: value}
			r := ten.send(ten.proposing(ten.admin, body))
			if r.status != 422 && r.status != 400 || r.text("field") != "policy.retention."+field {
				t.Errorf("%s %v: answered %d %s at %q", field, value, r.status, r.code(), r.text("field"))
			}
		}
	}
	ten.unchanged(before)
}
