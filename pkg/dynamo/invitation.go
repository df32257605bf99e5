package dynamo

import (
	"context"

	"twofold/pkg/org"
)

func encodeInvitation(v org.Invitation) item {
	i := item{}
	i.text("id", v.ID)
	i.number("key_id", int64(v.KeyID))
	i.bytes("address", v.Address)
	i.moment("expires_at", v.ExpiresAt)
	i.moment("accepted_at", v.AcceptedAt)
	i.throttle(v.Throttle)
	i.bytes("attempt", v.Attempt)
	return i
}

func decodeInvitation(i item, err *error) org.Invitation {
	must := fields{of: "ADMIN", item: i, err: err}
	may := must
	may.lax = true
	return org.Invitation{
		ID: must.text("id"), KeyID: uint32(must.number("key_id")), Address: must.bytes("address"), ExpiresAt: must.moment("expires_at"),
		AcceptedAt: may.moment("accepted_at"), Attempt: may.bytes("attempt"),
		Throttle: throttled(must, may),
	}
}

var rosterAttributes = []string{"rev", "writers"}

func encodeRoster(r org.Roster) item {
	i := rosterKey(r.Organization).item()
	i.number("rev", r.Rev)
	i.texts("writers", r.Writers)
	return i
}

func decodeRoster(i item) (org.Roster, error) {
	must, _, err := read("ROSTER", i)
	r := org.Roster{Organization: organizationOf(must), Rev: must.number("rev"), Writers: must.texts("writers")}
	return r, *err
}

// Roster gets who decides in an organisation, strongly consistent; nil where nobody ever did. It is people.Store's.
func (s *Store) Roster(ctx context.Context, organization string) (*org.Roster, error) {
	return one(ctx, s, rosterKey(organization), decodeRoster)
}
