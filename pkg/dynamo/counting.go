package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// waitingPrefix begins the attributes of a day that count by class who registered on it and has no second factor.
const waitingPrefix = "w:"

// recounting is the attribute of counts that are being counted anew: until when, and by whom.
const recounting = "recounting"

// Count moves a user from one class to another in one transaction. If the user already stands as after says, by
// whomever's hand, nothing is left to do. It is report.CountStore's.
func (s *Store) Count(ctx context.Context, before, after user.Counted, now time.Time) error {
	i, err := encodeCounted(after)
	if err != nil {
		return err
	}
	put := s.created(i, true) // whoever moved the user there, it is done
	if before.Rev != 0 {
		put.write.Put.ConditionExpression = aws.String("rev = :before")
		put.write.Put.ExpressionAttributeValues = item{":before": number(before.Rev)}
	}
	counts, err := s.moves(before, after, now)
	if err != nil {
		return err
	}
	if err := s.commit(ctx, append([]part{put}, counts...)); err != nil {
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

// moves are the additions that a move makes: to the organisation's counts, and where numbers of users change, to its day and the system's; and to
// the day of the registration, while there is no second factor.
func (s *Store) moves(before, after user.Counted, now time.Time) ([]part, error) {
	adding := map[key]map[string]int64{countsKey(after.Organization): {}}
	add := func(to key, name string, n int64) {
		if adding[to] == nil {
			adding[to] = map[string]int64{}
		}
		adding[to][name] += n
	}
	for _, m := range []struct {
		of user.Counted
		n  int64
	}{{after, 1}, {before, -1}} {
		if !m.of.In() {
			continue
		}
		class, err := className(m.of.Class)
		if err != nil {
			return nil, err
		}
		add(countsKey(after.Organization), class, m.n)
		if m.of.Waits() {
			add(dayKey(after.Organization, m.of.Registered), waitingPrefix+strings.TrimPrefix(class, classPrefix), m.n)
		}
	}
	today := user.On(now)
	change := after.Trend().Less(before.Trend())
	for _, k := range []key{dayKey(after.Organization, today), systemDayKey(shardOf(after.Organization), today)} {
		add(k, "users", change.Users)
		add(k, "enrolled", change.Enrolled)
	}
	var parts []part
	for _, k := range slices.SortedFunc(maps.Keys(adding), key.compare) {
		if p, any := s.adds(k, adding[k], k == countsKey(after.Organization), now); any {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// adds is the part that adds to the numbers of an item. Counts become as young as now by it, and are refused while they are counted anew.
func (s *Store) adds(k key, numbers map[string]int64, counts bool, now time.Time) (part, bool) {
	var adds []string
	update := &types.Update{
		TableName: aws.String(s.table), Key: k.item(),
		ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: item{},
	}
	for at, name := range slices.Sorted(maps.Keys(numbers)) {
		if n := numbers[name]; n != 0 {
			adds = append(adds, fmt.Sprintf("#n%d :n%d", at, at))
			update.ExpressionAttributeNames[fmt.Sprintf("#n%d", at)] = name
			update.ExpressionAttributeValues[fmt.Sprintf(":n%d", at)] = number(n)
		}
	}
	expression := ""
	if counts {
		expression = "SET as_of = :now "
		update.ConditionExpression = aws.String("attribute_not_exists(" + recounting + ") OR " + recounting + " < :now")
		update.ExpressionAttributeValues[":now"] = moment(now)
	}
	if len(adds) > 0 {
		expression += "ADD " + strings.Join(adds, ", ")
	}
	if len(update.ExpressionAttributeNames) == 0 {
		update.ExpressionAttributeNames = nil
	}
	update.UpdateExpression = &expression
	return part{write: types.TransactWriteItem{Update: update}}, expression != ""
}

// Days are what is counted of an organisation's days, or for report.Everyone of everybody's, from one on, a moment old. A day on which
// nothing was counted has none. It is report.Store's.
func (s *Store) Days(ctx context.Context, organization string, from user.Day) ([]user.DayCounts, error) {
	if organization == report.Everyone {
		return s.systemDays(ctx, from)
	}
	return s.daysOf(ctx, dayKey(organization, from))
}

func (s *Store) daysOf(ctx context.Context, from key) ([]user.DayCounts, error) {
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), KeyConditionExpression: aws.String("pk = :pk AND sk >= :from"),
		ExpressionAttributeValues: item{":pk": text(from.pk), ":from": text(from.sk)},
	}, everyRow)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeDay)
}

func decodeDay(i item) (user.DayCounts, error) {
	must, may, failed := read("DAYS", i)
	day := user.DayCounts{
		Day: user.Day(i.key().sk), Change: user.Trend{Users: may.number("users"), Enrolled: may.number("enrolled")},
		Waiting: classesOf(must, waitingPrefix),
	}
	return day, *failed
}
