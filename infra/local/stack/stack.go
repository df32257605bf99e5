// Package stack assembles the local stack: what template.yaml describes, run with the real binaries on this machine.
// `make run` uses it, and so do the tests that tell a whole story. It owns no behaviour of AWS itself; each part of
// that has a package beside this one. It may not be imported by anything that is deployed.
package stack

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/eventbridge"
	"twofold/infra/local/kms"
	"twofold/infra/local/lambda"
	"twofold/infra/local/receiver"
	"twofold/infra/local/schedule"
	"twofold/infra/local/ses"
	"twofold/infra/local/sms"
	"twofold/infra/local/sqs"
	"twofold/infra/local/stream"
	"twofold/infra/local/template"
	"twofold/infra/local/topic"
)

const (
	region = "eu-west-1"
	// Sender is the address that the stack's mail comes from, the only one that its SES accepts.
	Sender = "no-reply@twofold.test"
	// Administrator is the address of the system administrator whose key the bootstrap makes.
	Administrator = "root@twofold.test"
)

// Options says what is started, and where. The zero value of each field but Root is usable.
type Options struct {
	Root       string            // the repository
	Template   string            // file; empty: template.yaml in Root
	Bootstrap  string            // folder of the command that makes the first key, relative to Root; empty runs none
	BinDir     string            // of the binaries; empty: .build in Root
	Build      bool              // compile before starting; otherwise BinDir must have been filled
	DataDir    string            // what outlives a run; must be set unless InMemory
	InMemory   bool              // nothing outlives the run but what DataDir holds besides: the keys file
	DynamoDB   string            // endpoint of a running DynamoDB Local; empty starts one
	TableName  string            // empty: "twofold"
	APIAddr    string            // host:port; empty takes a free port on 127.0.0.1
	MailAddr   string            // the same, for the mailbox page and SES
	Logs       io.Writer         // functions' and emulators' output, whole lines; nil discards it
	LogAccess  bool              // a line in Logs for each request that was answered
	Parameters map[string]string // of the template, where the test wants others
	Unread     []string          // functions for which nobody reads the stream
	Now        func() time.Time  // of the emulators; the functions are processes with clocks of their own
}

// Stack is a running stack. Its fields do not change. Stop it.
type Stack struct {
	APIURL    string // "http://127.0.0.1:8787", without a trailing slash
	MailURL   string // of the mailbox page; the same server is SES
	SMSURL    string // of the SMS service, and of what numbers do: POST /numbers
	BusURL    string // of EventBridge, and of what goes wrong there: POST /faults
	HooksURL  string // of everybody's webhooks, and of what they answer: POST /answers
	TableName string
	Issuer    string // the `iss` of assertions
	KeysFile  string // where the bootstrap put the first key; empty where none was run
	DynamoDB  *dynamodbapi.Client
	Streams   map[string]*stream.Poller // by function: "mailer"
	SES       *ses.SES
	SMS       *sms.SMS                 // what it accepts lies in the mailbox, under the number
	Bus       *eventbridge.EventBridge // the vendor's
	Receiver  *receiver.Receiver       // everybody who has a webhook
	KMS       *kms.KMS
	SQS       *sqs.SQS

	endpoint  string // of DynamoDB and its streams
	guarded   string // of DynamoDB for functions
	kmsURL    string
	sqsURL    string
	file      *template.Template
	pools     map[string]*lambda.Pool
	schedules map[string]*schedule.Timer // by function and event: "projector Tick"
	topics    map[string][]*topic.Topic  // subscriptions, by the topic's logical id: "DeliveryEvents"
	queues    []string                   // that functions read
	failures  stream.Failures
	logs      *logWriter
	done      chan struct{} // closed when something that is needed has ended by itself
	ended     sync.Once

	mu      sync.Mutex
	closers []func() error // run in reverse order by Stop
}

// Start starts everything and returns when the API can be called. The stack lives until Stop, or as long as this
// process; ctx bounds the start only. After an error nothing is left running.
func Start(ctx context.Context, o Options) (s *Stack, err error) {
	if o, err = o.complete(); err != nil {
		return nil, err
	}
	s = &Stack{
		TableName: o.TableName, Streams: map[string]*stream.Poller{}, pools: map[string]*lambda.Pool{},
		schedules: map[string]*schedule.Timer{}, topics: map[string][]*topic.Topic{},
		logs: &logWriter{to: o.Logs}, done: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			s.Stop()
			s = nil
		}
	}()
	if err := s.startEmulators(ctx, o); err != nil {
		return s, err
	}
	functions, err := s.prepare(ctx, o)
	if err != nil {
		return s, err
	}
	// Before anything can invoke a function: without keysets none of them starts.
	if err := s.bootstrap(ctx, o); err != nil {
		return s, err
	}
	if err := s.startStreams(ctx, o, functions); err != nil {
		return s, err
	}
	s.startSchedules(o, functions)
	s.startQueues(functions)
	s.startTopics(o, functions)
	return s, s.startAPI(o, functions)
}

// complete fills in what may be left empty.
func (o Options) complete() (Options, error) {
	if o.Root == "" || o.DataDir == "" && !o.InMemory {
		return o, errors.New("stack: Root, and DataDir or InMemory, must be given")
	}
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&o.Template, filepath.Join(o.Root, "template.yaml"))
	set(&o.BinDir, filepath.Join(o.Root, ".build"))
	set(&o.TableName, "twofold")
	set(&o.APIAddr, "127.0.0.1:0")
	set(&o.MailAddr, "127.0.0.1:0")
	if o.Logs == nil {
		o.Logs = io.Discard
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	var err error
	if o.BinDir, err = filepath.Abs(o.BinDir); err == nil && o.DataDir != "" {
		o.DataDir, err = filepath.Abs(o.DataDir)
	}
	return o, err
}

// Done is closed when a part that the stack cannot do without has ended by itself.
func (s *Stack) Done() <-chan struct{} { return s.done }

// fail closes Done.
func (s *Stack) fail() { s.ended.Do(func() { close(s.done) }) }

// onStop registers what Stop is to do, before everything that was registered earlier.
func (s *Stack) onStop(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, f)
}

// Stop ends everything, last things first, and returns when nothing is left running. It may be called twice.
func (s *Stack) Stop() {
	s.mu.Lock()
	closers := s.closers
	s.closers = nil
	s.mu.Unlock()
	for i := len(closers) - 1; i >= 0; i-- {
		if err := closers[i](); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.log().Warn("stopping", "error", err)
		}
	}
}

// Mailbox returns what the address received, oldest first; everything for an empty address.
func (s *Stack) Mailbox(to string) []ses.Message { return s.SES.Messages(to) }

// StreamFailures lists the records that the streams' readers gave up, oldest first.
func (s *Stack) StreamFailures() []stream.Failure { return s.failures.List() }

// Queue returns the bodies of the messages in a queue, by the template's name of it ("MailerFailures.Arn"): what the streams' readers
// gave up first, each kind oldest first.
func (s *Stack) Queue(destination string) []string {
	return append(s.failures.Queue(destination), s.SQS.Messages(strings.TrimSuffix(destination, ".Arn"))...)
}

// Logs is everything that functions and emulators have printed so far. Only stacks of ForTest keep that.
func (s *Stack) Logs() string {
	if kept, ok := s.logs.to.(*buffer); ok {
		return kept.String()
	}
	return ""
}

// Settle waits until the streams' readers have dealt with everything that was in the stream at the call, see
// stream.Poller.Settle, and then until the topics' subscribers have dealt with what was published.
func (s *Stack) Settle(ctx context.Context) error {
	for _, p := range s.Streams {
		if err := p.Settle(ctx); err != nil {
			return err
		}
	}
	for _, subscriptions := range s.topics {
		for _, t := range subscriptions {
			if err := t.Settle(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Environment is what a program needs to reach the stack's AWS services with the SDK's default configuration.
func (s *Stack) Environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": s.endpoint, "AWS_ENDPOINT_URL_KMS": s.kmsURL,
		"AWS_ENDPOINT_URL_SESV2": s.MailURL, "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": s.SMSURL, "AWS_ENDPOINT_URL_SQS": s.sqsURL, "AWS_REGION": region,
		"AWS_ENDPOINT_URL_EVENTBRIDGE": s.BusURL, "AWS_ENDPOINT_URL_WEBHOOKS": s.HooksURL, // the latter is no service's: pkg/outbound
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
	}
}

func (s *Stack) log() *slog.Logger { return slog.New(slog.NewJSONHandler(s.logs.named("stack"), nil)) }
