package faults_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/faults"
)

// through sends every try of the next call through a new proxy with the toxic.
func (tab *table) through(toxic faults.Toxic) {
	tab.t.Helper()
	proxy, err := faults.NewProxy(dynamodb.ForTest(tab.t), toxic)
	if err != nil {
		tab.t.Fatal(err)
	}
	tab.t.Cleanup(proxy.Close)
	tab.wire.Arm(0, faults.Always(toxic.Type, faults.Through(proxy.Address())))
}

func TestWhatAToxicDoes(t *testing.T) {
	tab := newTable(t)
	for name, c := range map[string]struct {
		toxic         faults.Toxic
		stored, fails bool
		met           int
	}{
		"reset before":   {faults.Toxic{Type: "reset_peer", Stream: "upstream"}, false, true, tries},
		"reset after":    {faults.Toxic{Type: "reset_peer", Stream: "downstream"}, true, true, tries},
		"closed before":  {faults.Toxic{Type: "timeout", Stream: "upstream", Attributes: map[string]int64{"timeout": 1}}, false, true, tries},
		"a cut request":  {faults.Toxic{Type: "limit_data", Stream: "upstream", Attributes: map[string]int64{"bytes": 100}}, false, true, tries},
		"a cut answer":   {faults.Toxic{Type: "limit_data", Stream: "downstream", Attributes: map[string]int64{"bytes": 30}}, true, true, tries},
		"latency":        {faults.Toxic{Type: "latency", Stream: "downstream", Attributes: map[string]int64{"latency": 2}}, true, false, 1},
		"bandwidth":      {faults.Toxic{Type: "bandwidth", Stream: "upstream", Attributes: map[string]int64{"rate": 500}}, true, false, 1},
		"a late close":   {faults.Toxic{Type: "slow_close", Stream: "downstream", Attributes: map[string]int64{"delay": 2}}, true, false, 1},
		"small portions": {faults.Toxic{Type: "slicer", Stream: "upstream", Attributes: map[string]int64{"average_size": 50, "size_variation": 10}}, true, false, 1},
	} {
		tab.through(c.toxic)
		err := tab.put(t.Context(), name)
		if stored := tab.holds(name); stored != c.stored || (err != nil) != c.fails || tab.wire.Met() != c.met {
			t.Errorf("%s: stored %t, %v, met %d times; want %t, %t, %d", name, stored, err, tab.wire.Met(), c.stored, c.fails, c.met)
		}
	}
}

// A relay passes everything on, both ends included, and says when the service has answered.
func TestASilentConnectionEndsWithTheCaller(t *testing.T) {
	tab := newTable(t)
	relay, err := faults.NewRelay(dynamodb.ForTest(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(relay.Close)
	proxy, err := faults.NewProxy(relay.Endpoint(), faults.Toxic{Type: "timeout", Stream: "downstream"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	tab.wire.Arm(0, faults.Always("silent", faults.Through(proxy.Address())))
	deadline := faults.WithDeadline(t.Context())
	ended := make(chan error)
	go func() { ended <- tab.put(deadline, "a") }()
	for relay.Answers() == 0 {
		select {
		case err := <-ended:
			t.Fatalf("ended although nobody answered: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	deadline.Pass()
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) || !tab.holds("a") {
		t.Errorf("%v, stored %t", err, tab.holds("a"))
	}
	plain := strings.TrimPrefix(relay.Endpoint(), "http://")
	tab.wire.Arm(0, faults.Always("relayed", faults.Through(plain)))
	if err := tab.put(t.Context(), "b"); err != nil || relay.Answers() != 2 {
		t.Errorf("relayed alone: %v, %d answers", err, relay.Answers())
	}
	relay.Close()
	tab.wire.Arm(0, faults.Always("closed", faults.Through(plain)))
	if err := tab.put(t.Context(), "c"); err == nil || tab.holds("c") {
		t.Errorf("after Close: %v", err)
	}
}

func TestAProxyThatCannotBe(t *testing.T) {
	if _, err := faults.NewProxy("http://127.0.0.1:1", faults.Toxic{Type: "unheard of", Stream: "upstream"}); err == nil {
		t.Error("an unknown toxic is accepted")
	}
	if _, err := faults.NewProxy("http://127.0.0.1:1", faults.Toxic{Type: "latency", Stream: "sideways"}); err == nil {
		t.Error("an unknown direction is accepted")
	}
	if _, err := faults.NewRelay("://"); err == nil {
		t.Error("a relay's endpoint that is no URL is accepted")
	}
	if _, err := faults.NewProxy("://"); err == nil {
		t.Error("an endpoint that is no URL is accepted")
	}
}
