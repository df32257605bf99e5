// Package ses delivers mail through Amazon SES, API version 2. It decides
// neither whether a mail may go nor to whom, writes no text, counts nothing and
// does not log. No address stands in its errors.
package ses

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"twofold/pkg/mail"
)

// Client is the part of *sesv2.Client that this package calls. SES accepts the
// same message twice, so a call may not be repeated once it may have arrived.
type Client interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Sender implements mail.Sender; safe for use by several goroutines at once.
type Sender struct {
	client  Client
	from    string
	retryer aws.Retryer
}

// Open makes a sender with a client of its own. endpoint is where SES is, nil on AWS.
func Open(cfg aws.Config, endpoint *string, from string) *Sender {
	return New(sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.BaseEndpoint = endpoint }), from)
}

// New makes a sender. from is a verified identity of SES, with or without a
// display name; while it is no address at all, every Send fails as transient,
// since that is the operator's to mend and no message's fault.
func New(client Client, from string) *Sender {
	return &Sender{client: client, from: from, retryer: retry.NewStandard(onlyThrottling)}
}

// onlyThrottling narrows the SDK's retries to what SES surely did not take. A
// lost reply or a 500 may follow a mail that has gone out: whether it goes out
// again is for the caller to say.
func onlyThrottling(o *retry.StandardOptions) {
	o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
}

// Send gives the message to SES, once. mail.ErrRejected means that SES did not
// take it and never will; after any other error the message may be tried again,
// and may, if the reply was lost, have gone out already. nil means that SES
// accepted it: bounces and suppressed recipients come back by its events. mail.ErrSender
// means that SES did not take it from the sender that the message names.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	if err := check(m); err != nil {
		return err
	}
	if _, err := netmail.ParseAddress(s.from); err != nil {
		return errors.New("ses: the sender's own address is not one")
	}
	_, err := s.client.SendEmail(ctx, s.input(m), func(o *sesv2.Options) { o.Retryer = s.retryer })
	switch {
	case err == nil:
		return nil
	case m.From.Address != "":
		return classifyOwn(err)
	}
	return classify(err)
}

func (s *Sender) input(m mail.Message) *sesv2.SendEmailInput {
	body := &types.Body{Text: content(m.Text)}
	if m.HTML != "" {
		body.Html = content(m.HTML)
	}
	from := s.from
	if m.From.Address != "" {
		from = (&netmail.Address{Name: m.From.Name, Address: m.From.Address}).String() // quoted or encoded as RFC 5322 and 2047 want
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: &from,
		Destination:      &types.Destination{ToAddresses: []string{m.To}},
		Content:          &types.EmailContent{Simple: &types.Message{Subject: content(m.Subject), Body: body}},
	}
	if m.Tag != "" {
		in.EmailTags = []types.MessageTag{{Name: aws.String("kind"), Value: &m.Tag}}
	}
	return in
}

func content(text string) *types.Content {
	return &types.Content{Data: &text, Charset: aws.String("UTF-8")}
}

func rejected(why string) error { return fmt.Errorf("ses: %s: %w", why, mail.ErrRejected) }
