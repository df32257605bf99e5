// Command relog appends to the logs of the audit what is not in them: events from before there was a log, and those that the stream has lost.
//
//	go run ./infra/relog -table twofold
//
// It is safe to run at any time, beside the projector and again: an event that is in its log is left as it is. What it appends comes in the order of time, behind
// what is there, and is signed at the projector's next tick. The usual variables of the AWS SDK apply. The credentials need
// Scan, Query, BatchGetItem, PutItem and UpdateItem on the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/dynamo"
	"twofold/pkg/ledger"
	"twofold/pkg/notary"
	"twofold/pkg/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "relog:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out, usage io.Writer) error {
	flags := flag.NewFlagSet("relog", flag.ContinueOnError)
	flags.SetOutput(usage)
	table := flags.String("table", "", "name of the DynamoDB `table`")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *table == "" || flags.NArg() > 0 {
		return errors.New("-table is needed, and nothing else")
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("reading the AWS configuration: %w", err)
	}
	client := dynamodb.NewFromConfig(aws)
	organizations, err := organizations(ctx, client, *table)
	if err != nil {
		return err
	}
	store := dynamo.New(client, *table)
	total := 0
	for _, organization := range append([]string{access.VendorHome}, organizations...) {
		appended, err := relog(ctx, store, organization)
		if err != nil {
			return fmt.Errorf("the log %q, after %d events: %w", organization, appended, err)
		}
		if total += int(appended); appended > 0 {
			fmt.Fprintf(out, "%q: %d events appended\n", organization, appended)
		}
	}
	fmt.Fprintf(out, "%d organisations and the vendor's own log: %d events appended\n", len(organizations), total)
	return nil
}

// organizations are the ids of all there are.
func organizations(ctx context.Context, client *dynamodb.Client, table string) (ids []string, err error) {
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{
		TableName: aws.String(table), FilterExpression: aws.String("sk = :sk AND begins_with(pk, :pk)"), ProjectionExpression: aws.String("pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":sk": &types.AttributeValueMemberS{Value: "ORG"}, ":pk": &types.AttributeValueMemberS{Value: "ORG#"},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("looking for organisations: %w", err)
		}
		for _, i := range page.Items {
			if pk, ok := i["pk"].(*types.AttributeValueMemberS); ok {
				ids = append(ids, pk.Value[len("ORG#"):])
			}
		}
	}
	return ids, nil
}

// settled is how old an event must be: a younger one is the projector's, which has it in the order of the stream.
const settled = time.Hour

// relog goes through an audit in the order of time and appends what is missing.
func relog(ctx context.Context, store *dynamo.Store, organization string) (appended int, err error) {
	keeper := &notary.Notary{Store: store}
	q := report.EventQuery{Limit: notary.MaxAppend, To: time.Now().Add(-settled)}
	for {
		events, next, err := store.Events(ctx, organization, q)
		if err != nil {
			return appended, err
		}
		missing, err := missing(ctx, store, organization, events)
		if err != nil {
			return appended, err
		}
		if err := errors.Join(keeper.Append(ctx, missing)...); err != nil {
			return appended, err
		}
		appended += len(missing)
		if q.After = next; next == "" {
			return appended, nil
		}
	}
}

func missing(ctx context.Context, store *dynamo.Store, organization string, events []audit.Event) (some []audit.Event, err error) {
	var places []ledger.Place
	for _, e := range events {
		places = append(places, ledger.PlaceOf(e))
	}
	there, err := store.Entries(ctx, organization, places)
	for at, e := range events {
		if _, is := there[places[at]]; !is {
			some = append(some, e)
		}
	}
	return some, err
}
