package dynamo

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/user"
)

// classPrefix begins the attributes that count a class: n:<methods>:<enforcement>:<suspended>.
const classPrefix = "n:"

var errClass = errors.New("dynamo: a class of users cannot be written")

func className(c user.Class) (string, error) {
	if strings.Contains(c.Methods, ":") || strings.Contains(string(c.Enforcement), ":") {
		return "", errClass
	}
	return classPrefix + c.Methods + ":" + string(c.Enforcement) + ":" + strconv.FormatBool(c.Suspended), nil
}

func classOf(name string) (user.Class, bool) {
	parts := strings.Split(strings.TrimPrefix(name, classPrefix), ":")
	if len(parts) != 3 {
		return user.Class{}, false
	}
	suspended, err := strconv.ParseBool(parts[2])
	return user.Class{Methods: parts[0], Enforcement: user.EnforcementKind(parts[1]), Suspended: suspended}, err == nil
}

// Counts are the numbers of an organisation's users, a moment old; the zero value where nobody was counted. It is
// policy.Store's.
func (s *Store) Counts(ctx context.Context, organization string) (user.Counts, error) {
	i, err := s.get(ctx, countsKey(organization), false)
	if err != nil || i == nil {
		return user.Counts{}, err
	}
	must, _, failed := read("COUNTS", i)
	counts := user.Counts{AsOf: must.moment("as_of"), ByClass: map[user.Class]int64{}}
	for name := range i {
		if !strings.HasPrefix(name, classPrefix) {
			continue
		}
		class, ok := classOf(name)
		if !ok {
			must.fail(name, "names no class")
		}
		if n := must.number(name); n != 0 {
			counts.ByClass[class] = n
		}
	}
	return counts, *failed
}

// Counted is how a user stands in the counts, strongly consistent. It is report.CountStore's.
func (s *Store) Counted(ctx context.Context, organization, id string) (user.Counted, error) {
	i, err := s.get(ctx, countedKey(organization, id), true)
	counted := user.Counted{Organization: organization, User: id}
	if err != nil || i == nil {
		return counted, err
	}
	must, _, failed := read("COUNTED", i)
	counted.Rev = must.number("rev")
	class, ok := classOf(must.text("class"))
	if !ok {
		must.fail("class", "names no class")
	}
	counted.Class = class
	return counted, *failed
}

// Count moves a user from one class to another in one transaction. If the user already stands as after says, by
// whomever's hand, nothing is left to do. It is report.CountStore's.
func (s *Store) Count(ctx context.Context, before, after user.Counted, now time.Time) error {
	name, err := className(after.Class)
	if err != nil {
		return err
	}
	i := countedKey(after.Organization, after.User).item()
	i.number("rev", after.Rev)
	i.text("class", name)
	put := s.created(i, true) // whoever moved the user there, it is done
	if before.Rev != 0 {
		put.write.Put.ConditionExpression = aws.String("rev = :before")
		put.write.Put.ExpressionAttributeValues = item{":before": number(before.Rev)}
	}
	counts, err := s.move(before, after, now)
	if err != nil {
		return err
	}
	return s.commit(ctx, []part{put, {write: types.TransactWriteItem{Update: counts}}})
}

// move adds and subtracts. A user who stays in a class only makes the counts younger.
func (s *Store) move(before, after user.Counted, now time.Time) (*types.Update, error) {
	update := &types.Update{
		TableName: aws.String(s.table), Key: countsKey(after.Organization).item(),
		UpdateExpression: aws.String("SET as_of = :now"), ExpressionAttributeValues: item{":now": moment(now)},
	}
	if before.Rev != 0 && before.Class == after.Class {
		return update, nil
	}
	to, err := className(after.Class)
	if err != nil {
		return nil, err
	}
	update.UpdateExpression = aws.String("SET as_of = :now ADD #to :one")
	update.ExpressionAttributeNames = map[string]string{"#to": to}
	update.ExpressionAttributeValues[":one"] = number(1)
	if before.Rev == 0 {
		return update, nil
	}
	from, err := className(before.Class)
	if err != nil {
		return nil, err
	}
	update.UpdateExpression = aws.String("SET as_of = :now ADD #to :one, #from :less")
	update.ExpressionAttributeNames["#from"] = from
	update.ExpressionAttributeValues[":less"] = number(-1)
	return update, nil
}
