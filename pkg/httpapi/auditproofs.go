package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/ledger"
	"twofold/pkg/report"
)

// LogSize names a state of a log.
type LogSize struct {
	Size uint64 `query:"size" minimum:"1" maximum:"999999999999" doc:"How many events the log had. Absent: as many as the latest checkpoint says."`
}

type LogInclusion struct {
	LogSize
	Event string `query:"event" minLength:"1" maxLength:"128" doc:"The event's id."`
	Leaf  string `query:"leaf" pattern:"^(0|[1-9][0-9]{0,11})$" doc:"Its index in the log, instead of its id."`
}

type LogConsistency struct {
	From uint64 `query:"from" required:"true" minimum:"1" maximum:"999999999999" doc:"The size of the earlier log."`
	To   uint64 `query:"to" minimum:"1" maximum:"999999999999" doc:"The size of the later one. Absent: as the latest checkpoint says."`
}

type LogEntries struct {
	LogSize
	From  uint64 `query:"from" minimum:"0" maximum:"999999999999" doc:"The index of the first entry, from next_from of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type checkpointShown struct {
	Size       uint64    `json:"size" doc:"How many events it covers."`
	Checkpoint string    `json:"checkpoint" doc:"A signed note, as https://c2sp.org/tlog-checkpoint describes it."`
	Keys       []string  `json:"keys" doc:"What the signatures verify with, the key in use first (https://c2sp.org/signed-note). Note one down once, from here or better from the vendor, and trust no other that an answer brings along."`
	SignedAt   time.Time `json:"signed_at"`
}

// entryEvent is an event as its leaf commits to it: in the canonical form of RFC 8785, it is what was hashed.
type entryEvent struct {
	Version      int    `json:"version" doc:"Of this form: 1."`
	Organization string `json:"organization,omitempty" doc:"Absent in the vendor's own log."`
	AuditEvent
}

type entryShown struct {
	Leaf  uint64      `json:"leaf" doc:"The index in the log, from 0."`
	Event *entryEvent `json:"event,omitempty" doc:"The leaf's data: hashed as it is in the canonical form of RFC 8785. Absent: it is not in the audit any more, which should not be, unless it is older than kept_since."`
	Hash  string      `json:"hash" doc:"The leaf's hash when it was appended (RFC 6962, section 2.1), in base64."`
	Proof []string    `json:"proof,omitempty" doc:"That the hash is in the log of that size (RFC 6962, section 2.1.1), in base64. Absent: hashes that it needs are gone."`
}

type (
	checkpointOutput struct{ Body checkpointShown }
	inclusionOutput  struct {
		Body struct {
			Size  uint64     `json:"size" doc:"The size of the log that the proof is for."`
			Entry entryShown `json:"entry"`
		}
	}
	consistencyOutput struct {
		Body struct {
			From  uint64   `json:"from"`
			To    uint64   `json:"to"`
			Proof []string `json:"proof" doc:"That the earlier log is the beginning of the later one (RFC 6962, section 2.1.2), in base64."`
		}
	}
	entriesOutput struct {
		Body struct {
			Checkpoint checkpointShown `json:"checkpoint" doc:"Which the proofs are for."`
			Entries    []entryShown    `json:"entries"`
			KeptSince  *time.Time      `json:"kept_since,omitempty" doc:"Entries of events before it have the hash and the proof, and no event: the organisation's policy keeps them no longer. Absent: all are kept."`
			NextFrom   *uint64         `json:"next_from,omitempty" doc:"Absent: there is no more. Ask for it with the same size."`
		}
	}
)

func showCheckpoint(c ledger.Checkpoint) checkpointShown {
	return checkpointShown{Size: c.Size, Checkpoint: c.Note, Keys: c.Keys, SignedAt: c.At.UTC()}
}

func showEntry(l ledger.Line) entryShown {
	shown := entryShown{Leaf: l.Leaf, Hash: encoded(l.Hash)}
	if l.Event != nil {
		shown.Event = &entryEvent{Version: ledger.Shape, Organization: l.Event.Organization, AuditEvent: showEvent(*l.Event)}
	}
	if l.Proof != nil {
		shown.Proof = each(l.Proof, encoded)
	}
	return shown
}

func encoded(hash []byte) string { return base64.StdEncoding.EncodeToString(hash) }

// proofs of one log: an organisation's, or the vendor's own.
type proofs struct{ *report.Service }

func (s proofs) checkpoint(ctx context.Context, c access.Caller, organization string, in LogSize) (*checkpointOutput, error) {
	found, err := s.Checkpoint(ctx, c, organization, in.Size)
	return &checkpointOutput{showCheckpoint(found)}, err
}

func (s proofs) inclusion(ctx context.Context, c access.Caller, organization string, in LogInclusion) (*inclusionOutput, error) {
	q := report.InclusionQuery{Event: in.Event, Size: in.Size}
	if leaf, err := strconv.ParseUint(in.Leaf, 10, 64); err == nil { // the pattern lets nothing else in but an absent one
		q.Leaf = &leaf
	}
	line, size, err := s.Inclusion(ctx, c, organization, q)
	out := &inclusionOutput{}
	out.Body.Size, out.Body.Entry = size, showEntry(line)
	return out, err
}

func (s proofs) consistency(ctx context.Context, c access.Caller, organization string, in LogConsistency) (*consistencyOutput, error) {
	path, to, err := s.Consistency(ctx, c, organization, in.From, in.To)
	out := &consistencyOutput{}
	out.Body.From, out.Body.To, out.Body.Proof = in.From, to, each(path, encoded)
	return out, err
}

func (s proofs) entries(ctx context.Context, c access.Caller, organization string, in LogEntries) (*entriesOutput, error) {
	page, err := s.Lines(ctx, c, organization, in.Size, in.From, in.Limit)
	out := &entriesOutput{}
	if !page.Since.IsZero() {
		since := page.Since.UTC().Truncate(time.Microsecond)
		out.Body.KeptSince = &since
	}
	out.Body.Checkpoint, out.Body.Entries, out.Body.NextFrom = showCheckpoint(page.Checkpoint), each(page.Lines, showEntry), page.Next
	return out, err
}

// logOperations registers what there is of an organisation's log and of the vendor's own.
func logOperations(api *API, s *report.Service) {
	organizationLog(api, proofs{s})
	vendorLog(api, proofs{s})
}

// logOperation is one of them, without id, path and rule.
func logOperation(what, summary string, problems ...string) Operation {
	return Operation{
		ID: what, Method: http.MethodGet, Summary: summary, Problems: problems,
		Description: "The log is a Merkle tree of the audit's events (RFC 6962). docs/audit.md says how it is checked, and what it proves.",
	}
}

// The operations on a log, by what their ids and paths end with.
var (
	checkpointOperation  = logOperation("checkpoint", "What was signed of the audit", "no_checkpoint")
	inclusionOperation   = logOperation("inclusion", "Proof that an event is in the audit's log", "no_checkpoint", "not_in_log", "event_not_kept", "beyond_checkpoint", "event_or_leaf")
	consistencyOperation = logOperation("consistency", "Proof that the audit's log only grew", "no_checkpoint", "beyond_checkpoint")
	entriesOperation     = logOperation("entries", "The audit in the order of its log, each event with its proof", "no_checkpoint", "beyond_checkpoint")
)

func organizationLog(api *API, s proofs) {
	at := func(op Operation) Operation {
		op.Path, op.ID, op.Rule = "/v1/organizations/{organization}/audit/"+op.ID, "get-audit-"+op.ID, report.AuditRule
		return op
	}
	Register(api, at(checkpointOperation), func(ctx context.Context, c access.Caller, in *struct {
		OrganizationPath
		LogSize
	}) (*checkpointOutput, error) {
		return s.checkpoint(ctx, c, in.Organization, in.LogSize)
	})
	Register(api, at(inclusionOperation), func(ctx context.Context, c access.Caller, in *struct {
		OrganizationPath
		LogInclusion
	}) (*inclusionOutput, error) {
		return s.inclusion(ctx, c, in.Organization, in.LogInclusion)
	})
	Register(api, at(consistencyOperation), func(ctx context.Context, c access.Caller, in *struct {
		OrganizationPath
		LogConsistency
	}) (*consistencyOutput, error) {
		return s.consistency(ctx, c, in.Organization, in.LogConsistency)
	})
	Register(api, at(entriesOperation), func(ctx context.Context, c access.Caller, in *struct {
		OrganizationPath
		LogEntries
	}) (*entriesOutput, error) {
		return s.entries(ctx, c, in.Organization, in.LogEntries)
	})
}

func vendorLog(api *API, s proofs) {
	at := func(op Operation) Operation {
		op.Path, op.ID, op.Rule = "/v1/audit/"+op.ID, "get-system-audit-"+op.ID, report.SystemRule
		op.Summary += ", of the vendor's own"
		return op
	}
	Register(api, at(checkpointOperation), func(ctx context.Context, c access.Caller, in *LogSize) (*checkpointOutput, error) {
		return s.checkpoint(ctx, c, access.VendorHome, *in)
	})
	Register(api, at(inclusionOperation), func(ctx context.Context, c access.Caller, in *LogInclusion) (*inclusionOutput, error) {
		return s.inclusion(ctx, c, access.VendorHome, *in)
	})
	Register(api, at(consistencyOperation), func(ctx context.Context, c access.Caller, in *LogConsistency) (*consistencyOutput, error) {
		return s.consistency(ctx, c, access.VendorHome, *in)
	})
	Register(api, at(entriesOperation), func(ctx context.Context, c access.Caller, in *LogEntries) (*entriesOutput, error) {
		return s.entries(ctx, c, access.VendorHome, *in)
	})
}
