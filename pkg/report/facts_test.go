package report_test

import (
	"errors"
	"testing"

	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

func TestWhatTellsNothingNewCostsNothing(t *testing.T) {
	s := memstore.New()
	w := report.Witness{Store: s}
	day := user.Facts{VerifiedOn: "2026-11-22", CodesGeneration: 2, CodesLeft: 7}
	lessCodes, laterDay := day, day
	lessCodes.CodesLeft, laterDay.VerifiedOn = 6, "2026-11-23"
	for name, c := range map[string]struct {
		before, after user.Facts
		call          bool
	}{
		"the first": {user.Facts{}, day, true}, "a second sign-in of a day": {day, day, false}, "the next day": {day, laterDay, true},
		"a code used": {day, lessCodes, true}, "what a reset forgets": {day, user.Facts{CodesGeneration: 2, CodesLeft: 0}, true},
		"nothing": {user.Facts{}, user.Facts{}, false}, "an earlier day": {laterDay, day, false},
	} {
		s.FailNext(memstore.AddFacts, false, errors.New("down"))
		err := w.Observe(t.Context(), report.FactsSeen{Organization: "acme", User: "ann", Before: c.before, After: c.after})
		if c.call != (err != nil) || c.call && fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if !c.call { // the failure is still due
			if err := s.AddFacts(t.Context(), "acme", "ann", day); err == nil {
				t.Errorf("%s: the store was called", name)
			}
		}
	}
}
