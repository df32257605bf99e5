package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/user"
)

// classPrefix begins the attributes that count a class: n:<methods>:<enforcement>:<suspended>, and where the class has
// any of them :<exempt until>:<grace until>:<codes spent>:<services>.
const classPrefix = "n:"

// The parts of a class's name: those that every one has, and all there are.
const (
	classParts     = 3
	fullClassParts = 7
)

var errClass = errors.New("dynamo: a class of users cannot be written")

func className(c user.Class) (string, error) {
	all := []string{
		c.Methods, string(c.Enforcement), strconv.FormatBool(c.Suspended),
		string(c.ExemptUntil), string(c.GraceUntil), strconv.FormatBool(c.CodesSpent), c.Services,
	}
	if slices.ContainsFunc(all, func(part string) bool { return strings.Contains(part, ":") }) {
		return "", errClass
	}
	if c == (user.Class{Methods: c.Methods, Enforcement: c.Enforcement, Suspended: c.Suspended}) {
		all = all[:classParts]
	}
	return classPrefix + strings.Join(all, ":"), nil
}

func classOf(name string) (user.Class, bool) {
	all := strings.Split(strings.TrimPrefix(name, classPrefix), ":")
	if len(all) != classParts && len(all) != fullClassParts {
		return user.Class{}, false
	}
	suspended, err := strconv.ParseBool(all[2])
	class := user.Class{Methods: all[0], Enforcement: user.EnforcementKind(all[1]), Suspended: suspended}
	if err != nil || len(all) == classParts {
		return class, err == nil
	}
	class.ExemptUntil, class.GraceUntil, class.Services = user.Day(all[3]), user.Day(all[4]), all[6]
	for _, day := range []user.Day{class.ExemptUntil, class.GraceUntil} {
		if _, ok := day.End(); !ok && day != "" {
			return class, false
		}
	}
	class.CodesSpent, err = strconv.ParseBool(all[5])
	return class, err == nil
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
	must, may, failed := read("COUNTED", i)
	counted.Rev, counted.Gone = must.number("rev"), may.flag("gone")
	if counted.Gone {
		return counted, *failed
	}
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
	if after.Gone {
		i.flag("gone", true)
	} else {
		i.text("class", name)
	}
	put := s.created(i, true) // whoever moved the user there, it is done
	if before.Rev != 0 {
		put.write.Put.ConditionExpression = aws.String("rev = :before")
		put.write.Put.ExpressionAttributeValues = item{":before": number(before.Rev)}
	}
	counts, err := s.move(before, after, now)
	if err != nil {
		return err
	}
	if err := s.commit(ctx, []part{put, {write: types.TransactWriteItem{Update: counts}}}); err != nil {
		return err
	}
	if before.In() && before.Class.Dated() && (after.Gone || before.Class != after.Class) {
		return s.tidy(ctx, after.Organization, before.Class)
	}
	return nil
}

// tidy takes the count of a class away that has come to nothing. Only classes of a date need it: of the others there are
// few, and users come back to them. Nothing is counted by it, so one that is left over is a few bytes and no mistake.
func (s *Store) tidy(ctx context.Context, organization string, c user.Class) error {
	name, err := className(c)
	if err != nil {
		return err
	}
	_, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: countsKey(organization).item(),
		UpdateExpression: aws.String("REMOVE #class"), ConditionExpression: aws.String("#class = :none"),
		ExpressionAttributeNames: map[string]string{"#class": name}, ExpressionAttributeValues: item{":none": number(0)},
	})
	var counted *types.ConditionalCheckFailedException
	if err == nil || errors.As(err, &counted) {
		return nil
	}
	return fmt.Errorf("dynamo: tidy the counts: %w", err)
}

// move adds and subtracts. A user who stays in a class, or in none, only makes the counts younger.
func (s *Store) move(before, after user.Counted, now time.Time) (*types.Update, error) {
	update := &types.Update{
		TableName: aws.String(s.table), Key: countsKey(after.Organization).item(),
		UpdateExpression: aws.String("SET as_of = :now"), ExpressionAttributeValues: item{":now": moment(now)},
	}
	if before.In() && after.In() && before.Class == after.Class {
		return update, nil
	}
	var moves []string
	for _, m := range []struct {
		of       user.Counted
		name, by string
		n        int64
	}{{after, "#to", ":one", 1}, {before, "#from", ":less", -1}} {
		if !m.of.In() {
			continue
		}
		class, err := className(m.of.Class)
		if err != nil {
			return nil, err
		}
		if update.ExpressionAttributeNames == nil {
			update.ExpressionAttributeNames = map[string]string{}
		}
		update.ExpressionAttributeNames[m.name] = class
		update.ExpressionAttributeValues[m.by] = number(m.n)
		moves = append(moves, m.name+" "+m.by)
	}
	if len(moves) > 0 {
		update.UpdateExpression = aws.String("SET as_of = :now ADD " + strings.Join(moves, ", "))
	}
	return update, nil
}
