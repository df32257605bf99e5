// Package sms delivers text messages through AWS End User Messaging SMS, whose API is "Pinpoint SMS Voice V2". It decides
// neither whether a message may go nor to whom, writes no text, counts nothing and does not log. No number stands in its errors.
package sms

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2/types"

	"twofold/pkg/mail"
	"twofold/pkg/user"
)

// Client is the part of *pinpointsmsvoicev2.Client that this package calls. The service sends the same message twice, so a call may
// not be repeated once it may have arrived.
type Client interface {
	SendTextMessage(context.Context, *pinpointsmsvoicev2.SendTextMessageInput, ...func(*pinpointsmsvoicev2.Options)) (*pinpointsmsvoicev2.SendTextMessageOutput, error)
}

// Line is what messages are sent from, and under which terms.
type Line struct {
	Origination      string // ARN of a pool, a phone number or a sender ID; empty: nothing is sent, and every message is refused, whatever it comes From
	ConfigurationSet string // of the service's events; may be empty
	MaxPrice         string // of one message, in US dollars, such as "0.20": what is dearer is refused
}

// What the service gives back with each of its events of a message, and shows to nobody else.
const (
	kindContext     = "kind"
	deliveryContext = "delivery" // a delivery.ID
)

// Sender implements mail.Texter; safe for use by several goroutines at once.
type Sender struct {
	client  Client
	line    Line
	retryer aws.Retryer
}

// Open makes a sender with a client of its own. endpoint is where the service is, nil on AWS.
func Open(cfg aws.Config, endpoint *string, line Line) *Sender {
	return New(pinpointsmsvoicev2.NewFromConfig(cfg, func(o *pinpointsmsvoicev2.Options) { o.BaseEndpoint = endpoint }), line)
}

// New makes a sender.
func New(client Client, line Line) *Sender {
	return &Sender{client: client, line: line, retryer: retry.NewStandard(onlyThrottling)}
}

// onlyThrottling narrows the SDK's retries to what the service surely did not take: a lost reply or a 500 may follow a message that
// has gone out, and whether it goes out again, and is paid again, is for the caller to say.
func onlyThrottling(o *retry.StandardOptions) {
	o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
}

// Text gives the message to the service, once. mail.ErrRejected and mail.ErrOptedOut mean that the service did not take it and will not;
// after any other error it may be tried again, and may, if the reply was lost, have gone out already. nil means that the service accepted it:
// what carriers make of it comes back by its events.
func (s *Sender) Text(ctx context.Context, t mail.Text) error {
	if s.line.Origination == "" {
		return fmt.Errorf("sms: no origination identity is set up: %w", mail.ErrRejected)
	}
	_, err := s.client.SendTextMessage(ctx, s.input(t), func(o *pinpointsmsvoicev2.Options) { o.Retryer = s.retryer })
	if err != nil {
		return classify(err)
	}
	return nil
}

func (s *Sender) input(t mail.Text) *pinpointsmsvoicev2.SendTextMessageInput {
	in := &pinpointsmsvoicev2.SendTextMessageInput{
		DestinationPhoneNumber: &t.To, MessageBody: &t.Body, MessageType: types.MessageTypeTransactional,
		OriginationIdentity: aws.String(cmp.Or(t.From, s.line.Origination)), MaxPrice: &s.line.MaxPrice,
		TimeToLive: aws.Int32(int32(user.CodeLife.Seconds())), // later the code is void
		Context:    map[string]string{kindContext: t.Tag, deliveryContext: t.Of},
	}
	if s.line.ConfigurationSet != "" {
		in.ConfigurationSetName = &s.line.ConfigurationSet
	}
	return in
}
