// Command mail is one function of testdata/template.yaml.
package main

import (
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/infra/local/stack/testdata/function"
)

func main() {
	fmt.Println("starting mail")
	lambda.Start(function.Deliver)
}
