package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/eventbridge"
	"twofold/infra/local/kms"
	"twofold/infra/local/receiver"
	"twofold/infra/local/ses"
	"twofold/infra/local/sms"
	"twofold/infra/local/sqs"
	"twofold/infra/local/template"
)

// startEmulators starts the services that the functions call, reads the template and makes its table.
func (s *Stack) startEmulators(ctx context.Context, o Options) error {
	if err := s.lock(o); err != nil {
		return err
	}
	if err := s.startDynamoDB(ctx, o); err != nil {
		return err
	}
	keyFile := ""
	if !o.InMemory {
		keyFile = filepath.Join(o.DataDir, "kms.json")
	}
	var err error
	if s.KMS, err = kms.New(keyFile, region); err != nil {
		return err
	}
	s.SES = ses.New(Sender, o.Now)
	s.SMS = sms.New(origination, func(m sms.Message) {
		s.SES.Receive(ses.Message{ID: m.ID, To: m.To, From: m.From, Subject: "SMS", Text: m.Body, Tags: m.Context})
	})
	for _, own := range Originations {
		s.SMS.Define(own, map[string]string{"twofold-table": s.TableName})
	}
	s.startReceivers(o)
	values := template.Values{
		"AWS::Region": region, "AWS::AccountId": account, "AWS::StackName": "local",
		"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com", "SenderAddress": Sender, "SmsOrigination": origination, "TextConfigurationSet": textSet, "EventBus": buses + bus,
		dynamodb.TableID: s.TableName, dynamodb.TableID + ".Arn": tables + s.TableName, "Key.Arn": s.KMS.ARN(),
		"MailerRetries": sqs.URL(region, account, "MailerRetries"), "MailerFailures": sqs.URL(region, account, "MailerFailures"),
		"OutgoingCalls": sqs.URL(region, account, "OutgoingCalls"), "ProjectorFailures": sqs.URL(region, account, "ProjectorFailures"),
		"MailConfigurationSet": mailSet,
		"PublicAddress":        "https://" + o.APIAddr, // as RFC 8058 wants it, though nobody speaks TLS there
	}
	maps.Copy(values, o.Parameters)
	if s.file, err = template.Load(o.Template, values); err != nil {
		return err
	}
	queues, err := s.file.Queues()
	if err != nil {
		return err
	}
	s.SQS = sqs.New(queues, o.Now)
	if err := s.guard(o); err != nil {
		return err
	}
	table, err := s.file.Table(dynamodb.TableID)
	if err != nil {
		return err
	}
	return dynamodb.CreateTable(ctx, s.DynamoDB, table, s.TableName)
}

// startReceivers makes who gets events, with a place on the mailbox page.
func (s *Stack) startReceivers(o Options) {
	s.Bus, s.Receiver = eventbridge.New(bus, o.Now), receiver.New(o.Now)
	s.SES.Beside("Webhooks", func() []ses.Sent {
		var all []ses.Sent
		for _, p := range s.Receiver.Posts("") {
			all = append(all, ses.Sent{What: p.Kind(), To: p.URL, Answer: p.Answer, Text: p.Shown(), At: p.ReceivedAt})
		}
		return all
	})
	s.SES.Beside("Event bus", func() []ses.Sent {
		var all []ses.Sent
		for _, e := range s.Bus.Events() {
			all = append(all, ses.Sent{What: e.Type, To: bus, Text: e.Detail, At: e.ReceivedAt})
		}
		return all
	})
}

// lock keeps a second stack out of the same data.
func (s *Stack) lock(o Options) error {
	if o.DataDir == "" {
		return nil
	}
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(o.DataDir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("stack: another local stack uses %s", o.DataDir), file.Close())
	}
	s.onStop(file.Close) // the end of the process lets go of the lock too
	return nil
}

func (s *Stack) startDynamoDB(ctx context.Context, o Options) error {
	s.endpoint = o.DynamoDB
	if s.endpoint == "" {
		options := dynamodb.Options{Logs: s.logs.named("dynamodb")}
		if !o.InMemory {
			options.Dir = filepath.Join(o.DataDir, "dynamodb")
		}
		server, err := dynamodb.Start(ctx, options)
		if err != nil {
			return err
		}
		s.onStop(func() error { server.Stop(); return nil })
		go func() { <-server.Done(); s.fail() }()
		s.endpoint = server.Endpoint()
	} else if o.InMemory {
		s.onStop(s.dropTable) // the server is somebody else's and goes on
	}
	s.DynamoDB = dynamodb.Client(s.endpoint)
	return nil
}

func (s *Stack) dropTable() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := s.DynamoDB.DeleteTable(ctx, &dynamodbapi.DeleteTableInput{TableName: &s.TableName})
	return err
}

// serve starts a server and returns its address as a URL.
func (s *Stack) serve(addr string, handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	s.serveOn(listener, handler)
	return "http://" + listener.Addr().String(), nil
}

func (s *Stack) serveOn(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_ = server.Serve(listener)
		s.fail()
	}()
	s.onStop(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(ctx) == nil {
			return nil
		}
		return server.Close() // whoever is still connected has had time enough
	})
}
