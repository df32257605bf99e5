// Package boot is how every function starts: environment, logger, AWS
// configuration, and the HTTP handler under the Lambda runtime. The AWS
// configuration is made by hand, because the SDK's default one links single
// sign-on and costs half a cold start more. It makes no service client, so
// that a function links only those that it calls.
package boot

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"twofold/pkg/apigw"
	"twofold/pkg/httpapi"
)

// Function is what a function has before it does anything of its own.
type Function struct {
	Name   string
	Log    *slog.Logger
	AWS    aws.Config
	Table  string
	KeyARN string
	Issuer string
}

// Start reads the environment that template.yaml sets. A function that lacks some of it
// ends here, in the init phase, where CloudFormation's first deployment shows it.
func Start(name string) *Function {
	f := &Function{Name: name, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("function", name)}
	f.Table, f.KeyARN, f.Issuer = f.Env("TABLE_NAME"), f.Env("KMS_KEY_ARN"), f.Env("ISSUER")
	f.AWS = aws.Config{
		Region: f.Env("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			f.Env("AWS_ACCESS_KEY_ID"), f.Env("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}
	return f
}

// Env reads a variable that must be set.
func (f *Function) Env(name string) string {
	value := os.Getenv(name)
	if value == "" {
		f.Must(fmt.Errorf("boot: the environment lacks %s", name))
	}
	return value
}

// Endpoint is where a service is, if the environment says otherwise than AWS does: nil on AWS.
// The variable is the SDK's own, AWS_ENDPOINT_URL_<SERVICE>, which a configuration made by hand does not read.
func Endpoint(service string) *string {
	if url := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(service)); url != "" {
		return &url
	}
	return nil
}

// Must ends the function if it cannot start.
func (f *Function) Must(err error) {
	if err != nil {
		f.Log.Error("cannot start", "cause", err.Error())
		os.Exit(1)
	}
}

// HTTP are the options that an API of this function runs with.
func (f *Function) HTTP() httpapi.Options {
	return httpapi.Options{Logger: f.Log, Now: time.Now, RequestID: apigw.RequestID, SourceIP: apigw.SourceIP}
}

// Serve answers requests until Lambda ends the process.
func (f *Function) Serve(api *httpapi.API) {
	lambda.StartWithOptions(apigw.Handler(api.Handler(), f.Log))
}
