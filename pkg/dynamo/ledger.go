package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/ledger"
)

var headAttributes = []string{"rev", "size", "signed", "peaks", "attempt"}

func encodeHead(h ledger.Head) item {
	i := headKey(h.Organization).item()
	i.number("rev", h.Rev)
	i.number("size", int64(h.Size))
	i.number("signed", int64(h.Signed))
	i.blobs("peaks", h.Peaks)
	i.bytes("attempt", h.Attempt)
	return i
}

func decodeHead(i item) (ledger.Head, error) {
	must, may, err := read("HEAD", i)
	h := ledger.Head{
		Organization: logOf(must), Rev: must.number("rev"), Size: uint64(must.number("size")), Signed: uint64(must.number("signed")),
		Peaks: may.blobs("peaks"), Attempt: may.bytes("attempt"),
	}
	return h, *err
}

func encodeLeaf(organization string, l ledger.Leaf) item {
	i := leafKey(organization, l.Index).item()
	i.number("leaf", int64(l.Index))
	i.text("event_at", l.Event.At)
	i.text("event_id", l.Event.ID)
	i.bytes("hash", l.Hash)
	i.blobs("nodes", l.Nodes)
	return i
}

func decodeLeaf(i item) (ledger.Leaf, error) {
	must, may, err := read("LEAF", i)
	l := ledger.Leaf{
		Index: uint64(must.number("leaf")), Event: ledger.Place{At: must.text("event_at"), ID: must.text("event_id")},
		Hash: must.bytes("hash"), Nodes: may.blobs("nodes"),
	}
	if i.key() != leafKey(logOf(must), l.Index) {
		must.fail("leaf", "is another's")
	}
	return l, *err
}

func encodeCheckpoint(c ledger.Checkpoint) item {
	i := checkpointKey(c.Organization, c.Size).item()
	i.number("size", int64(c.Size))
	i.text("note", c.Note)
	i.texts("keys", c.Keys)
	i.moment("at", c.At)
	return i
}

func decodeCheckpoint(i item) (ledger.Checkpoint, error) {
	must, _, err := read("CHECKPOINT", i)
	c := ledger.Checkpoint{
		Organization: logOf(must), Size: uint64(must.number("size")), Note: must.text("note"), Keys: must.texts("keys"), At: must.moment("at"),
	}
	return c, *err
}

// logOf reads the organisation from the key of an item of a log; empty is the vendor's own log.
func logOf(f fields) string {
	organization, ok := strings.CutPrefix(f.item.key().pk, logPrefix)
	if !ok {
		f.fail("pk", "is not a log's")
	}
	return organization
}

// Log gets a head and which of the places stand in the log. It is notary.Store's.
func (s *Store) Log(ctx context.Context, organization string, places []ledger.Place) (ledger.Head, map[ledger.Place]uint64, error) {
	keys := []key{headKey(organization)}
	for _, p := range places {
		keys = append(keys, entryKey(organization, p))
	}
	found, err := s.batch(ctx, distinct(keys)...)
	if err != nil {
		return ledger.Head{}, nil, err
	}
	there, err := entered(found, organization, places)
	if err != nil {
		return ledger.Head{}, nil, err
	}
	head, err := decoded(found[keys[0]], decodeHead)
	if err != nil || head == nil {
		return ledger.Head{Organization: organization}, there, err
	}
	return *head, there, nil
}

// entered reads where in the log places stand from what was found of them.
func entered(found map[key]item, organization string, places []ledger.Place) (map[ledger.Place]uint64, error) {
	there := map[ledger.Place]uint64{}
	for _, p := range places {
		i, is := found[entryKey(organization, p)]
		if !is {
			continue
		}
		must, _, failed := read("ENTRY", i)
		there[p] = uint64(must.number("leaf"))
		if *failed != nil {
			return nil, *failed
		}
	}
	return there, nil
}

// Extend writes the next revision of a head with what it adds. It is notary.Store's.
func (s *Store) Extend(ctx context.Context, next ledger.Head, leaves []ledger.Leaf) error {
	parts := []part{s.attempted(encodeHead(next), next.Rev, headAttributes, next.Attempt)}
	for _, l := range leaves {
		entry := entryKey(next.Organization, l.Event).item()
		entry.number("leaf", int64(l.Index))
		parts = append(parts, s.created(encodeLeaf(next.Organization, l), false), s.created(entry, false))
	}
	if next.Size-uint64(len(leaves)) == next.Signed {
		waits := unsignedKey(next.Organization).item()
		waits.text("organization", next.Organization)
		parts = append(parts, part{write: types.TransactWriteItem{Put: &types.Put{TableName: aws.String(s.table), Item: waits}}})
	}
	return s.commit(ctx, parts)
}

// WriteCheckpoint writes a checkpoint with the next revision of its head. It is notary.Store's.
func (s *Store) WriteCheckpoint(ctx context.Context, next ledger.Head, c ledger.Checkpoint) error {
	return s.commit(ctx, []part{
		s.attempted(encodeHead(next), next.Rev, headAttributes, next.Attempt),
		s.created(encodeCheckpoint(c), false),
		{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.table), Key: unsignedKey(next.Organization).item()}}},
	})
}

// Unsigned are the logs that wait for a checkpoint, in the order of their organisations. It is notary.Store's.
func (s *Store) Unsigned(ctx context.Context, after string, limit int) ([]string, string, error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(unsigned)},
	}
	if after != "" {
		in.ExclusiveStartKey = key{unsigned, after}.item()
	}
	rows, err := s.rows(ctx, in, limit)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) == limit {
		next = rows[limit-1].key().sk
	}
	organizations, err := all(rows, func(i item) (string, error) {
		_, may, failed := read("CHECKPOINTING", i)
		return may.text("organization"), *failed
	})
	return organizations, next, err
}

// Leaves gets leaves by their index. It is notary.Store's and report.Store's.
func (s *Store) Leaves(ctx context.Context, organization string, indexes []uint64) (map[uint64]ledger.Leaf, error) {
	keys := make([]key, len(indexes))
	for at, index := range indexes {
		keys[at] = leafKey(organization, index)
	}
	found, err := s.batches(ctx, nil, distinct(keys))
	if err != nil {
		return nil, err
	}
	leaves := map[uint64]ledger.Leaf{}
	for _, i := range found {
		l, err := decodeLeaf(i)
		if err != nil {
			return nil, err
		}
		leaves[l.Index] = l
	}
	return leaves, nil
}

// Checkpoint is the one of a size, or the latest. It is notary.Store's and report.Store's.
func (s *Store) Checkpoint(ctx context.Context, organization string, size uint64) (*ledger.Checkpoint, error) {
	if size > 0 {
		return one(ctx, s, checkpointKey(organization, size), decodeCheckpoint)
	}
	latestFirst := s.under(key{logPrefix + organization, checkpointPrefix})
	latestFirst.ScanIndexForward = aws.Bool(false)
	rows, err := s.rows(ctx, latestFirst, 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return decoded(rows[0], decodeCheckpoint)
}
