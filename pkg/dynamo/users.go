package dynamo

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// index is one order of an organisation's users.
type index struct{ name, sort string }

var indexes = map[report.Sort]index{
	report.ByUser:     {"byUser", "r_user"},
	report.ByEmail:    {"byEmail", "r_email"},
	report.ByEnrolled: {"byEnrolled", "r_enrolled"},
}

var errSort = errors.New("dynamo: there is no index of this order")

// Users gives a page of an organisation's users from the index of the order, which is a moment behind. It
// is report.Store's.
func (s *Store) Users(ctx context.Context, organization string, q report.UserQuery) ([]user.Profile, *report.Position, error) {
	by, known := indexes[q.Sort]
	if !known {
		return nil, nil, errSort
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), IndexName: aws.String(by.name), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression: aws.String("r_org = :org"), ExpressionAttributeValues: item{":org": text(organization)},
	}
	if q.After != nil {
		if !by.holds(*q.After) {
			return nil, nil, report.ErrCursor
		}
		in.ExclusiveStartKey = by.start(organization, *q.After)
	}
	rows, err := s.rows(ctx, in, q.Limit+1)
	if err != nil {
		return nil, nil, err
	}
	more := len(rows) > q.Limit
	if more {
		rows = rows[:q.Limit]
	}
	profiles, err := all(rows, decodeFacts)
	if err != nil || !more {
		return profiles, nil, err
	}
	last := rows[q.Limit-1]
	must, _, failed := read("PROFILE", last)
	after := &report.Position{Value: must.text(by.sort), User: must.text("user")}
	return profiles, after, *failed
}

// Facts gives a page of an organisation's users in the order of their ids, from an index that is a moment behind. It is
// policy.Store's and mail.AnnouncementStore's.
func (s *Store) Facts(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	q := report.UserQuery{Sort: report.ByUser, Limit: limit}
	if after != "" {
		q.After = &report.Position{Value: after, User: after}
	}
	found, next, err := s.Users(ctx, organization, q)
	if err != nil || next == nil {
		return found, "", err
	}
	return found, next.User, nil
}

// holds reports whether a position can be one of this order: every sort value is or ends with its user. A
// cursor comes from the caller, and one that DynamoDB would reject must not look like an outage.
func (by index) holds(at report.Position) bool {
	if at.User == "" || len(at.Value) > maxKeyBytes || len(at.User) > maxKeyBytes {
		return false
	}
	if by.sort == "r_user" {
		return at.Value == at.User
	}
	return strings.HasSuffix(at.Value, "#"+at.User)
}

// start is the place in the index, built from the organisation that is asked about: whatever a position says, it
// cannot lead into another's users.
func (by index) start(organization string, at report.Position) map[string]types.AttributeValue {
	start := profileKey(organization, at.User).item()
	start["r_org"] = text(organization)
	start[by.sort] = text(at.Value)
	return start
}
