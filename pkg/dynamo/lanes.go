package dynamo

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/report"
)

// index is one order of users: where it stands, and the attributes that it is made of.
type index struct{ name, hash, sort string }

// indexes are the orders of an organisation's users.
var indexes = map[report.Sort]index{
	report.ByUser:      {"byUser", "r_org", "r_user"},
	report.ByEmail:     {"byEmail", "r_org", "r_email"},
	report.ByTwoFactor: {"byEnrolled", "r_org", "r_enrolled"},
	report.ByMethod:    {"byMethod", "r_org", "r_method"},
	report.ByEnrolled:  {"byEnrolled", "r_org", "r_enrolled"},
	report.ByVerified:  {"byVerified", "r_org", "r_verified"},
}

// systemIndexes are those of the users of all organisations, each in shards.
var systemIndexes = map[report.Sort]index{
	report.ByUser:      {"everyUser", "s_shard", "s_user"},
	report.ByTwoFactor: {"everyEnrolled", "s_shard", "s_enrolled"},
	report.ByEnrolled:  {"everyEnrolled", "s_shard", "s_enrolled"},
	report.ByVerified:  {"everyVerified", "s_shard", "s_verified"},
}

// shards are what the users of all organisations are spread over, so that no partition of an index has to bear the writes of everybody. Each takes a
// thousand writes a second. Another number would be another index.
const shards = 8

// shardOf is where a user, or an organisation, stands among all.
func shardOf(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return strconv.Itoa(int(h.Sum32() % shards))
}

// place is where a user stands in an order.
type place struct {
	value string
	key   key
}

// lane is one partition of an index, read piece by piece.
type lane struct {
	query *dynamodb.QueryInput
	sort  string
	span  report.Span
	after string // not to be seen again
	rows  []place
	ended bool
}

// lanesOf are the partitions of the index that an organisation's users, or everyone's, stand in; none where there is no such order.
func (s *Store) lanesOf(organization string, q report.UserQuery) []*lane {
	by, known := indexes[q.Sort]
	hashes := []string{organization}
	if organization == report.Everyone {
		by, known = systemIndexes[q.Sort]
		hashes = nil
		for n := range shards {
			hashes = append(hashes, strconv.Itoa(n))
		}
	}
	if !known {
		return nil
	}
	lanes := make([]*lane, len(hashes))
	for at, hash := range hashes {
		lanes[at] = s.laneOf(by, hash, q)
	}
	return lanes
}

func (s *Store) laneOf(by index, hash string, q report.UserQuery) *lane {
	from, to := q.Span.From, q.Span.To
	if q.After != "" && q.Descending {
		to = q.After
	} else if q.After != "" {
		from = max(from, q.After)
	}
	l := &lane{sort: by.sort, span: q.Span, after: q.After, ended: to != "" && from > to}
	values := item{":hash": text(hash)}
	condition := "#hash = :hash"
	switch {
	case from != "" && to != "":
		condition += " AND #sort BETWEEN :from AND :to"
	case from != "":
		condition += " AND #sort >= :from"
	case to != "":
		condition += " AND #sort <= :to"
	}
	names := map[string]string{"#hash": by.hash}
	if from != "" || to != "" {
		names["#sort"] = by.sort
	}
	if from != "" {
		values[":from"] = text(from)
	}
	if to != "" {
		values[":to"] = text(to)
	}
	l.query = &dynamodb.QueryInput{
		TableName: aws.String(s.table), IndexName: aws.String(by.name), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}
	return l
}

// read takes up to limit more rows of the lane, in one request.
func (l *lane) read(ctx context.Context, client Client, limit int) error {
	l.query.Limit = aws.Int32(int32(limit))
	page, err := client.Query(ctx, l.query)
	if err != nil {
		return fmt.Errorf("dynamo: query an index: %w", err)
	}
	for _, row := range page.Items {
		must, _, failed := read("PROFILE", row)
		p := place{value: must.text(l.sort), key: item(row).key()}
		if *failed != nil {
			return *failed
		}
		if p.value != l.after && l.span.Holds(p.value) {
			l.rows = append(l.rows, p)
		}
	}
	l.query.ExclusiveStartKey, l.ended = page.LastEvaluatedKey, len(page.LastEvaluatedKey) == 0
	return nil
}

// ready reads all lanes, side by side, of which nothing is known but that there is more.
func ready(ctx context.Context, client Client, lanes []*lane, limit int) error {
	failed := make([]error, len(lanes))
	var wait sync.WaitGroup
	for at, l := range lanes {
		wait.Go(func() {
			for len(l.rows) == 0 && !l.ended && failed[at] == nil {
				failed[at] = l.read(ctx, client, limit)
			}
		})
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// merge takes up to n places of all lanes in their order. A piece of a lane is a little more than its share, so that most pages need one of each.
func (s *Store) merge(ctx context.Context, lanes []*lane, descending bool, n int) ([]place, error) {
	piece := n + 1
	if len(lanes) > 1 {
		piece = min(n, n/len(lanes)*2+10) + 1
	}
	var out []place
	for len(out) < n {
		if err := ready(ctx, s.client, lanes, piece); err != nil {
			return nil, err
		}
		first := slices.MaxFunc(lanes, func(a, b *lane) int { return a.before(b, descending) })
		if len(first.rows) == 0 {
			break
		}
		out, first.rows = append(out, first.rows[0]), first.rows[1:]
	}
	return out, nil
}

// before compares what two lanes have next: 1 where the first comes first. A lane with nothing left comes last.
func (l *lane) before(other *lane, descending bool) int {
	switch {
	case len(l.rows) == 0 || len(other.rows) == 0:
		return min(len(l.rows), 1) - min(len(other.rows), 1)
	case l.rows[0].value == other.rows[0].value:
		return 0
	case (l.rows[0].value < other.rows[0].value) != descending:
		return 1
	}
	return -1
}
