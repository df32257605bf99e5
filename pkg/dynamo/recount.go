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

// BeginRecount is one conditional UpdateItem. It is report.RecountStore's, as is what follows.
func (s *Store) BeginRecount(ctx context.Context, organization, by string, now, until time.Time) (bool, error) {
	return s.hold(ctx, organization, by, now, until, "attribute_not_exists("+recounting+") OR "+recounting+" < :now OR recounted_by = :by AND "+recounting+" = :until")
}

// KeepRecount is one conditional UpdateItem.
func (s *Store) KeepRecount(ctx context.Context, organization, by string, now, until time.Time) (bool, error) {
	return s.hold(ctx, organization, by, now, until, "recounted_by = :by AND "+recounting+" >= :now")
}

// hold says until when the counts are held, and by whom. Counting looks at the time alone.
func (s *Store) hold(ctx context.Context, organization, by string, now, until time.Time, condition string) (bool, error) {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: countsKey(organization).item(),
		UpdateExpression: aws.String("SET " + recounting + " = :until, recounted_by = :by"), ConditionExpression: &condition,
		ExpressionAttributeValues: item{":until": moment(until), ":now": moment(now), ":by": text(by)},
	})
	var held *types.ConditionalCheckFailedException
	if errors.As(err, &held) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("dynamo: hold the counts: %w", err)
	}
	return true, nil
}

// Standing is a query of an index, and a read of two items for each user.
func (s *Store) Standing(ctx context.Context, organization, after string, limit int) ([]report.Standing, string, error) {
	q := report.UserQuery{Sort: report.ByUser, Limit: limit, After: after}
	places, err := s.merge(ctx, s.lanesOf(organization, q), false, limit)
	if err != nil {
		return nil, "", err
	}
	var keys []key
	for _, p := range places {
		_, id, _ := p.key.userOf()
		keys = append(keys, p.key, countedKey(organization, id))
	}
	items, err := s.batches(ctx, nil, keys)
	if err != nil {
		return nil, "", err
	}
	var found []report.Standing
	for at := 0; at < len(keys); at += 2 {
		standing, err := standingOf(items[keys[at]], items[keys[at+1]])
		if err != nil {
			return nil, "", err
		}
		found = append(found, standing)
	}
	if len(places) < limit {
		return found, "", nil
	}
	return found, places[limit-1].value, nil
}

func standingOf(profile, counted item) (report.Standing, error) {
	var s report.Standing
	if profile != nil {
		p, err := decodeProfile(profile)
		if err != nil {
			return s, err
		}
		s.Is = p.Counted()
	}
	if counted != nil {
		var err error
		if s.Was, err = decodeCounted(counted); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Recounted writes a user at a time. What is of a later revision was counted by somebody else meanwhile, and stays.
func (s *Store) Recounted(ctx context.Context, users []user.Counted) error {
	for _, u := range users {
		i, err := encodeCounted(u)
		if err != nil {
			return err
		}
		_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.table), Item: i, ConditionExpression: aws.String("attribute_not_exists(pk) OR rev <= :rev"),
			ExpressionAttributeValues: item{":rev": number(u.Rev)},
		})
		var later *types.ConditionalCheckFailedException
		if err != nil && !errors.As(err, &later) {
			return fmt.Errorf("dynamo: count a user anew: %w", err)
		}
	}
	return nil
}

// EndRecount writes the days first, so that who waits is told by them before the counts are let go.
func (s *Store) EndRecount(ctx context.Context, by string, now time.Time, tally user.Tally, days []user.DayCounts) error {
	stored, err := s.daysOf(ctx, dayKey(tally.Organization, "0"))
	if err != nil {
		return err
	}
	waiting := map[user.Day]map[user.Class]int64{}
	for _, d := range stored {
		waiting[d.Day] = nil
	}
	for _, d := range days {
		waiting[d.Day] = d.Waiting
	}
	for _, day := range slices.Sorted(maps.Keys(waiting)) {
		if err := s.rewait(ctx, dayKey(tally.Organization, day), waiting[day]); err != nil {
			return err
		}
	}
	return s.replaceCounts(ctx, by, now, tally)
}

// rewait replaces who waits since a day, and leaves the rest of the day alone.
func (s *Store) rewait(ctx context.Context, day key, waiting map[user.Class]int64) error {
	stored, err := s.get(ctx, day, true)
	if err != nil {
		return err
	}
	var set, remove []string
	names, values := map[string]string{}, item{}
	for at, class := range slices.Collect(maps.Keys(waiting)) {
		name, err := className(class)
		if err != nil {
			return err
		}
		n := fmt.Sprint("n", at)
		names["#"+n], values[":"+n] = waitingPrefix+strings.TrimPrefix(name, classPrefix), number(waiting[class])
		set = append(set, "#"+n+" = :"+n)
	}
	written := slices.Collect(maps.Values(names))
	for at, name := range slices.Sorted(maps.Keys(stored)) {
		if strings.HasPrefix(name, waitingPrefix) && !slices.Contains(written, name) {
			r := fmt.Sprint("#r", at)
			names[r] = name
			remove = append(remove, r)
		}
	}
	expression := ""
	if len(set) > 0 {
		expression = "SET " + strings.Join(set, ", ") + " "
	} else {
		values = nil
	}
	if len(remove) > 0 {
		expression += "REMOVE " + strings.Join(remove, ", ")
	}
	if expression == "" {
		return nil
	}
	_, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: day.item(), UpdateExpression: &expression,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	if err != nil {
		return fmt.Errorf("dynamo: count a day anew: %w", err)
	}
	return nil
}

// replaceCounts is one conditional PutItem. That an earlier try of it was acknowledged to nobody is told by who counted last.
func (s *Store) replaceCounts(ctx context.Context, by string, now time.Time, tally user.Tally) error {
	i := countsKey(tally.Organization).item()
	i.moment("as_of", tally.AsOf)
	i.text("recounted_by", by)
	for class, n := range tally.ByClass {
		name, err := className(class)
		if err != nil {
			return err
		}
		i.number(name, n)
	}
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.table), Item: i,
		ConditionExpression:                 aws.String("recounted_by = :by AND " + recounting + " >= :now"),
		ExpressionAttributeValues:           item{":by": text(by), ":now": moment(now)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil, errors.As(err, &failed) && i.same(failed.Item):
		return nil
	case failed != nil:
		return user.ErrConflict
	}
	return fmt.Errorf("dynamo: replace the counts: %w", err)
}
