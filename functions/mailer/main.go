// Command mailer is the function that sends what writes to the table have ordered, which it reads from the stream and, where it failed
// for now, from a queue; that carries announcements on at every tick of a schedule; and that a topic tells what became of mails and SMS.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/mailing"
	"twofold/pkg/dynamo"
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
	service, queue := mailing.Open(f, store, rings[seal.Codes], rings[seal.Contacts])
	announcer := mailing.Announcer(f, service, store, rings[seal.Contacts])
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.EachOrder(f.Log, service)),
		Queue:  lambda.NewHandler(queue.Each(f.Log, service)),
		Topic:  lambda.NewHandler(sns.Each(f.Log, ses.Hearing(service.Hear), sms.Hearing(service.Hear))),
		Tick:   announcer.Tick,
	})
}
