// Command projector is the function that reads the stream for everything that is made of it afterwards: counts.
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
	f.Serve(boot.Sources{
		Stream: lambda.NewHandler(dynamo.Project(f.Log, dynamo.Each(dynamo.ProfileOf, counter.Observe))),
	})
}
