package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/stepup"
)

// docketAttributes are all that this version knows: one that a write does not set is removed by it.
var docketAttributes = []string{
	"rev", "consecutive_failures", "failures", "locked_until", "sends", "changes", "freed", "allowance",
	"allowed_until", "allowed_organization", "allowed_session", "deliver", "attempt",
}

func encodeDocket(d stepup.Docket) item {
	i := docketKey(d.Organization, d.Administrator).item()
	i.number("rev", d.Rev)
	i.throttle(d.Throttle)
	i.moments("sends", d.Sends)
	var changes []types.AttributeValue
	for _, c := range d.Changes {
		changes = append(changes, &types.AttributeValueMemberM{Value: encodeChange(c)})
	}
	i.list("changes", changes)
	i.moments("freed", d.Freed)
	if d.Allowance != (stepup.Allowance{}) {
		i.number("allowance", int64(d.Allowance.Left))
		i.moment("allowed_until", d.Allowance.Until)
		i.text("allowed_organization", d.Allowance.Organization)
		i.text("allowed_session", d.Allowance.Session)
	}
	i.text("deliver", d.Deliver)
	i.bytes("attempt", d.Attempt)
	return i
}

func encodeChange(c stepup.Change) item {
	i := item{}
	i.text("id", c.ID)
	i.text("thing", string(c.Thing))
	i.text("organization", c.Organization)
	i.bytes("payload", c.Payload)
	i.number("base", c.Base)
	i.dictionary("told", c.Told)
	i.number("key_id", int64(c.KeyID))
	i.bytes("address", c.Address)
	i.moment("expires_at", c.ExpiresAt)
	i.number("tries", int64(c.Tries))
	i.number("applied", c.Applied)
	if c.Prover != "" {
		i.text("prover", c.Prover)
		i.number("step", c.Step)
	}
	i.text("seen", c.Seen)
	i.text("session", c.Session)
	return i
}

func decodeDocket(i item) (stepup.Docket, error) {
	must, may, err := read("CHANGE", i)
	d := stepup.Docket{
		Rev: must.number("rev"), Sends: may.moments("sends"), Deliver: may.text("deliver"), Attempt: may.bytes("attempt"),
		Throttle: throttled(must, may),
		Freed:    may.moments("freed"),
		Allowance: stepup.Allowance{
			Left: int(may.number("allowance")), Until: may.moment("allowed_until"),
			Organization: may.text("allowed_organization"), Session: may.text("allowed_session"),
		},
		Changes: elements(may, "changes", func(m *types.AttributeValueMemberM) stepup.Change {
			return decodeChange(m.Value, err)
		}),
	}
	var ok bool
	if d.Organization, d.Administrator, ok = i.key().docketOf(); !ok {
		must.fail("pk", "is not a docket's")
	}
	return d, *err
}

func decodeChange(i item, err *error) stepup.Change {
	must := fields{of: "CHANGE", item: i, err: err}
	may := must
	may.lax = true
	return stepup.Change{
		ID: must.text("id"), Thing: stepup.Thing(must.text("thing")), Organization: may.text("organization"), Payload: must.bytes("payload"),
		Base: must.number("base"), Told: may.dictionary("told"), KeyID: uint32(must.number("key_id")), Address: must.bytes("address"),
		ExpiresAt: must.moment("expires_at"), Tries: int(must.number("tries")), Applied: must.number("applied"), Seen: may.text("seen"),
		Session: may.text("session"), Prover: may.text("prover"), Step: may.number("step"),
	}
}

// Docket gets what an administrator has waiting, strongly consistent; nil where there is none. It is stepup.Store's, as
// is WriteDocket.
func (s *Store) Docket(ctx context.Context, organization, administrator string) (*stepup.Docket, error) {
	return one(ctx, s, docketKey(organization, administrator), decodeDocket)
}

// WriteDocket writes a docket alone in one conditional UpdateItem.
func (s *Store) WriteDocket(ctx context.Context, d stepup.Docket) error {
	parts, err := s.docket(d)
	if err != nil {
		return err
	}
	return s.commit(ctx, parts)
}

// docket is the part of a docket, with the one of the factors in which its proof is used up.
func (s *Store) docket(d stepup.Docket) ([]part, error) {
	parts := []part{s.attempted(encodeDocket(d), d.Rev, docketAttributes, d.Attempt)}
	if d.Proof == nil {
		return parts, nil
	}
	proof, err := s.factors(d.Proof.Factors)
	return append(parts, proof), err
}
