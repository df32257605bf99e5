// Command slow is the function of testdata/failing.yaml that may not take long, and does where it is asked to.
package main

import (
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(request events.APIGatewayV2HTTPRequest) (any, error) {
		if request.PathParameters["what"] == "hang" {
			select {}
		}
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "ok"}, nil
	})
}
