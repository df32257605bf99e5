package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
)

// event is the request as Lambda hands it to the function: payload format 2.0, with what an HTTP API adds.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (r request) event(key string, now time.Time) ([]byte, error) {
	const domain = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
	id := uuid.NewString()
	headers := map[string]string{
		"accept": "application/json", "accept-encoding": "gzip", "authorization": "Bearer " + key,
		"content-length": strconv.Itoa(len(r.body)), "content-type": "application/json", "host": domain,
		"user-agent": "Go-http-client/2.0", "x-amzn-trace-id": "Root=1-67409b3e-0123456789abcdef01234567",
		"x-forwarded-for": "203.0.113.9", "x-forwarded-port": "443", "x-forwarded-proto": "https",
	}
	if r.idempotency != "" {
		headers["idempotency-key"] = r.idempotency
	}
	route := "ANY " + r.path
	return json.Marshal(events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: route, RawPath: r.path, Headers: headers, Body: string(r.body),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route, AccountID: "111122223333", Stage: "$default", RequestID: id, APIID: "a1b2c3d4e5",
			DomainName: domain, DomainPrefix: "a1b2c3d4e5",
			Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: http.MethodPost, Path: r.path, Protocol: "HTTP/1.1", SourceIP: "203.0.113.9", UserAgent: "Go-http-client/2.0",
			},
		},
	})
}
