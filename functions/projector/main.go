// Command projector is the function that keeps counts: it reads the stream of profiles.
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
	f.Serve(lambda.NewHandler(dynamo.EachRecord(f.Log, dynamo.ProfileOf, counter.Observe)))
}
