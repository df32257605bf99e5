// Command api is one function of testdata/template.yaml.
package main

import (
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/infra/local/stack/testdata/function"
)

func main() {
	fmt.Println("starting api")
	lambda.Start(function.Order)
}
