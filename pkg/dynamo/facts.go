package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// The attributes of a profile that no request writes: the facts of its factors.
const (
	verifiedOn      = "verified_on"
	codesGeneration = "codes_generation"
	codesLeft       = "codes_left"
)

// factsAttributes go with the user, and with nothing else.
var factsAttributes = []string{verifiedOn, codesGeneration, codesLeft, verifiedOrder, systemVerifiedOrder}

// The attributes that the day puts into the indexes by.
const (
	verifiedOrder       = "r_verified"
	systemVerifiedOrder = "s_verified"
)

// profile is the part of a change that replaces a profile. Its place among those who verified is begun by it and otherwise left to AddFacts, which
// may have moved it since the profile was read.
func (s *Store) profile(p user.Profile) part {
	i := encodeProfile(p)
	if p.Deleted() {
		return s.updated(i, p.Rev, slices.Concat(profileAttributes, factsAttributes))
	}
	replaced := s.updated(i, p.Rev, profileAttributes)
	write := replaced.write.Update
	begun := "SET "
	for _, o := range verifiedOrders(user.Profile{Organization: p.Organization, User: p.User}) {
		begun += o.name + " = if_not_exists(" + o.name + ", :" + o.name + "), "
		write.ExpressionAttributeValues[":"+o.name] = text(o.value)
	}
	write.UpdateExpression = aws.String(begun + strings.TrimPrefix(*write.UpdateExpression, "SET "))
	return replaced
}

func verifiedOrders(p user.Profile) []struct{ name, value string } {
	return []struct{ name, value string }{
		{verifiedOrder, report.ByVerified.Value(p)}, {systemVerifiedOrder, report.ByVerified.SystemValue(p)},
	}
}

func factsOf(may fields) user.Facts {
	return user.Facts{VerifiedOn: dayOf(may, verifiedOn), CodesGeneration: may.number(codesGeneration), CodesLeft: int(may.number(codesLeft))}
}

// factsTries bound how often AddFacts is beaten to it: each time something was added by another record of the same user.
const factsTries = 3

// AddFacts is one conditional UpdateItem, and another one where something stands there that f does not know. It is report.FactsStore's.
func (s *Store) AddFacts(ctx context.Context, organization, id string, f user.Facts) error {
	for range factsTries {
		_, err := s.client.UpdateItem(ctx, s.addFacts(organization, id, f))
		var failed *types.ConditionalCheckFailedException
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &failed):
			return fmt.Errorf("dynamo: add facts: %w", err)
		case len(failed.Item) == 0:
			return nil
		}
		stored, err := decodeProfile(failed.Item)
		if err != nil {
			return err
		}
		known := stored.Facts.With(f)
		if !stored.Told(f) || known == stored.Facts {
			return nil
		}
		f = known
	}
	return user.ErrConflict
}

// addFacts writes facts over those that tell less. The condition is user.Facts.With's and user.Profile.Told's, and that something changes.
func (s *Store) addFacts(organization, id string, f user.Facts) *dynamodb.UpdateItemInput {
	var set, holds, changes []string
	values := item{}
	if end, ok := f.VerifiedOn.End(); ok {
		set = append(set, verifiedOn+" = :day")
		holds = append(holds, "registered_at < :after", "(attribute_not_exists("+verifiedOn+") OR "+verifiedOn+" <= :day)")
		changes = append(changes, "attribute_not_exists("+verifiedOn+")", verifiedOn+" < :day")
		values[":day"], values[":after"] = text(string(f.VerifiedOn)), text(end.Format(time.DateOnly))
		for _, o := range verifiedOrders(user.Profile{Organization: organization, User: id, Facts: f}) {
			set = append(set, o.name+" = :"+o.name)
			values[":"+o.name] = text(o.value)
		}
	}
	if f.CodesGeneration != 0 {
		set = append(set, codesGeneration+" = :generation", codesLeft+" = :left")
		fewer := "(" + codesGeneration + " = :generation AND " + codesLeft + " %s :left)"
		earlier := []string{"attribute_not_exists(" + codesGeneration + ")", codesGeneration + " < :generation"}
		holds = append(holds, "("+strings.Join(append(earlier, fmt.Sprintf(fewer, ">=")), " OR ")+")")
		changes = append(append(changes, earlier...), fmt.Sprintf(fewer, ">"))
		values[":generation"], values[":left"] = number(f.CodesGeneration), number(int64(f.CodesLeft))
	}
	holds = append(holds, "attribute_exists(registered_at)", "("+strings.Join(changes, " OR ")+")")
	return &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: profileKey(organization, id).item(),
		UpdateExpression:                    aws.String("SET " + strings.Join(set, ", ")),
		ConditionExpression:                 aws.String(strings.Join(holds, " AND ")),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// FactsOf reads what a stream record of factors tells; false if it is of another item, or a removal.
func FactsOf(record events.DynamoDBEventRecord) (report.FactsSeen, bool, error) {
	before, after, ok, err := factorsIn(record)
	seen := report.FactsSeen{Organization: after.Organization, User: after.User, Before: before.Facts(), After: after.Facts()}
	return seen, ok && err == nil, err
}

// factorsIn are the factors before a write and after it, by the stream record of it; false if it is of another item, or a removal.
func factorsIn(record events.DynamoDBEventRecord) (before, after user.Factors, ok bool, err error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil || image.key().sk != factorsSort {
		return before, after, false, err
	}
	if after, err = decodeFactors(image); err != nil || len(record.Change.OldImage) == 0 {
		return before, after, err == nil, err
	}
	old, err := streamed(record.Change.OldImage)
	if err == nil {
		before, err = decodeFactors(old)
	}
	return before, after, err == nil, err
}
