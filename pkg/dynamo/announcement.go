package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
)

// announcementAttributes are all that this version knows: one that a write does not set is removed by it.
var announcementAttributes = []string{
	"rev", "id", "policy_version", "created_at", "created_by", "state", "due", "round", "round_at", "judged", "after", "total", "seen",
	"sent", "failed", "unknown", "batch_last", "batch_seen", "batch_size", "batch_claimed_at", "left", "audience", "message", "reminders", "retry",
	"attempt",
}

func encodeAnnouncement(a org.Announcement) item {
	i := announcementKey(a.Organization, a.ID).item()
	i.number("rev", a.Rev)
	i.text("id", a.ID)
	i.number("policy_version", a.PolicyVersion)
	i.moment("created_at", a.CreatedAt)
	i.text("created_by", a.CreatedBy)
	i.text("state", string(a.State))
	i.moment("due", a.Due)
	i.number("round", int64(a.Round))
	i.moment("round_at", a.RoundAt)
	i.moment("judged", a.Judged)
	i.text("after", a.After)
	i.number("total", a.Progress.Total)
	i.number("seen", a.Progress.Seen)
	i.number("sent", a.Progress.Sent)
	i.number("failed", a.Progress.Failed)
	i.number("unknown", a.Progress.Unknown)
	if b := a.Batch; b != nil {
		i.text("batch_last", b.Last)
		i.number("batch_seen", int64(b.Seen))
		i.number("batch_size", int64(b.Size))
		i.moment("batch_claimed_at", b.ClaimedAt)
	}
	i.texts("left", a.Left)
	if h := a.ByHand; h != nil {
		i.text("audience", string(h.To))
		i.text("message", h.Message)
		i.flag("reminders", h.Reminders)
		i.bytes("retry", h.Retry)
	}
	i.bytes("attempt", a.Attempt)
	return i
}

func decodeAnnouncement(i item) (org.Announcement, error) {
	must, may, err := read("ANNOUNCEMENT", i)
	a := org.Announcement{
		ID: must.text("id"), Organization: organizationOf(must), Rev: must.number("rev"), PolicyVersion: must.number("policy_version"),
		CreatedAt: must.moment("created_at"), CreatedBy: may.text("created_by"),
		State: choice(must, "state", org.Announcing, org.AnnouncementPaused, org.AnnouncementEnded, org.AnnouncementStopped, org.AnnouncementPassed),
		Due:   must.moment("due"), Round: int(must.number("round")), RoundAt: may.moment("round_at"), Judged: may.moment("judged"),
		After: may.text("after"), Left: may.texts("left"), Attempt: may.bytes("attempt"),
		Progress: org.Progress{
			Total: must.number("total"), Seen: must.number("seen"), Sent: must.number("sent"), Failed: must.number("failed"),
			Unknown: must.number("unknown"),
		},
	}
	if _, claimed := i["batch_claimed_at"]; claimed {
		a.Batch = &org.Batch{
			Last: may.text("batch_last"), Seen: int(must.number("batch_seen")), Size: int(must.number("batch_size")),
			ClaimedAt: must.moment("batch_claimed_at"),
		}
	}
	if _, byHand := i["audience"]; byHand {
		a.ByHand = &org.ByHand{
			To: choice(must, "audience", org.ToUnenrolled, org.ToAll), Message: may.text("message"),
			Reminders: must.flag("reminders"), Retry: may.bytes("retry"),
		}
	}
	return a, *err
}

// DueAnnouncements are up to limit that are due, of all organisations, the longest due first, strongly consistent. It is
// mail.AnnouncementStore's.
func (s *Store) DueAnnouncements(ctx context.Context, now time.Time, limit int) ([]mail.Due, error) {
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk AND sk <= :now"),
		// Behind all that were due in the same microsecond: '#' comes before '~'.
		ExpressionAttributeValues: item{":pk": text(announcing), ":now": text(momentText(now) + "~")},
	}, limit)
	if err != nil {
		return nil, err
	}
	return all(rows, func(i item) (mail.Due, error) {
		must, _, failed := read("ANNOUNCING", i)
		due := mail.Due{Organization: must.text("organization"), ID: must.text("announcement")}
		return due, *failed
	})
}

// Announcement gets one with its organisation, in one strongly consistent batch; nil where there is no such item. It is
// mail.AnnouncementStore's and policy.Store's.
func (s *Store) Announcement(ctx context.Context, organization, id string) (*org.Announcement, *org.Organization, error) {
	keys := []key{announcementKey(organization, id), organizationKey(organization)}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	a, err := decoded(found[keys[0]], decodeAnnouncement)
	if err != nil {
		return nil, nil, err
	}
	o, err := decoded(found[keys[1]], decodeOrganization)
	return a, o, err
}

// Announcements are the latest of an organisation, at most limit, strongly consistent. It is policy.Store's.
func (s *Store) Announcements(ctx context.Context, organization string, limit int) ([]org.Announcement, error) {
	latestFirst := s.under(announcementKey(organization, ""))
	latestFirst.ScanIndexForward = aws.Bool(false)
	rows, err := s.rows(ctx, latestFirst, limit)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeAnnouncement)
}

// Advance writes the next revision of an announcement: one conditional UpdateItem, or one transaction where it is due at another
// time or no more. It is mail.AnnouncementStore's.
func (s *Store) Advance(ctx context.Context, before, next org.Announcement) error {
	return s.commit(ctx, s.announcementParts(&before, next))
}

// WriteAnnouncement does so in one transaction with an event. It is policy.Store's.
func (s *Store) WriteAnnouncement(ctx context.Context, before, next org.Announcement, e audit.Event) error {
	return s.commit(ctx, append(s.announcementParts(&before, next), s.events([]audit.Event{e})...))
}

// announcementParts writes an announcement, and keeps it among those that are due exactly while it is live. before is nil for a new one.
func (s *Store) announcementParts(before *org.Announcement, next org.Announcement) []part {
	parts := []part{s.attempted(encodeAnnouncement(next), next.Rev, announcementAttributes, next.Attempt)}
	was, is := key{}, key{}
	if before != nil && before.Live() {
		was = announcingKey(before.Organization, before.ID, before.Due)
	}
	if next.Live() {
		is = announcingKey(next.Organization, next.ID, next.Due)
	}
	if was == is {
		return parts
	}
	if was != (key{}) {
		parts = append(parts, part{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.table), Key: was.item()}}})
	}
	if is != (key{}) {
		i := is.item()
		i.text("organization", next.Organization)
		i.text("announcement", next.ID)
		parts = append(parts, part{write: types.TransactWriteItem{Put: &types.Put{TableName: aws.String(s.table), Item: i}}})
	}
	return parts
}
