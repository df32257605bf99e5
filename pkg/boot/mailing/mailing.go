// Package mailing puts the workflow of mail together with what it sends through: SES, AWS End User Messaging, and the queue of what failed
// for now. The environment of template.yaml says which.
package mailing

import (
	"math/rand/v2"
	"os"
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/mail"
	"twofold/pkg/seal"
	"twofold/pkg/ses"
	"twofold/pkg/sms"
	"twofold/pkg/sqs"
)

// Open makes the service of a function that sends, and the queue that it reads.
func Open(f *boot.Function, store mail.Store, codes, contacts *seal.Ring) (*mail.Service, *sqs.Queue) {
	queue := sqs.Open(f.AWS, boot.Endpoint("sqs"), sqs.Queues{Later: f.Env("RETRIES_URL"), Kept: f.Env("FAILURES_URL")})
	return &mail.Service{
		Store: store, Codes: codes, Contacts: contacts, Queue: queue, Now: time.Now, Jitter: rand.Float64,
		Sender: ses.Open(f.AWS, boot.Endpoint("sesv2"), f.Env("MAIL_FROM"), f.Env("MAIL_CONFIGURATION_SET")),
		Texts: sms.Open(f.AWS, boot.Endpoint("pinpoint_sms_voice_v2"), sms.Line{
			Origination: os.Getenv("SMS_ORIGINATION"), ConfigurationSet: os.Getenv("SMS_CONFIGURATION_SET"), MaxPrice: f.Env("SMS_MAX_PRICE"),
		}),
		Budgets: mail.Budgets{Prefix: f.Number("SMS_PER_PREFIX"), OrganizationPrefix: f.Number("SMS_PER_PREFIX_AND_ORGANIZATION")},
		Limits:  mail.Limits{Organization: f.Number("MAIL_PER_ORGANIZATION")},
		FellBack: func(organization, why string) {
			f.Log.Warn("the system's sender stands in", "organization", organization, "why", why)
		},
		Unsent: func(organization, why string) {
			f.Log.Warn("a message was not sent", "organization", organization, "why", why)
		},
		Postponed: func(o mail.Order, why error) {
			f.Log.Warn("an order is to be tried again", "kind", string(o.Kind), "organization", o.Organization, "cause", why.Error())
		},
	}, queue
}
