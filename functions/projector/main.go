// Command projector is the function that reads the stream for everything that is made of it afterwards: counts, and
// the facts of factors that reports read beside each profile.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/dynamo"
	"twofold/pkg/report"
)

func main() {
	f := boot.Start("projector")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	counter := &report.Counter{Store: store, Now: time.Now}
	witness := &report.Witness{Store: store}
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.Project(f.Log,
			dynamo.Each(dynamo.ProfileOf, counter.Observe),
			dynamo.Each(dynamo.FactsOf, witness.Observe),
		)),
	})
}
