package attack_test

import (
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/report"
)

// says demands of every event that was written by a request that it tells who, by which key, from where, in which request and when; and of one in
// somebody's place whose, and in which session (issue: "by whom, what, why, from where, request id, time").
func (t *tenant) says(test *testing.T) {
	test.Helper()
	for _, organization := range []string{t.id, access.VendorHome} {
		events, _, err := t.store.Events(t.t.Context(), organization, report.EventQuery{Limit: report.MaxLimit})
		t.must(err)
		for _, e := range events {
			if e.Kind == audit.SystemBootstrapped {
				continue // written by the test itself
			}
			if lacks := lacking(e); len(lacks) > 0 {
				test.Errorf("%s by %s does not say %v: %+v", e.Kind, e.Role, lacks, e)
			}
		}
	}
}

// lacking is what an event should say and does not.
func lacking(e audit.Event) (lacks []string) {
	asked := e.Role != audit.System && e.Role != audit.Recipient // by a request with a key
	for what, missing := range map[string]bool{
		"what": e.Kind == "", "when": e.At.IsZero(), "its id": e.ID == "", "in which role": e.Role == "",
		"who": asked && e.Actor == "", "by which key": asked && e.Key == "", "in which request": asked && e.RequestID == "", "from where": asked && e.Seen == "",
		"in whose place, or in which session": (e.Subject == "") != (e.Session == ""),
	} {
		if missing {
			lacks = append(lacks, what)
		}
	}
	return lacks
}
