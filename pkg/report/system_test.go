package report_test

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
)

// The system's own log is for system administrators, and holds nothing of an organisation.
func TestTheSystemsOwnLog(t *testing.T) {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	s := &report.Service{Store: store, Now: w.Clock.Now}
	page, err := s.Events(t.Context(), w.System, access.VendorHome, report.EventQuery{Limit: 10}, "")
	if err != nil || len(page.Events) != 1 || page.Events[0].Kind != audit.SystemBootstrapped {
		t.Errorf("%+v, %v", page, err)
	}
	for name, c := range map[string]access.Caller{"an administrator": w.Administrator, "an application": w.Application} {
		if _, err := s.Events(t.Context(), c, access.VendorHome, report.EventQuery{Limit: 10}, ""); !errors.Is(err, access.ErrRole) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Events(t.Context(), w.System, access.VendorHome, report.EventQuery{Limit: 10}, "none"); !errors.Is(err, report.ErrCursor) {
		t.Errorf("a cursor that is none: %v", err)
	}
}

// A kind that there is not is refused: the empty answer would look like a good one.
func TestAKindThatThereIsNot(t *testing.T) {
	w := storetest.NewWorld(t, memstore.New())
	s := &report.Service{Store: w.Store, Now: w.Clock.Now}
	for _, kinds := range [][]audit.Kind{{"policy.chnaged"}, {audit.PolicyChanged, ""}} {
		if _, err := s.Events(t.Context(), w.System, access.VendorHome, report.EventQuery{Limit: 10, Kinds: kinds}, ""); !errors.Is(err, report.ErrKind) {
			t.Errorf("%q: %v", kinds, err)
		}
	}
}
