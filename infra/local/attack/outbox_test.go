package attack_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
)

// outbox is a provider that accepts everything.
type outbox struct {
	mu   sync.Mutex
	sent []mail.Message
	lost []string // of SMS that were not sent: organisations and why

	posted map[string]bool // orders that post has delivered
}

// Text keeps an SMS as a mail to a number.
func (o *outbox) Text(ctx context.Context, t mail.Text) error {
	return o.Send(ctx, mail.Message{To: t.To, Text: t.Body, Tag: t.Tag})
}

func (o *outbox) note(lost string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = append(o.lost, lost)
}

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
	return nil
}

// SendBulk implements mail.BulkSender.
func (o *outbox) SendBulk(ctx context.Context, messages []mail.Message) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		errs[i] = o.Send(ctx, m)
	}
	return errs
}

// Later and Keep are the queue: the tests that look at what fails call Deliver, and try again themselves.
func (o *outbox) Later(context.Context, mail.Order, time.Duration) error { return nil }

func (o *outbox) Keep(context.Context, mail.Poison) error { return nil }

// post does what the stream and the mailer do: whatever the table now orders is delivered, once. The stream would not bring again what
// it has brought; that whoever is brought it again sends nothing, other tests say.
func (p *product) post() {
	p.t.Helper()
	for _, order := range p.orders() {
		if p.outbox.news(order) {
			p.deliver([]mail.Order{order})
		}
	}
}

// news reports whether an order was not seen before. The saved codes of a user are always ordered by the same name.
func (o *outbox) news(order mail.Order) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := strings.Join([]string{string(order.Kind), order.Organization, order.User, order.Administrator, order.Reference}, "\x00")
	if o.posted == nil {
		o.posted = map[string]bool{}
	}
	seen := o.posted[name]
	o.posted[name] = true
	return !seen || order.Kind == mail.SavedCodesOrder
}

// forget is for a table that becomes what it was.
func (o *outbox) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.posted = nil
}

func (p *product) deliver(orders []mail.Order) {
	p.t.Helper()
	for _, order := range orders {
		p.must(p.mailer.Deliver(p.t.Context(), order))
	}
}

// orders are the mail intents that stand in the table. A later write of the same item takes its intent away, so whoever
// looks late sees less than the stream would.
func (p *product) orders() []mail.Order {
	p.t.Helper()
	var orders []mail.Order
	for _, record := range p.records("attribute_exists(deliver)") {
		order, wanted, err := dynamo.OrderOf(record)
		p.must(err)
		if wanted {
			orders = append(orders, order)
		}
	}
	return orders
}

// records are the stream's records of the writes that made the items what they are, of those that a filter leaves.
func (p *product) records(filter string) []events.DynamoDBEventRecord {
	p.t.Helper()
	var records []events.DynamoDBEventRecord
	for _, row := range p.scan(aws.String(filter)) {
		image := map[string]events.DynamoDBAttributeValue{}
		for name, value := range row {
			image[name] = streamed(value)
		}
		records = append(records, events.DynamoDBEventRecord{
			Change: events.DynamoDBStreamRecord{NewImage: image, SequenceNumber: keyOf(row)},
		})
	}
	return records
}

// scan reads the whole table, or what a filter leaves of it.
func (p *product) scan(filter *string) []map[string]types.AttributeValue {
	p.t.Helper()
	var rows []map[string]types.AttributeValue
	pages := sdk.NewScanPaginator(p.bare, &sdk.ScanInput{
		TableName: aws.String(p.table), ConsistentRead: aws.Bool(true), FilterExpression: filter,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(p.t.Context())
		p.must(err)
		rows = append(rows, page.Items...)
	}
	return rows
}

func streamed(value types.AttributeValue) events.DynamoDBAttributeValue {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return events.NewStringAttribute(v.Value)
	case *types.AttributeValueMemberN:
		return events.NewNumberAttribute(v.Value)
	case *types.AttributeValueMemberB:
		return events.NewBinaryAttribute(v.Value)
	case *types.AttributeValueMemberBOOL:
		return events.NewBooleanAttribute(v.Value)
	case *types.AttributeValueMemberL:
		var list []events.DynamoDBAttributeValue
		for _, inner := range v.Value {
			list = append(list, streamed(inner))
		}
		return events.NewListAttribute(list)
	case *types.AttributeValueMemberM:
		entries := map[string]events.DynamoDBAttributeValue{}
		for name, inner := range v.Value {
			entries[name] = streamed(inner)
		}
		return events.NewMapAttribute(entries)
	}
	return events.NewNullAttribute()
}

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// mailed delivers what is ordered and gives the latest code that went to an address.
func (p *product) mailed(to string) string {
	p.t.Helper()
	p.post()
	for _, m := range slices.Backward(p.outbox.sent) {
		if code := eightDigits.FindString(m.Text); m.To == to && code != "" {
			return code
		}
	}
	p.t.Fatal("no code was mailed to the address")
	return ""
}

// told are the addresses that got a mail whose tag begins so, in order.
func (p *product) told(tag string) []string {
	p.t.Helper()
	p.post()
	var to []string
	for _, m := range p.outbox.sent {
		if strings.HasPrefix(m.Tag, tag) {
			to = append(to, m.To)
		}
	}
	slices.Sort(to)
	return to
}
