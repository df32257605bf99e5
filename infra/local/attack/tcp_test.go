package attack_test

import (
	"slices"
	"sync"
	"testing"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/faults"
)

// The TCP faults, by what toxiproxy calls them. What goes upstream is the request, downstream the answer.
var toxics = map[string]faults.Toxic{
	"reset before":  {Type: "reset_peer", Stream: "upstream"},
	"cut request":   {Type: "limit_data", Stream: "upstream", Attributes: map[string]int64{"bytes": 200}},
	"closed":        {Type: "timeout", Stream: "upstream", Attributes: map[string]int64{"timeout": 1}},
	"silent before": {Type: "timeout", Stream: "upstream"},
	"reset after":   {Type: "reset_peer", Stream: "downstream"},
	"cut headers":   {Type: "limit_data", Stream: "downstream", Attributes: map[string]int64{"bytes": 100}},
	"cut body":      {Type: "limit_data", Stream: "downstream", Attributes: map[string]int64{"bytes": 700}},
	"latency":       {Type: "latency", Stream: "downstream", Attributes: map[string]int64{"latency": 2, "jitter": 1}},
	"bandwidth":     {Type: "bandwidth", Stream: "downstream", Attributes: map[string]int64{"rate": 500}},
	"slow close":    {Type: "slow_close", Stream: "downstream", Attributes: map[string]int64{"delay": 2}},
	"slices":        {Type: "slicer", Stream: "upstream", Attributes: map[string]int64{"average_size": 200, "size_variation": 100, "delay": 10}},
}

// proxies are one for each toxic, before the table's server. They end with the test process.
var proxies struct {
	sync.Mutex
	started map[string]*faults.Proxy
}

// toxic sends a try through the proxy that has one.
func (p *product) toxic(name string) faults.Reaction {
	p.t.Helper()
	proxies.Lock()
	defer proxies.Unlock()
	if proxies.started == nil {
		proxies.started = map[string]*faults.Proxy{}
	}
	if proxies.started[name] == nil {
		proxy, err := faults.NewProxy(dynamodb.ForTest(p.t), toxics[name])
		p.must(err)
		proxies.started[name] = proxy
	}
	return faults.Through(proxies.started[name].Address())
}

// readTears can meet a read.
func (p *product) readTears() []outage {
	return []outage{
		{Fault: faults.Once("reset before", p.toxic("reset before")), effect: unnoticed},
		refuse("cut headers", p.toxic("cut headers")),
	}
}

// writeTears can meet a write.
func (p *product) writeTears() []outage {
	return []outage{
		refuse("reset before", p.toxic("reset before")),
		{Fault: faults.Always("reset after", p.toxic("reset after")), effect: done},
		{Fault: faults.Once("cut headers", p.toxic("cut headers")), effect: unnoticed},
	}
}

// rareTears are to the SDK what one of the others is.
func (p *product) rareTears(write bool) []outage {
	rare := []outage{
		refuse("cut request", p.toxic("cut request")),
		refuse("closed", p.toxic("closed")),
		{Fault: faults.Always("silent before", p.toxic("silent before")), hangs: func() bool { return p.wire.Met() > 0 }},
	}
	if !write {
		return append(rare, refuse("reset after", p.toxic("reset after")))
	}
	return append(rare,
		outage{Fault: faults.Always("cut headers", p.toxic("cut headers")), effect: done},
		outage{Fault: faults.Once("reset after", p.toxic("reset after")), effect: unnoticed},
		p.silentAfter(),
	)
}

// silentAfter swallows the answer of a write that is done. It has a proxy of its own, which knows when that is.
func (p *product) silentAfter() outage {
	p.t.Helper()
	relay, err := faults.NewRelay(dynamodb.ForTest(p.t))
	p.must(err)
	p.t.Cleanup(relay.Close)
	proxy, err := faults.NewProxy(relay.Endpoint(), faults.Toxic{Type: "timeout", Stream: "downstream"})
	p.must(err)
	p.t.Cleanup(proxy.Close)
	return outage{
		Fault:  faults.Always("silent after", faults.Through(proxy.Address())),
		effect: done, hangs: func() bool { return relay.Answers() > 0 },
	}
}

// The same as TestEveryCallOfTheStoreMayFail, on the network itself: real connections to DynamoDB Local that break, go
// silent, are slow or come in pieces.
func TestEveryConnectionToTheStoreMayBreak(t *testing.T) {
	alone(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			x := newProduct(t).trial(s)
			for n, operation := range x.sound.calls {
				tears := x.readTears()
				if writing(operation) {
					tears = x.writeTears()
				}
				if operation == "BatchGetItem" && slices.Contains(thorough, s.name) { // its answer is long enough
					tears = append(tears, refuse("cut body", x.toxic("cut body")))
				}
				if slices.Contains(thorough, s.name) {
					tears = append(tears, x.rareTears(writing(operation))...)
				}
				for _, o := range tears {
					x.meets(n, operation, o)
				}
			}
			x.slow()
		})
	}
}

// slow: whatever takes long and comes in pieces is right in the end.
func (t *trial) slow() {
	t.t.Helper()
	if len(t.sound.calls) == 0 {
		return
	}
	t.rewind(t.before) // a write whose connection was cut may have arrived after the last look
	for _, name := range []string{"latency", "bandwidth", "slow close", "slices"} {
		f := faults.Always(name, t.toxic(name))
		t.wire.ArmEach(func(int, string) (faults.Fault, bool) { return f, true })
		r := t.send(t.request)
		if met := t.wire.Met(); met != len(t.sound.calls) {
			t.t.Errorf("%s: %d tries of %v met it, want %d", name, met, t.wire.Calls(), len(t.sound.calls))
		}
		t.wire.Record()
		now := t.moment()
		t.judge(outage{effect: unnoticed}, r, now.since(t.before), t.t.Errorf)
		t.rewindFrom(now, t.before)
	}
}
