// Command recount makes the counts behind summaries and dry runs anew, from the users themselves, with the operator's own
// AWS credentials, and says whether they were wrong.
//
//	go run ./infra/recount -table twofold -organization acme
//	go run ./infra/recount -table twofold -all
//
// Logins and administrators notice nothing of it. The projector waits for it, so counts stand still while it runs. What is broken
// off, by whatever, is to be run again. The usual variables of the AWS SDK apply (profile, region, AWS_ENDPOINT_URL_DYNAMODB). The
// credentials need GetItem, BatchGetItem, PutItem, UpdateItem and Query on the table, and Query on its index byUser.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"

	"twofold/pkg/dynamo"
	"twofold/pkg/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "recount:", err)
		os.Exit(1)
	}
}

var errUnknown = errors.New("there is no such organisation")

var errWhat = errors.New("give -table, and either -organization or -all")

func run(ctx context.Context, arguments []string, out, usage io.Writer) error {
	flags := flag.NewFlagSet("recount", flag.ContinueOnError)
	flags.SetOutput(usage)
	table := flags.String("table", "", "name of the DynamoDB `table`")
	organization := flags.String("organization", "", "`id` of the organisation")
	every := flags.Bool("all", false, "all organisations that have counts")
	wait := flags.Duration("settle", 5*time.Second, "how `long` what was written before may take to arrive in the index")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *table == "" || (*organization == "") == !*every || flags.NArg() > 0 {
		return errWhat
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), *table)
	ids := []string{*organization}
	if there, err := store.KnownOrganizations(ctx, ids...); !*every && (err != nil || len(there) == 0) {
		return cmp.Or(err, errUnknown)
	}
	if *every {
		if ids, err = counted(ctx, store); err != nil {
			return err
		}
	}
	return recount(ctx, &report.Recounter{Store: store, Now: time.Now, Wait: settling(*wait)}, ids, out)
}

// counted are the organisations that have counts.
func counted(ctx context.Context, store *dynamo.Store) ([]string, error) {
	tallies, err := store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, t := range tallies {
		ids = append(ids, t.Organization)
	}
	slices.Sort(ids)
	return ids, nil
}

func recount(ctx context.Context, r *report.Recounter, ids []string, out io.Writer) error {
	for _, id := range ids {
		found, err := r.Recount(ctx, id, uuid.NewString())
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		verdict := "the counts were right"
		if found.Differs || found.Mended > 0 {
			verdict = fmt.Sprintf("the counts were wrong and are mended; %d users were not counted as they are", found.Mended)
		}
		fmt.Fprintf(out, "%s: %d users, %s\n", id, found.Users, verdict)
	}
	return nil
}

// settling waits for a time.
func settling(long time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		timer := time.NewTimer(long)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
