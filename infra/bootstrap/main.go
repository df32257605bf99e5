// Command bootstrap prepares a new installation, once, with the operator's own
// AWS credentials: it makes the keysets and the first system administrator's
// key, whose text goes to the file that -out names and nowhere else.
//
//	go run ./infra/bootstrap -table twofold -kms-key arn:aws:kms:… -out keys.json -email root@example.org
//
// It is safe to run again. The usual variables of the AWS SDK apply (profile,
// region, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL_DYNAMODB). The credentials need
// kms:Encrypt on the key, and GetItem, BatchGetItem, PutItem and UpdateItem on the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"twofold/infra/bootstrap/installation"
	"twofold/pkg/dynamo"
	"twofold/pkg/user"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bootstrap:", err)
		os.Exit(1)
	}
}

// request is what the flags ask for.
type request struct {
	table, keyARN, file string
	who                 installation.Administrator
}

func parse(arguments []string, usage io.Writer) (request, error) {
	var r request
	flags := flag.NewFlagSet("bootstrap", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&r.table, "table", "", "name of the DynamoDB `table`")
	flags.StringVar(&r.keyARN, "kms-key", "", "`ARN` of the KMS key that wraps the keysets")
	flags.StringVar(&r.file, "out", "", "`file` for the first key; it is never overwritten")
	flags.StringVar(&r.who.Email, "email", "", "the system administrator's `address`, which step-up codes go to")
	flags.StringVar(&r.who.Name, "name", "System administrator", "the system administrator's `name`")
	if err := flags.Parse(arguments); err != nil {
		return request{}, err
	}
	if flags.NArg() > 0 {
		return request{}, errors.New("there are arguments that belong to no flag")
	}
	if r.table == "" || r.file == "" || strings.TrimSpace(r.who.Name) == "" {
		return request{}, errors.New("-table, -out and -name may not be empty")
	}
	if !strings.HasPrefix(r.keyARN, "arn:") || !strings.Contains(r.keyARN, ":key/") {
		return request{}, errors.New("-kms-key must be the ARN of a key, not an alias or an id")
	}
	address, ok := user.Address(r.who.Email)
	if !ok {
		return request{}, errors.New("-email must be one bare address")
	}
	r.who.Email = address
	return r, nil
}

func run(ctx context.Context, arguments []string, report, usage io.Writer) error {
	r, err := parse(arguments, usage)
	if err != nil {
		return err
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("reading the AWS configuration: %w", err)
	}
	i := installation.Installation{
		Store:  dynamo.Open(aws, nil, r.table),
		Marker: installation.MarkerItem{Client: dynamodb.NewFromConfig(aws), Table: r.table},
		KMS:    kms.NewFromConfig(aws),
		KeyARN: r.keyARN, Now: time.Now, Report: report,
	}
	return i.Run(ctx, r.who, r.file)
}
