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
	if e.Actor != "" {
		i.text("a_actor", e.Organization+"#"+e.Actor)
	}
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

// sifted is how many events are read at once, where they are looked at one by one.
const sifted = 250

// Events gives a page of an organisation's audit in order of time, strongly consistent, or from an index where it is about one user or by one
// actor. It is report.Store's.
func (s *Store) Events(ctx context.Context, organization string, q report.EventQuery) ([]audit.Event, string, error) {
	if len(q.After) > maxKeyBytes {
		return nil, "", report.ErrCursor
	}
	in, start, ok := s.eventsQuery(organization, q)
	if !ok {
		return nil, "", nil
	}
	if q.After != "" {
		in.ExclusiveStartKey = start(q.After)
	}
	atOnce := q.Limit + 1
	if q.Sifts() {
		atOnce = sifted
	}
	var looked []audit.Event
	for {
		rows, err := s.rows(ctx, in, atOnce)
		if err != nil {
			return nil, "", err
		}
		some, err := all(rows, decodeEvent)
		if err != nil {
			return nil, "", err
		}
		looked = append(looked, some...)
		fitting, needed := q.Sift(looked)
		switch {
		case needed < len(looked):
			return fitting, sortOf(looked[needed-1]), nil
		case len(rows) < atOnce:
			return fitting, "", nil
		case len(looked) >= report.MaxLooked:
			return fitting, sortOf(looked[len(looked)-1]), nil
		}
		in.ExclusiveStartKey = start(sortOf(looked[len(looked)-1]))
	}
}

func sortOf(e audit.Event) string { return eventKey(e).sk }

// eventsQuery asks for what a key gives of a query, and says how a place is a key to start behind; false where a period is empty.
func (s *Store) eventsQuery(organization string, q report.EventQuery) (in *dynamodb.QueryInput, start func(string) item, ok bool) {
	pk := text(auditPrefix + organization)
	in = &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": pk},
	}
	start = func(sk string) item { return item{"pk": pk, "sk": text(sk)} }
	index := func(name, attribute, id string) {
		value := text(organization + "#" + id)
		in.IndexName, in.ConsistentRead = aws.String(name), aws.Bool(false)
		in.KeyConditionExpression, in.ExpressionAttributeValues = aws.String(attribute+" = :pk"), item{":pk": value}
		start = func(sk string) item { return item{"pk": pk, "sk": text(sk), attribute: value} }
	}
	switch {
	case q.User != "":
		index("activity", "a_user", q.User)
	case q.Actor != "":
		index("byActor", "a_actor", q.Actor)
	}
	from, to := q.Bounds()
	condition := ""
	switch {
	case from != "" && to != "":
		condition = " AND sk BETWEEN :from AND :to"
	case from != "":
		condition = " AND sk >= :from"
	case to != "":
		condition = " AND sk < :to"
	}
	in.KeyConditionExpression = aws.String(*in.KeyConditionExpression + condition)
	values := item(in.ExpressionAttributeValues)
	values.text(":from", from)
	values.text(":to", to)
	return in, start, from == "" || to == "" || from < to
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
