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
	"twofold/pkg/audit"
	"twofold/pkg/org"
)

// CreateSystemAdministrator writes a system administrator with a first key, and the event in the
// system's own log, in one transaction. It answers user.ErrConflict if there is such a key, or such an administrator.
func (s *Store) CreateSystemAdministrator(ctx context.Context, k access.Key, name, email string, e audit.Event) error {
	k.Everywhere, k.Vendor = true, true
	a := org.Administrator{ID: k.Holder, Name: name, Email: email, Keys: []string{k.ID}, CreatedAt: k.CreatedAt, Rev: 1}
	parts := append([]part{s.created(encodeAccessKey(k), true), s.created(encodeAdministrator(a), false)}, s.events([]audit.Event{e})...)
	return s.commit(ctx, parts)
}

// Keysets gets the wrapped keysets of purposes in one strongly consistent batch. A purpose that has none
// is absent from the result.
func (s *Store) Keysets(ctx context.Context, purposes ...string) (map[string][]byte, error) {
	keys := make([]key, len(purposes))
	for at, purpose := range purposes {
		keys[at] = keysetKey(purpose)
	}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, err
	}
	wrapped := make(map[string][]byte, len(found))
	for at, purpose := range purposes {
		i, present := found[keys[at]]
		if !present {
			continue
		}
		must, _, failed := read("KEYSET", i)
		if wrapped[purpose] = must.bytes("wrapped"); *failed != nil {
			return nil, *failed
		}
	}
	return wrapped, nil
}

// PutKeyset writes the wrapped keyset of a purpose that has none yet. It reports whether it did: replacing one
// would make everything that was sealed with it unreadable.
func (s *Store) PutKeyset(ctx context.Context, purpose string, wrapped []byte, now time.Time) (created bool, err error) {
	i := keysetKey(purpose).item()
	i.bytes("wrapped", wrapped)
	i.moment("created_at", now)
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.table), Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &failed):
		return i.same(failed.Item), nil // our own first try may have won although its acknowledgement was lost
	}
	return false, fmt.Errorf("dynamo: write a keyset: %w", err)
}
