// Command mailer is the function that sends what writes to the table have ordered, which it reads from the stream, and carries
// announcements on at every tick of a schedule. A topic tells it what became of mails.
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
	provider := ses.Open(f.AWS, boot.Endpoint("sesv2"), f.Env("MAIL_FROM"), f.Env("MAIL_CONFIGURATION_SET"))
	service := &mail.Service{
		Store: store, Sender: provider,
		Codes: rings[seal.Codes], Contacts: rings[seal.Contacts], Now: time.Now,
		Texts: sms.Open(f.AWS, boot.Endpoint("pinpoint_sms_voice_v2"), sms.Line{
			Origination: os.Getenv("SMS_ORIGINATION"), ConfigurationSet: os.Getenv("SMS_CONFIGURATION_SET"), MaxPrice: f.Env("SMS_MAX_PRICE"),
		}),
		Budgets: mail.Budgets{Prefix: f.Number("SMS_PER_PREFIX"), OrganizationPrefix: f.Number("SMS_PER_PREFIX_AND_ORGANIZATION")},
		FellBack: func(organization, why string) {
			f.Log.Warn("the system's sender stands in", "organization", organization, "why", why)
		},
		Unsent: func(organization, why string) {
			f.Log.Warn("an SMS was not sent", "organization", organization, "why", why)
		},
	}
	announcer := &mail.Announcer{
		Mail: service, Store: store, Bulk: provider, Rate: float64(f.Number("ANNOUNCEMENT_RATE")), Wait: boot.Wait,
		OptOut: mail.OptingOut{API: f.Env("PUBLIC_ADDRESS"), Keys: rings[seal.Contacts]},
	}
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.EachRecord(f.Log, dynamo.OrderOf, service.Deliver)),
		Topic:  lambda.NewHandler(sns.Each(f.Log, ses.Hearing(service.Hear))),
		Tick:   announcer.Tick,
	})
}
