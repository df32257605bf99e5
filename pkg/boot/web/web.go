// Package web puts an API under the Lambda runtime. Functions that read the
// stream do not link it, nor the HTTP library behind it.
package web

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/apigw"
	"twofold/pkg/boot"
	"twofold/pkg/httpapi"
	"twofold/pkg/lastuse"
)

// Options are what an API of the function runs with.
func Options(f *boot.Function) httpapi.Options {
	return httpapi.Options{Logger: f.Log, Now: time.Now, RequestID: apigw.RequestID, SourceIP: apigw.SourceIP}
}

// Noting are the options of a function that notes the use of keys. It must be allowed to update the table.
func Noting(f *boot.Function, store lastuse.Store) httpapi.Options {
	o, notes := Options(f), &lastuse.Notes{Store: store}
	o.Used = notes.Note
	return o
}

// Handler answers invocations with the API.
func Handler(f *boot.Function, api *httpapi.API) lambda.Handler {
	return apigw.Handler(api.Handler(), f.Log)
}
