package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/build"
	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

// bench is everything that the starts need.
type bench struct {
	folder    string
	hello     string // binary
	functions []function
	share     *share // nil where this machine has none
	closers   []func()
}

// function is one function, built in several ways.
type function struct {
	name        string
	binaries    map[variant]string
	environment []string
	payload     []byte
}

// variant is a way of building a function.
type variant string

const (
	ours     variant = "bin"
	defaults variant = "defaults" // with the SDK's default configuration and connections
	lazy     variant = "lazy"     // the same, and nothing is done before the first invocation
)

// overlays are the files of pkg/boot that testdata replaces in a variant.
var overlays = map[variant]map[string]string{
	defaults: {"aws.go": "defaults/aws.go"},
	lazy:     {"aws.go": "defaults/aws.go", "serve.go": "lazy/serve.go"},
}

func prepare(ctx context.Context) (*bench, error) {
	b := &bench{}
	if err := b.prepare(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	for _, f := range slices.Backward(b.closers) {
		f()
	}
}

func (b *bench) onClose(f func()) { b.closers = append(b.closers, f) }

func (b *bench) prepare(ctx context.Context) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "twofold-bench-start-*"); err != nil {
		return err
	}
	b.onClose(func() { _ = os.RemoveAll(b.folder) })
	if b.share, err = newShare(); err == nil {
		b.onClose(b.share.close)
	} else if !errors.Is(err, errNoShare) {
		return err
	}
	fmt.Fprintln(os.Stderr, "building and starting the local stack …")
	s, err := stack.Start(ctx, stack.Options{
		Root: root, Bootstrap: "infra/bootstrap", BinDir: filepath.Join(b.folder, "bin"), Build: true, InMemory: true,
		DataDir: filepath.Join(b.folder, "data"),
	})
	if err != nil {
		return err
	}
	b.onClose(s.Stop)
	if b.functions, err = b.describe(ctx, root, s); err != nil {
		return err
	}
	if err := warm(ctx, s); err != nil {
		return err
	}
	return b.build(ctx, root)
}

// describe says how each function is started, and with what it is invoked.
func (b *bench) describe(ctx context.Context, root string, s *stack.Stack) ([]function, error) {
	environment, err := b.secured(s)
	if err != nil {
		return nil, err
	}
	file, err := template.Load(filepath.Join(root, "template.yaml"), template.Values{
		"AWS::Region": environment["AWS_REGION"], "AWS::AccountId": "000000000000", "AWS::StackName": "bench",
		"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
		"SenderAddress": stack.Sender, "Api": "bench", "Table": s.TableName, "Key.Arn": s.KMS.ARN(), "MailConfigurationSet": "local",
		"MailerRetries": "retries", "MailerFailures": "failures", "OutgoingCalls": "calls", "ProjectorFailures": "failed",
	})
	if err != nil {
		return nil, err
	}
	described, err := file.Functions()
	if err != nil {
		return nil, err
	}
	payloads, err := payloads(ctx, s)
	if err != nil {
		return nil, err
	}
	var list []function
	for _, d := range described {
		f := function{name: d.Name, payload: payloads[d.Name], binaries: map[variant]string{}}
		for _, v := range []variant{ours, defaults, lazy} {
			f.binaries[v] = filepath.Join(b.folder, string(v), d.Name, d.Handler)
		}
		own := maps.Clone(environment)
		maps.Copy(own, d.Environment)
		for name, value := range own {
			f.environment = append(f.environment, name+"="+value)
		}
		if f.payload == nil {
			return nil, fmt.Errorf("there is no invocation to measure %s with", d.Name)
		}
		list = append(list, f)
	}
	return list, nil
}

// environmentOf is what a variant of the function is started with. How the collector is set is a choice of ours, which
// nobody makes by default.
func (f function) environmentOf(v variant) []string {
	if v == ours {
		return f.environment
	}
	return slices.DeleteFunc(slices.Clone(f.environment), func(s string) bool { return strings.HasPrefix(s, "GOGC=") })
}

// secured is the environment of a function that reaches DynamoDB, KMS and SES over TLS.
func (b *bench) secured(s *stack.Stack) (map[string]string, error) {
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	roots := filepath.Join(b.folder, "roots.pem")
	if err := a.bundle(roots); err != nil {
		return nil, err
	}
	environment := s.Environment()
	environment["SSL_CERT_FILE"], environment["SSL_CERT_DIR"] = roots, b.folder+"/none"
	environment["AWS_EC2_METADATA_DISABLED"], environment["PATH"] = "true", os.Getenv("PATH")
	for _, service := range []string{"DYNAMODB", "KMS", "SESV2"} {
		server := &http.Server{}
		b.onClose(func() { _ = server.Close() })
		name := "AWS_ENDPOINT_URL_" + service
		if environment[name], err = a.front(environment[name], server); err != nil {
			return nil, err
		}
	}
	return environment, nil
}

// build compiles hello, and the variants of each function; the stack has compiled the functions as they are.
func (b *bench) build(ctx context.Context, root string) error {
	b.hello = filepath.Join(b.folder, "hello", "bootstrap")
	if err := build.Function(ctx, root, testdata+"hello", b.hello); err != nil {
		return err
	}
	for v, files := range overlays {
		overlay, err := b.overlay(root, v, files)
		if err != nil {
			return err
		}
		for _, f := range b.functions {
			if err := build.Function(ctx, root, "functions/"+f.name, f.binaries[v], "-overlay", overlay); err != nil {
				return err
			}
		}
	}
	return nil
}

const testdata = "infra/local/bench/start/testdata/"

// overlay writes the file that tells the compiler what to read instead of what.
func (b *bench) overlay(root string, v variant, files map[string]string) (string, error) {
	var replace struct{ Replace map[string]string }
	replace.Replace = map[string]string{}
	for file, by := range files {
		real := filepath.Join(root, "pkg/boot", file)
		if _, err := os.Stat(real); err != nil {
			return "", fmt.Errorf("the overlay would replace nothing: %w", err)
		}
		replace.Replace[real] = filepath.Join(root, testdata, by)
	}
	text, err := json.Marshal(replace)
	if err != nil {
		return "", err
	}
	path := filepath.Join(b.folder, string(v)+".json")
	return path, os.WriteFile(path, text, 0o644)
}

// warm calls DynamoDB Local until Java has compiled what it runs: the real one is never cold.
func warm(ctx context.Context, s *stack.Stack) error {
	missing := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "none"}, "sk": &types.AttributeValueMemberS{Value: "none"},
	}
	for range 3000 {
		_, err := s.DynamoDB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			s.TableName: {Keys: []map[string]types.AttributeValue{missing}, ConsistentRead: aws.Bool(true)},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
