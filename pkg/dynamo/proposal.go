package dynamo

import (
	"context"
	"slices"

	"twofold/pkg/policy"
	"twofold/pkg/throttle"
)

// proposalAttributes are all that this version knows: one that a write does not set is removed by it.
var proposalAttributes = slices.Concat(policyAttributes, []string{
	"rev", "id", "base_version", "key_id", "address", "expires_at", "tries", "consecutive_failures", "failures",
	"locked_until", "sends", "applied_version", "deliver", "attempt", "seen",
})

func encodeProposal(p policy.Proposal) item {
	i := proposalKey(p.Organization, p.Administrator).item()
	i.number("rev", p.Rev)
	i.text("id", p.ID)
	encodePolicy(i, p.Policy)
	i.number("base_version", p.BaseVersion)
	i.number("key_id", int64(p.KeyID))
	i.bytes("address", p.Address)
	i.moment("expires_at", p.ExpiresAt)
	i.number("tries", int64(p.Tries))
	i.number("consecutive_failures", int64(p.Throttle.Consecutive))
	i.moments("failures", p.Throttle.Failures)
	i.moment("locked_until", p.Throttle.LockedUntil)
	i.moments("sends", p.Sends)
	i.number("applied_version", p.AppliedVersion)
	i.text("deliver", p.Deliver)
	i.bytes("attempt", p.Attempt)
	i.text("seen", p.Seen)
	return i
}

func decodeProposal(i item) (policy.Proposal, error) {
	must, may, err := read("CHANGE", i)
	p := policy.Proposal{
		Rev: must.number("rev"), ID: must.text("id"), Policy: decodePolicy(must, may),
		BaseVersion: must.number("base_version"), KeyID: uint32(must.number("key_id")), Address: may.bytes("address"),
		ExpiresAt: must.moment("expires_at"), Tries: int(must.number("tries")),
		Throttle: throttle.State{
			Consecutive: int(must.number("consecutive_failures")), Failures: may.moments("failures"),
			LockedUntil: may.moment("locked_until"),
		},
		Sends: may.moments("sends"), AppliedVersion: must.number("applied_version"), Deliver: may.text("deliver"),
		Attempt: may.bytes("attempt"), Seen: may.text("seen"),
	}
	var ok bool
	if p.Organization, p.Administrator, ok = i.key().proposalOf(); !ok {
		must.fail("pk", "is not a proposal's")
	}
	return p, *err
}

// Proposal gets what an administrator proposed last, strongly consistent; nil where there is none. It is policy.Store's.
func (s *Store) Proposal(ctx context.Context, organization, administrator string) (*policy.Proposal, error) {
	return one(ctx, s, proposalKey(organization, administrator), decodeProposal)
}
