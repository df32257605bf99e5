package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/admission"
	"twofold/pkg/mail"
)

var arrivalAttributes = []string{
	"rev", "organization", "administrator", "consecutive_failures", "failures", "locked_until", "sends", "codes", "deliver", "attempt", "ends_at", "ttl",
}

func encodeArrival(a admission.Arrival) item {
	i := arrivalKey(a.ID).item()
	i.number("rev", a.Rev)
	i.text("organization", a.Organization)
	i.text("administrator", a.Administrator)
	i.throttle(a.Throttle)
	i.moments("sends", a.Sends)
	var codes []types.AttributeValue
	for _, c := range a.Codes {
		codes = append(codes, &types.AttributeValueMemberM{Value: encodeArrivalCode(c)})
	}
	i.list("codes", codes)
	i.text("deliver", a.Deliver)
	i.bytes("attempt", a.Attempt)
	i.moment("ends_at", a.EndsAt)
	i.number("ttl", a.EndsAt.Unix())
	return i
}

func encodeArrivalCode(c admission.Code) item {
	i := item{}
	i.text("id", c.ID)
	i.number("key_id", int64(c.KeyID))
	i.bytes("address", c.Address)
	i.moment("expires_at", c.ExpiresAt)
	i.number("tries", int64(c.Tries))
	i.text("seen", c.Seen)
	return i
}

func decodeArrival(i item) (admission.Arrival, error) {
	must, may, err := read("ARRIVAL", i)
	a := admission.Arrival{
		Rev: must.number("rev"), Organization: may.text("organization"), Administrator: may.text("administrator"), Sends: may.moments("sends"),
		Deliver: may.text("deliver"), Attempt: may.bytes("attempt"), EndsAt: must.moment("ends_at"),
		Throttle: throttled(must, may),
		Codes:    elements(may, "codes", func(m *types.AttributeValueMemberM) admission.Code { return decodeArrivalCode(m.Value, err) }),
	}
	var ok bool
	if a.ID, ok = strings.CutPrefix(i.key().pk, arrivalPrefix); !ok {
		must.fail("pk", "is not an arrival's")
	}
	return a, *err
}

func decodeArrivalCode(i item, err *error) admission.Code {
	must := fields{of: "ARRIVAL", item: i, err: err}
	may := must
	may.lax = true
	return admission.Code{
		ID: must.text("id"), KeyID: uint32(must.number("key_id")), Address: must.bytes("address"), ExpiresAt: must.moment("expires_at"),
		Tries: int(must.number("tries")), Seen: may.text("seen"),
	}
}

// Arrival gets one, strongly consistent; nil where there is none. It is admission.Store's, as are WriteArrival and WriteAdmission.
func (s *Store) Arrival(ctx context.Context, id string) (*admission.Arrival, error) {
	return one(ctx, s, arrivalKey(id), decodeArrival)
}

// WriteArrival writes an arrival in one conditional UpdateItem.
func (s *Store) WriteArrival(ctx context.Context, a admission.Arrival) error {
	return s.commit(ctx, []part{s.attempted(encodeArrival(a), a.Rev, arrivalAttributes, a.Attempt)})
}

// WriteAdmission writes a change of those who come in, in one transaction.
func (s *Store) WriteAdmission(ctx context.Context, c admission.Change) error {
	var parts []part
	if o := c.Organization; o != nil {
		parts = append(parts, s.created(encodeOrganization(*o), false), s.created(encodeHistory(o.ID, o.Policy), false), s.lists(*o))
	}
	if a := c.Application; a != nil {
		parts = append(parts, s.updated(encodeApplication(*a), a.Rev, applicationAttributes))
	}
	if a := c.Administrator; a != nil {
		parts = append(parts, s.updated(encodeAdministrator(*a), a.Rev, administratorAttributes))
	}
	for _, k := range c.Keys {
		parts = append(parts, s.created(encodeAccessKey(k), true))
	}
	for _, k := range c.Altered {
		parts = append(parts, s.altered(k))
	}
	return s.commit(ctx, append(parts, s.events(c.Events)...))
}

// Arriving gets the code of an arrival whose mail was ordered, with the administrator's address as it stands now, in two strongly consistent reads: nothing but
// the arrival says whose it is. The order's reference is "<arrival>.<code>". It is mail.Store's.
func (s *Store) Arriving(ctx context.Context, reference string, now time.Time) (*mail.Proposal, error) {
	id, code, _ := strings.Cut(reference, ".")
	a, err := s.Arrival(ctx, id)
	if err != nil || a == nil || a.Administrator == "" {
		return nil, err
	}
	sent, live := a.Find(code, now)
	if !live {
		return nil, nil
	}
	who, err := s.Administrator(ctx, a.Organization, a.Administrator)
	if err != nil || who == nil {
		return nil, err
	}
	return &mail.Proposal{
		ID: sent.ID, Organization: a.Organization, Email: who.Address(now), Mailed: a.Mailed(sent), KeyID: sent.KeyID, Live: who.Active(), Seen: sent.Seen,
	}, nil
}
