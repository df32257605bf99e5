// Command projector is the function that reads the stream for everything that is made of it afterwards: counts, the facts of factors that
// reports read beside each profile, the sign-in log, and the audit's log, of which it signs checkpoints at the ticks of a schedule, when it also
// removes what organisations keep no longer. From a queue it is told which webhook, or the vendor's bus, may have events of that log to get.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/posting"
	"twofold/pkg/dynamo"
	"twofold/pkg/metrics"
	"twofold/pkg/notary"
	"twofold/pkg/report"
	"twofold/pkg/retention"
	"twofold/pkg/seal"
	"twofold/pkg/signin"
)

func main() {
	f := boot.Start("projector")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Checkpoints, seal.Webhooks)
	f.Must(err)
	counter := &report.Counter{Store: store, Now: time.Now}
	witness := &report.Witness{Store: store}
	recorder := &signin.Recorder{Ledger: store, Meter: &metrics.Log{W: os.Stdout, Now: time.Now}, Now: time.Now}
	keeper := &notary.Notary{Store: store, Keys: rings[seal.Checkpoints].CheckpointKeys(), Issuer: f.Issuer, Now: time.Now}
	sweeper := &retention.Sweeper{Store: store, Now: time.Now}
	waker, calls := posting.Open(f, store, rings[seal.Webhooks])
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.Project(f.Log,
			dynamo.Each(dynamo.ProfileOf, counter.Observe),
			dynamo.Each(dynamo.FactsOf, witness.Observe),
			dynamo.Together(dynamo.SignInOf, recorder.Record),
			dynamo.Each(dynamo.SpentOf, recorder.Watch),
			dynamo.Together(dynamo.EventOf, keeper.Append),
			dynamo.Together(dynamo.EventOf, waker.Wake),
		)),
		Queue: calls, QueueWithin: posting.Within,
		Tick: boot.Ticks(keeper.Tick, sweeper.Tick),
	})
}
