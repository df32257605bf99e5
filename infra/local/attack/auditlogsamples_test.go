package attack_test

import (
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/notary"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/user"
)

// notary keeps the logs of the audit, as the projector does.
func (p *product) notary() *notary.Notary {
	return &notary.Notary{Store: p.storeOf("projector"), Keys: p.rings[seal.Checkpoints].CheckpointKeys(), Issuer: issuer, Now: p.clock.Now}
}

// audited are all of an organisation's audit.
func (p *product) audited(organization string) []audit.Event {
	p.t.Helper()
	events, _, err := p.store.Events(p.t.Context(), organization, report.EventQuery{Limit: 500})
	p.must(err)
	return events
}

// signed has something happen, appends all that did to the logs, and signs them.
func (p *product) signed(organizations ...string) {
	p.t.Helper()
	n := p.notary()
	for _, organization := range organizations {
		for range 2 {
			e := audit.Event{ID: user.NewID(), At: p.clock.Now(), Kind: audit.KeyIssued, Organization: organization, Role: "system_admin", Actor: "root", Key: "k", Seen: "192.0.2.1", RequestID: "r"}
			p.must(p.store.Write(p.t.Context(), user.Change{Events: []audit.Event{e}}))
		}
		for _, err := range n.Append(p.t.Context(), p.audited(organization)) {
			p.must(err)
		}
	}
	p.must(n.Tick(p.t.Context(), p.clock.Now().Add(time.Hour)))
}

func auditLogSamples() []sample {
	own := func(path string) func(t *tenant) request {
		return func(t *tenant) request {
			t.signed(t.id)
			return t.read(t.path(path))
		}
	}
	system := func(path string) func(t *tenant) request {
		return func(t *tenant) request {
			t.signed(access.VendorHome)
			return request{key: t.system, method: http.MethodGet, path: path}
		}
	}
	return []sample{
		{"an audit of one actor", "get-audit", own("/audit?actor=root&order=desc&limit=2"), 0, 0},
		{"an audit of some kinds", "get-audit", own("/audit?kind=user.registered&kind=key.issued&from=2026-01-01T00:00:00Z"), 0, 0},
		{"an audit of one user", "get-audit", own("/audit?user=eve&to=2100-01-01T00:00:00Z"), 0, 0},
		{"a checkpoint", "get-audit-checkpoint", own("/audit/checkpoint"), 0, 0},
		{"a checkpoint of a size", "get-audit-checkpoint", func(t *tenant) request {
			t.signed(t.id)
			c, err := t.store.Checkpoint(t.t.Context(), t.id, 0)
			t.must(err)
			return t.read(t.path("/audit/checkpoint?size=" + strconv.FormatUint(c.Size, 10)))
		}, 0, 0},
		{"an event in the log", "get-audit-inclusion", func(t *tenant) request {
			t.signed(t.id)
			return t.read(t.path("/audit/inclusion?event=" + t.audited(t.id)[0].ID))
		}, 0, 0},
		{"a leaf of the log", "get-audit-inclusion", own("/audit/inclusion?leaf=0&size=1"), 0, 0},
		{"that the log grew", "get-audit-consistency", own("/audit/consistency?from=1"), 0, 0},
		{"entries of the log", "get-audit-entries", own("/audit/entries?from=0&limit=2"), 0, 0},
		{"the system's checkpoint", "get-system-audit-checkpoint", system("/v1/audit/checkpoint"), 0, 0},
		{"an event in the system's log", "get-system-audit-inclusion", system("/v1/audit/inclusion?leaf=0"), 0, 0},
		{"that the system's log grew", "get-system-audit-consistency", system("/v1/audit/consistency?from=1"), 0, 0},
		{"entries of the system's log", "get-system-audit-entries", system("/v1/audit/entries"), 0, 0},
	}
}
