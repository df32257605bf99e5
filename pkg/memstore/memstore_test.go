package memstore_test

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Contract { return memstore.New() })
}

// The suite has one population of this; here are more of them, since they cost nothing.
func TestReportsOfManyPopulations(t *testing.T) {
	for seed := range uint64(60) {
		storetest.ReportsOfAnybody(t, memstore.New(), seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

var errInjected = errors.New("injected")

func TestFailNextBeforeAndAfterPersisting(t *testing.T) {
	for _, persisted := range []bool{false, true} {
		s := memstore.New()
		f := user.Factors{Organization: "o", User: "u"}.Next()
		s.FailNext(memstore.Write, persisted, errInjected)
		if err := s.Write(t.Context(), user.Change{Factors: &f}); !errors.Is(err, errInjected) {
			t.Fatalf("persisted %v: the first write gave %v", persisted, err)
		}
		snap, err := s.Read(t.Context(), access.Credential{ID: "key"}, "o", "u")
		if err != nil {
			t.Fatal(err)
		}
		if got := snap.Factors.Rev == 1; got != persisted {
			t.Errorf("persisted %v, but written %v", persisted, got)
		}
		if err := s.Write(t.Context(), user.Change{Factors: &f}); err != nil {
			t.Errorf("persisted %v: the same write again gave %v", persisted, err)
		}
	}
}

func TestFailuresComeInOrderAndPerOperation(t *testing.T) {
	s := memstore.New()
	second := errors.New("second")
	s.FailNext(memstore.Read, false, errInjected)
	s.FailNext(memstore.Read, false, second)
	if _, err := s.Counts(t.Context(), "o"); err != nil {
		t.Errorf("another operation failed: %v", err)
	}
	for _, want := range []error{errInjected, second, nil} {
		if _, err := s.Read(t.Context(), access.Credential{ID: "key"}, "o", "u"); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestDeliveriesAreWhatWritesOrdered(t *testing.T) {
	s := memstore.New()
	ctx := t.Context()
	f := user.Factors{Organization: "o", User: "u"}.Next()
	f.Deliver = "challenge"
	event := audit.Event{ID: "e", Kind: audit.UserReset, Organization: "o", User: "u", Notify: true}
	quiet := audit.Event{ID: "q", Kind: audit.UserRegistered, Organization: "o", User: "u"}
	change := user.Change{Factors: &f, Events: []audit.Event{event, quiet}}
	docket := stepup.Docket{Organization: "o", Administrator: "ann", Rev: 1, Deliver: "proposal", Attempt: []byte("a")}
	for range 2 { // a repetition of the same write orders nothing again
		if err := errors.Join(s.Write(ctx, change), s.WriteOrganization(ctx, "o", policy.Change{Docket: &docket})); err != nil {
			t.Fatal(err)
		}
	}
	f = f.Next()
	if err := s.Write(ctx, user.Change{Factors: &f}); err != nil {
		t.Fatal(err)
	}
	got := s.Deliveries()
	want := []mail.Order{
		{Kind: mail.CodeOrder, Organization: "o", User: "u", Reference: "challenge"},
		{Kind: mail.NoticeOrder, Organization: "o", User: "u", Reference: "e", Event: event},
		{Kind: mail.StepUpOrder, Organization: "o", Administrator: "ann", Reference: "proposal"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d orders, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i].Kind != want[i].Kind || got[i].Reference != want[i].Reference || got[i].User != want[i].User ||
			got[i].Administrator != want[i].Administrator || got[i].Event.ID != want[i].Event.ID {
			t.Errorf("order %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	if again := s.Deliveries(); len(again) != 0 {
		t.Errorf("orders were given twice: %+v", again)
	}
}

func TestProfilesAreWhatWasWritten(t *testing.T) {
	s := memstore.New()
	p := user.Profile{Organization: "o", User: "u", Rev: 1}
	next := p.Next()
	for _, write := range []*user.Profile{&p, &p, &next} {
		if err := s.Write(t.Context(), user.Change{Profile: write}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Profiles(); len(got) != 2 || got[0].Rev != 1 || got[1].Rev != 2 {
		t.Errorf("got %+v", got)
	}
	if again := s.Profiles(); len(again) != 0 {
		t.Errorf("profiles were given twice: %+v", again)
	}
}
