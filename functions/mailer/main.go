// Command mailer is the function that sends what writes to the table have ordered, which it reads from the stream, and carries
// announcements on at every tick of a schedule. A topic tells it what became of mails and SMS.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
	"twofold/pkg/seal"
	"twofold/pkg/ses"
	"twofold/pkg/sms"
	"twofold/pkg/sns"
)

func main() {
	f := boot.Start("mailer")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Codes, seal.Contacts)
	f.Must(err)
	service := &mail.Service{
		Store: store, Sender: ses.Open(f.AWS, boot.Endpoint("sesv2"), f.Env("MAIL_FROM"), f.Env("MAIL_CONFIGURATION_SET")),
		Codes: rings[seal.Codes], Contacts: rings[seal.Contacts], Now: time.Now,
		Texts: sms.Open(f.AWS, boot.Endpoint("pinpoint_sms_voice_v2"), sms.Line{
			Origination: os.Getenv("SMS_ORIGINATION"), ConfigurationSet: os.Getenv("SMS_CONFIGURATION_SET"), MaxPrice: f.Env("SMS_MAX_PRICE"),
		}),
		Budgets: mail.Budgets{Prefix: f.Number("SMS_PER_PREFIX"), OrganizationPrefix: f.Number("SMS_PER_PREFIX_AND_ORGANIZATION")},
		FellBack: func(organization, why string) {
			f.Log.Warn("the system's sender stands in", "organization", organization, "why", why)
		},
	}
	service.Unsent = func(organization, why string) {
		f.Log.Warn("an SMS was not sent", "organization", organization, "why", why)
	}
	announcer := &mail.Announcer{Mail: service, Store: store}
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.EachRecord(f.Log, dynamo.OrderOf, service.Deliver)),
		Topic:  lambda.NewHandler(sns.Each(f.Log, ses.Hearing(service.Hear), sms.Hearing(service.Hear))),
		Tick:   announcer.Tick,
	})
}
