package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"twofold/infra/local/stack"
	"twofold/infra/local/template"
	"twofold/pkg/dynamo"
	"twofold/pkg/seal"
)

const localRounds = 5

// localSize is smaller: the clock of real functions cannot be moved, so each person answers once.
var localSize = size{many: 200, one: 60, warm: 1}

// throughStack measures logins and right answers over HTTP to a stack with the real binaries, on a table of its own in
// the same server, in turns with the bare calls on the bench's table.
func (b *bench) throughStack(ctx context.Context, endpoint string, rounds limit) ([]series, error) {
	root, err := template.Root()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "twofold-bench-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	logs := &bytes.Buffer{} // the stack writes whole lines, one at a time
	s, err := stack.Start(ctx, stack.Options{
		Root: root, Bootstrap: "infra/bootstrap", Build: true, InMemory: true, DataDir: folder, DynamoDB: endpoint,
		TableName: "bench-local", Logs: logs,
	})
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, logs)
	}
	inhabitants, err := townOf(ctx, s)
	if err != nil {
		s.Stop()
		return nil, err
	}
	v := visitor{
		client: &http.Client{Timeout: longestPhase, Transport: &http.Transport{MaxIdleConnsPerHost: many}},
		url:    s.APIURL, key: inhabitants.key,
	}
	all, err := b.visits(ctx, s, v, inhabitants, rounds)
	s.Stop()
	if err != nil {
		return nil, fmt.Errorf("infra/local: %w\n%s", err, logs) // nobody writes to them any more
	}
	return all, nil
}

// townOf is the stack's table as a place to write people to, with the keys that the stack's functions have.
func townOf(ctx context.Context, s *stack.Stack) (*town, error) {
	store := dynamo.New(s.DynamoDB, s.TableName)
	var names []string
	for _, p := range seal.Purposes() {
		names = append(names, string(p))
	}
	wrapped, err := store.Keysets(ctx, names...)
	if err != nil {
		return nil, err
	}
	client := kms.NewFromConfig(aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(s.Environment()["AWS_ENDPOINT_URL_KMS"]),
	})
	t := &town{store: store, rings: map[seal.Purpose]*seal.Ring{}, now: time.Now}
	for _, p := range seal.Purposes() {
		raw, err := seal.Unwrap(ctx, client, s.KMS.ARN(), p, wrapped[string(p)])
		if err != nil {
			return nil, err
		}
		if t.rings[p], err = seal.Load(p, raw); err != nil {
			return nil, err
		}
	}
	return t, t.settle(ctx)
}
