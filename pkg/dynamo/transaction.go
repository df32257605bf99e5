package dynamo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/user"
)

// part is one write of a change. Where its condition fails, ours tells from the stored item whether the part is there
// already, so that a lost acknowledgement is not taken for a conflict; nil: it has no condition. A part with proof holds something that no
// other change has, an attempt or an id, and so speaks for the whole change.
type part struct {
	write types.TransactWriteItem
	ours  func(stored item) bool
	proof bool
}

// reasons for which DynamoDB cancels a transaction (API reference, CancellationReason).
const (
	conditionFailed     = "ConditionalCheckFailed"
	transactionConflict = "TransactionConflict"
	noReason            = "None"
)

// errInTheWay says that somebody else's transaction has an item that the write wants.
var errInTheWay = errors.New("dynamo: a transaction was in the way")

const (
	commitTries = 5
	commitPause = 10 * time.Millisecond // doubled before each further try
)

// commit writes all parts or none. It answers user.ErrConflict if a condition does not hold, and nil if the parts
// are there already because an earlier try of this same change wrote them. A transaction in the way tells neither: an
// earlier try may have won and its acknowledgement been lost. So the same write is tried until its conditions are
// judged, and if they never are, that is an error like any other: taken for a lost race, it would be done twice.
func (s *Store) commit(ctx context.Context, parts []part) error {
	var err error
	for try := range commitTries {
		if err := pause(ctx, commitPause, try); err != nil {
			return err
		}
		if err = s.tryCommit(ctx, parts); !errors.Is(err, errInTheWay) {
			return err
		}
	}
	return err
}

// tryCommit writes once. An update alone needs no transaction.
func (s *Store) tryCommit(ctx context.Context, parts []part) error {
	if len(parts) == 1 && parts[0].write.Update != nil {
		return s.update(ctx, parts[0])
	}
	writes := make([]types.TransactWriteItem, len(parts))
	for at, p := range parts {
		writes[at] = p.write
	}
	name, err := token(writes)
	if err != nil {
		return err
	}
	_, err = s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: name})
	var canceled *types.TransactionCanceledException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &canceled):
		return judge(canceled.CancellationReasons, parts)
	}
	return fmt.Errorf("dynamo: write a transaction: %w", err)
}

// judge says what a canceled transaction means. All conditions are evaluated on one state, so a change is there
// already if one part proves it, or if every single part is there.
func judge(reasons []types.CancellationReason, parts []part) error {
	conflict, inTheWay, there := false, false, 0
	var codes []string
	for at, reason := range reasons {
		code := aws.ToString(reason.Code)
		switch code {
		case conditionFailed:
			conflict = true
			if at >= len(parts) || parts[at].ours == nil || !parts[at].ours(reason.Item) {
				continue
			}
			if there++; parts[at].proof || there == len(parts) {
				return nil
			}
		case transactionConflict:
			inTheWay = true
		case noReason, "":
		default:
			codes = append(codes, code)
		}
	}
	switch {
	case inTheWay:
		return errInTheWay
	case conflict:
		return user.ErrConflict
	}
	return fmt.Errorf("dynamo: transaction canceled: %s", strings.Join(codes, ", "))
}

func (s *Store) update(ctx context.Context, p part) error {
	u := p.write.Update
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: u.ReturnValuesOnConditionCheckFailure,
	})
	var failed *types.ConditionalCheckFailedException
	var conflict *types.TransactionConflictException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		if p.ours(failed.Item) {
			return nil
		}
		return user.ErrConflict
	case errors.As(err, &conflict):
		return errInTheWay
	}
	return fmt.Errorf("dynamo: update an item: %w", err)
}

// holds recognises an item by the id of the write that stands in it.
func holds(attempt []byte) func(item) bool {
	return func(stored item) bool {
		b, ok := stored["attempt"].(*types.AttributeValueMemberB)
		return ok && len(attempt) > 0 && bytes.Equal(b.Value, attempt)
	}
}

// token names a request by all that is in it. Writes are conditional on revisions and carry ids that no other has, so
// the same content is the same change, and repeating it within ten minutes is, to DynamoDB, the same request.
func token(writes []types.TransactWriteItem) (*string, error) {
	content, err := json.Marshal(writes)
	if err != nil {
		return nil, fmt.Errorf("dynamo: name a transaction: %w", err)
	}
	sum := sha256.Sum256(content)
	return aws.String(hex.EncodeToString(sum[:16])), nil
}
