package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/user"
)

// Spend claims a delivery and counts it in one transaction. A delivery that was counted before is claimed as any other. A claim
// whose acknowledgement was lost is recognised by its attempt. It is mail.Store's.
func (s *Store) Spend(ctx context.Context, id string, on []mail.Spending, now time.Time) (mail.Claim, error) {
	attempt := user.NewAttempt()
	writes := []types.TransactWriteItem{s.counting(id, attempt, now)}
	for _, count := range on {
		writes = append(writes, s.spent(count))
	}
	reasons, err := s.judged(ctx, writes)
	if err != nil || reasons == nil {
		return mail.Granted, err
	}
	if aws.ToString(reasons[0].Code) != conditionFailed {
		return mail.Overspent, nil
	}
	if _, counted := reasons[0].Item["counted"]; counted && !holds(attempt)(reasons[0].Item) {
		return s.Claim(ctx, id, now)
	}
	return standing(reasons[0].Item, attempt)
}

// judged writes a transaction. Where conditions fail it gives the reasons, one for each write; an error where it stays unknown.
func (s *Store) judged(ctx context.Context, writes []types.TransactWriteItem) ([]types.CancellationReason, error) {
	name, err := token(writes)
	if err != nil {
		return nil, err
	}
	for try := range commitTries {
		if err := pause(ctx, commitPause, try); err != nil {
			return nil, err
		}
		_, err = s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: name})
		var canceled *types.TransactionCanceledException
		if err == nil {
			return nil, nil
		}
		if !errors.As(err, &canceled) || len(canceled.CancellationReasons) != len(writes) {
			return nil, fmt.Errorf("dynamo: count a delivery: %w", err)
		}
		err = judge(canceled.CancellationReasons, nil)
		switch {
		case errors.Is(err, user.ErrConflict):
			return canceled.CancellationReasons, nil
		case !errors.Is(err, errInTheWay):
			return nil, err
		}
	}
	return nil, err
}

// counting is the claim of a delivery that was not counted before.
func (s *Store) counting(id string, attempt []byte, now time.Time) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: deliveryKey(id).item(),
		UpdateExpression: aws.String("SET #state = :claimed, #claimed_at = :now, #attempt = :attempt, #ttl = :ttl, #counted = :yes"),
		ConditionExpression: aws.String(
			"attribute_not_exists(#counted) AND (attribute_not_exists(pk) OR #state = :failed OR (#state = :claimed AND #claimed_at <= :lapsed))"),
		ExpressionAttributeNames: map[string]string{
			"#state": "state", "#claimed_at": "claimed_at", "#attempt": "attempt", "#ttl": "ttl", "#counted": "counted",
		},
		ExpressionAttributeValues: item{
			":claimed": text(string(delivery.Claimed)), ":failed": text(string(delivery.Failed)), ":now": moment(now),
			":lapsed": moment(now.Add(-mail.Lease)), ":attempt": &types.AttributeValueMemberB{Value: attempt},
			":ttl": number(now.Add(deliveryLife).Unix()), ":yes": &types.AttributeValueMemberBOOL{Value: true},
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

// spent adds one to a count below its limit.
func (s *Store) spent(on mail.Spending) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: spentKey(on.Name).item(),
		UpdateExpression: aws.String("SET #ttl = :ttl, #limit = :limit ADD #n :one"), ConditionExpression: aws.String("attribute_not_exists(#n) AND :limit > :none OR #n < :limit"),
		ExpressionAttributeNames: map[string]string{"#n": "n", "#ttl": "ttl", "#limit": "limit"},
		ExpressionAttributeValues: item{
			":one": number(1), ":none": number(0), ":limit": number(int64(on.Limit)), ":ttl": number(on.Until.Unix()),
		},
	}}
}
