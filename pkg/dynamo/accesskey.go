package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
)

// lastUsed is written by whoever uses the key, and by nobody else.
const lastUsed = "last_used_at"

// keyAttributes are those of a key that its holder's affairs change.
var keyAttributes = []string{"organizations", "permissions", "scope", "name", "expires_at", "revoked_at", "vendor", "audience", "return_addresses"}

func encodeAccessKey(k access.Key) item {
	i := accessKeyKey(k.ID).item()
	i.text("id", k.ID)
	i.bytes("digest", k.Digest)
	i.text("role", string(k.Role))
	i.text("holder", k.Holder)
	i.text("name", k.Name)
	i.texts("organizations", k.Organizations)
	i.flag("everywhere", k.Everywhere)
	if k.Vendor {
		i.flag("vendor", true)
	}
	i.text("audience", k.Audience)
	i.texts("return_addresses", k.ReturnAddresses)
	i.texts("permissions", words(k.Permissions))
	i.texts("scope", words(k.Scope))
	i.moment("created_at", k.CreatedAt)
	i.moment("expires_at", k.ExpiresAt)
	i.moment("revoked_at", k.RevokedAt)
	i.moment(lastUsed, k.LastUsedAt)
	if k.Console {
		i.flag("console", true)
		i.number("ttl", k.ExpiresAt.Add(sessionKept).Unix())
	}
	if k.Impersonates() {
		i.text("impersonated_by", k.Impersonation.By)
		i.text("parent", k.Impersonation.Key)
		i.text("reason", k.Impersonation.Reason)
		i.number("ttl", k.ExpiresAt.Add(sessionKept).Unix())
	}
	return i
}

func decodeAccessKey(i item) (access.Key, error) {
	must, may, err := read("KEY", i)
	k := access.Key{
		ID: must.text("id"), Digest: must.bytes("digest"), Holder: may.text("holder"),
		Name: may.text("name"),
		Role: choice(must, "role",
			access.SystemAdministrator, access.OrganizationAdministrator, access.Application, access.Reader),
		Organizations: may.texts("organizations"), Everywhere: must.flag("everywhere"),
		Vendor: may.flag("vendor"), Audience: may.text("audience"), ReturnAddresses: may.texts("return_addresses"),
		Permissions: worded[access.Permission](may.texts("permissions")),
		Scope:       worded[access.Permission](may.texts("scope")),
		CreatedAt:   may.moment("created_at"), ExpiresAt: may.moment("expires_at"), RevokedAt: may.moment("revoked_at"),
		LastUsedAt:    may.moment(lastUsed),
		Impersonation: access.Impersonation{By: may.text("impersonated_by"), Key: may.text("parent"), Reason: may.text("reason")},
		Console:       may.flag("console"),
	}
	return k, *err
}

// sessionKept is how long a session that has ended is kept, so that whoever presents it hears that it has.
const sessionKept = 14 * 24 * time.Hour

// credentialKeys are the items that a presented key is judged by: the key, and for a session the one that it was begun with.
func credentialKeys(c access.Credential) []key {
	if c.Parent == "" {
		return []key{accessKeyKey(c.ID)}
	}
	return []key{accessKeyKey(c.ID), accessKeyKey(c.Parent)}
}

// presented is the key as it was read by credentialKeys; nil where there is none.
func presented(found map[key]item, c access.Credential) (*access.Key, error) {
	k, err := decoded(found[accessKeyKey(c.ID)], decodeAccessKey)
	if err != nil || k == nil || c.Parent == "" {
		return k, err
	}
	k.Parent, err = decoded(found[accessKeyKey(c.Parent)], decodeAccessKey)
	return k, err
}

// altered is the part of a change that writes a key which is there and not revoked, but for when it was used last. A revoked key
// never changes again. Two changes of one key meet at the holder's revision.
func (s *Store) altered(k access.Key) part {
	i := encodeAccessKey(k)
	delete(i, lastUsed)
	u := s.replace(i, 1, keyAttributes)
	u.ConditionExpression = aws.String("attribute_exists(pk) AND attribute_not_exists(revoked_at)")
	return part{write: types.TransactWriteItem{Update: u}, ours: i.replaced(keyAttributes)}
}

// Keys are those of the ids that there are, strongly consistent. It is people.Store's.
func (s *Store) Keys(ctx context.Context, ids ...string) ([]access.Key, error) {
	var out []access.Key
	for some := range slices.Chunk(ids, maxBatch) {
		keys := make([]key, len(some))
		for at, id := range some {
			keys[at] = accessKeyKey(id)
		}
		found, err := s.batch(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			one, err := decoded(found[k], decodeAccessKey)
			if err != nil {
				return nil, err
			}
			if one != nil {
				out = append(out, *one)
			}
		}
	}
	return out, nil
}

// NoteUse sets when a key was used last, in one conditional UpdateItem, unless that or later stands there. It is lastuse.Store's.
func (s *Store) NoteUse(ctx context.Context, id string, hour time.Time) error {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table), Key: accessKeyKey(id).item(),
		UpdateExpression:          aws.String("SET " + lastUsed + " = :hour"),
		ConditionExpression:       aws.String("attribute_exists(pk) AND (attribute_not_exists(" + lastUsed + ") OR " + lastUsed + " < :hour)"),
		ExpressionAttributeValues: item{":hour": moment(hour)},
	})
	var failed *types.ConditionalCheckFailedException
	if err == nil || errors.As(err, &failed) {
		return nil
	}
	return fmt.Errorf("dynamo: note a use: %w", err)
}
