// Command mailer is the function that sends what writes to the table have ordered, which it reads from the stream, and carries
// announcements on at every tick of a schedule.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
	"twofold/pkg/seal"
	"twofold/pkg/ses"
)

func main() {
	f := boot.Start("mailer")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Codes, seal.Contacts)
	f.Must(err)
	service := &mail.Service{
		Store: store, Sender: ses.Open(f.AWS, boot.Endpoint("sesv2"), f.Env("MAIL_FROM")),
		Codes: rings[seal.Codes], Contacts: rings[seal.Contacts], Now: time.Now,
		FellBack: func(organization, why string) {
			f.Log.Warn("the system's sender stands in", "organization", organization, "why", why)
		},
	}
	announcer := &mail.Announcer{Mail: service, Store: store}
	f.Serve(boot.Ticking(lambda.NewHandler(dynamo.EachRecord(f.Log, dynamo.OrderOf, service.Deliver)), announcer.Tick))
}
