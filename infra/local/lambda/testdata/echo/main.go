// Command echo is a function that does what the payload asks, for the tests of the packages that run functions.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// order is what a test may ask for. The zero value asks for the payload back.
type order struct {
	Do     string          `json:"do"`
	Arg    string          `json:"arg"`
	Answer json.RawMessage `json:"answer"`
}

var invocations int

func main() {
	initialize(os.Getenv("ECHO_INIT"), os.Getenv("ECHO_FOLDER"))
	lambda.Start(handle)
}

// initialize goes wrong as told: "exit", "hang", "report"; "first-exit" and "first-hang" do so once in a folder.
func initialize(how, folder string) {
	if folder != "" {
		if started, err := os.CreateTemp(folder, "started-*"); err == nil {
			started.Close()
		}
	}
	if once, how, ok := strings.Cut(how, "-"); ok && once == "first" {
		if os.Mkdir(folder+"/"+how, 0o755) == nil {
			initialize(how, "")
		}
		return
	}
	switch how {
	case "exit":
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "report":
		body := strings.NewReader(`{"errorType":"Init.Broken","errorMessage":"secret"}`)
		answer, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", body)
		if err == nil {
			answer.Body.Close()
		}
		os.Exit(1)
	}
}

func handle(ctx context.Context, payload json.RawMessage) (any, error) {
	invocations++
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return nil, err
	}
	switch o.Do {
	case "":
		return payload, nil
	case "answer":
		return o.Answer, nil
	case "fail":
		return nil, errors.New(o.Arg)
	case "panic":
		panic(o.Arg)
	case "exit":
		os.Exit(4)
	case "print":
		fmt.Println(o.Arg)
		fmt.Fprint(os.Stderr, o.Arg)
	case "large": // a JSON text of arg bytes, its quotes included
		size, err := strconv.Atoi(o.Arg)
		return strings.Repeat("x", max(0, size-2)), err
	case "meet":
		return meet(ctx, o.Arg)
	case "who":
		return who(ctx), nil
	}
	return nil, nil
}

// meet waits in the folder arg until the test has put a file "go" there, so that a test decides when it ends.
func meet(ctx context.Context, folder string) (any, error) {
	arrived, err := os.CreateTemp(folder, "arrived-*")
	if err != nil {
		return nil, err
	}
	arrived.Close()
	for {
		if _, err := os.Stat(folder + "/go"); err == nil {
			return who(ctx), nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// who describes the instance as its function sees it.
func who(ctx context.Context) map[string]any {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return map[string]any{
		"pid": os.Getpid(), "invocations": invocations, "environment": os.Environ(),
		"request_id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn,
		"trace": os.Getenv("_X_AMZN_TRACE_ID"), "deadline": deadline.UnixMilli(),
	}
}
