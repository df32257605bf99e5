package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
	"twofold/pkg/delivery"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/user"
)

// deliveryLife is how long a delivery is remembered: far longer than a stream record or a queue's message lives.
const deliveryLife = 14 * 24 * time.Hour

// Claim asks for the right to deliver until now plus mail.Lease. A claim whose acknowledgement was lost
// is recognised by its attempt and granted. It is mail.Store's.
func (s *Store) Claim(ctx context.Context, id string, now time.Time) (mail.Claim, error) {
	attempt := user.NewAttempt()
	stored, err := s.deliver(ctx, id,
		"SET #state = :claimed, #claimed_at = :now, #attempt = :attempt, #ttl = :ttl",
		"attribute_not_exists(pk) OR #state = :failed OR (#state = :claimed AND #claimed_at <= :lapsed)",
		map[string]string{"#state": "state", "#claimed_at": "claimed_at", "#attempt": "attempt", "#ttl": "ttl"},
		item{
			":claimed": text(string(delivery.Claimed)), ":failed": text(string(delivery.Failed)), ":now": moment(now),
			":lapsed": moment(now.Add(-mail.Lease)), ":attempt": &types.AttributeValueMemberB{Value: attempt},
			":ttl": number(now.Add(deliveryLife).Unix()),
		})
	if err != nil || stored == nil {
		return mail.Granted, err
	}
	return standing(stored, attempt)
}

// standing is what a delivery that is there means to whoever could not claim it by an attempt.
func standing(stored item, attempt []byte) (mail.Claim, error) {
	must, _, failed := read("DELIVERY", stored)
	switch state := stateOf(must); {
	case *failed != nil:
		return mail.Busy, *failed
	case state == delivery.Claimed && holds(attempt)(stored):
		return mail.Granted, nil
	case state == delivery.Claimed || state == delivery.Failed:
		return mail.Busy, nil
	}
	return mail.Done, nil
}

func stateOf(f fields) delivery.State {
	return choice(f, "state", delivery.Claimed, delivery.Sent, delivery.Failed, delivery.Refused, delivery.Obsolete, delivery.Capped,
		delivery.Suppressed, delivery.Bounced, delivery.Complained)
}

func decodeDelivery(i item) (delivery.Status, error) {
	must, may, failed := read("DELIVERY", i)
	d := delivery.Status{State: stateOf(must), At: must.moment("claimed_at")}
	if ended := may.moment("ended_at"); d.State != delivery.Claimed && !ended.IsZero() {
		d.At = ended
	}
	return d, *failed
}

// ReadWithDelivery is Read with how a delivery stands in the same batch. It is enroll.Store's.
func (s *Store) ReadWithDelivery(ctx context.Context, c access.Credential, organization, id, of string) (login.Snapshot, error) {
	snap, found, err := s.snapshot(ctx, c, organization, id, deliveryKey(of))
	if err != nil {
		return snap, err
	}
	snap.Delivery, err = decoded(found[deliveryKey(of)], decodeDelivery)
	return snap, err
}

var errUnclaimed = errors.New("dynamo: a delivery was marked that nobody had claimed")

// Mark ends a claim that was made at or before now. What has ended for good stays as it is, and so does a claim
// that somebody made later, after this one had lapsed. It is mail.Store's.
func (s *Store) Mark(ctx context.Context, id string, state delivery.State, now time.Time) error {
	stored, err := s.deliver(ctx, id,
		"SET #state = :state, #ended_at = :now",
		"#state IN (:claimed, :failed) AND #claimed_at <= :now",
		map[string]string{"#state": "state", "#claimed_at": "claimed_at", "#ended_at": "ended_at"},
		item{
			":state": text(string(state)), ":claimed": text(string(delivery.Claimed)), ":failed": text(string(delivery.Failed)),
			":now": moment(now),
		})
	if err == nil && stored != nil && len(stored) == 0 {
		return errUnclaimed
	}
	return err
}

// deliver updates a delivery item under a condition. Where that fails it gives the stored item, empty if there is none.
func (s *Store) deliver(ctx context.Context, id, update, condition string, names map[string]string, values item) (item, error) {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: deliveryKey(id).item(),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String(condition),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &failed) && failed.Item == nil:
		return item{}, nil
	case errors.As(err, &failed):
		return failed.Item, nil
	case err != nil:
		return nil, fmt.Errorf("dynamo: write a delivery: %w", err)
	}
	return nil, nil
}
