package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/audit"
	"twofold/pkg/report"
)

// noticeDelivery is the value of `deliver` on an event that people are to be told of.
const noticeDelivery = "notice"

func encodeEvent(e audit.Event) item {
	i := eventKey(e).item()
	i.text("id", e.ID)
	i.moment("at", e.At)
	i.text("kind", string(e.Kind))
	i.text("user", e.User)
	if e.User != "" {
		i.text("a_user", e.Organization+"#"+e.User)
	}
	i.text("role", e.Role)
	i.text("actor", e.Actor)
	i.text("key", e.Key)
	i.text("subject", e.Subject)
	i.text("session", e.Session)
	i.text("reason", e.Reason)
	i.text("seen", e.Seen)
	i.text("claimed", e.Claimed)
	i.text("request_id", e.RequestID)
	i.dictionary("details", e.Details)
	if e.Notify {
		i.text("deliver", noticeDelivery)
	}
	return i
}

func decodeEvent(i item) (audit.Event, error) {
	must, may, err := read("AUDIT", i)
	e := audit.Event{
		ID: must.text("id"), At: must.moment("at"), Kind: audit.Kind(must.text("kind")), User: may.text("user"),
		Role: may.text("role"), Actor: may.text("actor"), Key: may.text("key"), Reason: may.text("reason"),
		Subject: may.text("subject"), Session: may.text("session"),
		Seen: may.text("seen"), Claimed: may.text("claimed"), RequestID: may.text("request_id"),
		Details: may.dictionary("details"), Notify: may.text("deliver") == noticeDelivery,
	}
	var ok bool
	if e.Organization, ok = i.key().auditOf(); !ok {
		must.fail("pk", "is not an audit log's")
	}
	return e, *err
}

// Events gives a page of an organisation's audit in order of time, strongly consistent. It is report.Store's.
func (s *Store) Events(ctx context.Context, organization string, q report.EventQuery) ([]audit.Event, string, error) {
	pk := text(auditPrefix + organization)
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": pk},
	}
	if len(q.After) > maxKeyBytes {
		return nil, "", report.ErrCursor
	}
	if q.After != "" {
		in.ExclusiveStartKey = item{"pk": pk, "sk": text(q.After)}
	}
	rows, err := s.rows(ctx, in, q.Limit+1)
	if err != nil {
		return nil, "", err
	}
	after := ""
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		after = rows[q.Limit-1].key().sk
	}
	events, err := all(rows, decodeEvent)
	if err != nil {
		return nil, "", err
	}
	return events, after, nil
}

// Activity are the latest events about a user, the latest first, from an index that is a moment behind. It is enroll.Store's.
func (s *Store) Activity(ctx context.Context, organization, id string, limit int) ([]audit.Event, error) {
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), IndexName: aws.String("activity"), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("a_user = :user"), ExpressionAttributeValues: item{":user": text(organization + "#" + id)},
	}, limit)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeEvent)
}
