// Package ses delivers mail through Amazon SES, API version 2, and reads what SES tells of it later. It decides
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

// Client is the part of *sesv2.Client that this package sends with. SES accepts the
// same message twice, so a call may not be repeated once it may have arrived.
type Client interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
	SendBulkEmail(context.Context, *sesv2.SendBulkEmailInput, ...func(*sesv2.Options)) (*sesv2.SendBulkEmailOutput, error)
}

// Sender implements mail.Sender and mail.BulkSender; safe for use by several goroutines at once.
type Sender struct {
	client  Client
	from    string
	set     *string
	retryer aws.Retryer
}

// Open makes a sender with a client of its own. endpoint is where SES is, nil on AWS.
func Open(cfg aws.Config, endpoint *string, from, configurationSet string) *Sender {
	return New(sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.BaseEndpoint = endpoint }), from, configurationSet)
}

// New makes a sender. from is a verified identity of SES, with or without a
// display name; while it is no address at all, every Send fails as transient,
// since that is the operator's to mend and no message's fault. The configuration set says where SES tells what became of a
// mail; empty: nowhere.
func New(client Client, from, configurationSet string) *Sender {
	s := &Sender{client: client, from: from, retryer: retry.NewStandard(onlyThrottling)}
	if configurationSet != "" {
		s.set = &configurationSet
	}
	return s
}

// onlyThrottling narrows the SDK's retries to what SES surely did not take. A
// lost reply or a 500 may follow a mail that has gone out: whether it goes out
// again is for the caller to say. There are two retries, after a random part of one and of two seconds, so that instances
// that were throttled together do not come back together.
func onlyThrottling(o *retry.StandardOptions) {
	o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
}

var errFrom = errors.New("ses: the sender's own address is not one")

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
		return errFrom
	}
	_, err := s.client.SendEmail(ctx, s.input(m), s.options)
	return classifyFor(m, err)
}

func (s *Sender) options(o *sesv2.Options) { o.Retryer = s.retryer }

func classifyFor(m mail.Message, err error) error {
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
	return &sesv2.SendEmailInput{
		FromEmailAddress:     s.fromOf(m),
		ConfigurationSetName: s.set,
		Destination:          &types.Destination{ToAddresses: []string{m.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(m.Subject), Body: body, Headers: headers(m), Attachments: attachments(m.Logo),
		}},
		EmailTags: tags(m),
	}
}

// fromOf writes who a mail comes from: quoted or encoded as RFC 5322 and 2047 want.
func (s *Sender) fromOf(m mail.Message) *string {
	if m.From.Address == "" {
		return &s.from
	}
	return aws.String((&netmail.Address{Name: m.From.Name, Address: m.From.Address}).String())
}

// headers let a mail program offer an end to mails of this kind with one click, RFC 8058 §3.1. SES signs them with the rest.
func headers(m mail.Message) []types.MessageHeader {
	if m.Unsubscribe == "" {
		return nil
	}
	return []types.MessageHeader{
		{Name: aws.String("List-Unsubscribe"), Value: aws.String("<" + m.Unsubscribe + ">")},
		{Name: aws.String("List-Unsubscribe-Post"), Value: aws.String("List-Unsubscribe=One-Click")},
	}
}

// pictures are the types that a logo may have, with the ending of its file's name.
var pictures = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}

// attachments carry the logo with the mail, so that nothing is fetched from anywhere: the HTML names it "cid:logo".
func attachments(logo *mail.Image) []types.Attachment {
	if logo == nil {
		return nil
	}
	return []types.Attachment{{
		FileName: aws.String("logo" + pictures[logo.Type]), ContentType: &logo.Type, ContentId: aws.String("logo"),
		ContentDisposition: types.AttachmentContentDispositionInline, RawContent: logo.Data,
	}}
}

func content(text string) *types.Content {
	return &types.Content{Data: &text, Charset: aws.String("UTF-8")}
}

func rejected(why string) error { return fmt.Errorf("ses: %s: %w", why, mail.ErrRejected) }
