package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Answer is an error in AWS's JSON protocols: a status and the exception's name. The service does not get the request.
func Answer(status int, exception string) Reaction {
	return Reply(status, map[string]any{"__type": exception, "message": "injected"})
}

// Reply answers a body of the test's own. The service does not get the request.
func Reply(status int, body map[string]any) Reaction {
	return func(*Try) (*smithyhttp.Response, error) {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		header := http.Header{}
		if name, failed := body["__type"].(string); failed {
			// restJson1 (SES) names the exception here, awsJson in the body; both may do both.
			header.Set("X-Amzn-Errortype", name[strings.LastIndexByte(name, '#')+1:])
		}
		return reply(status, header, raw), nil
	}
}

func reply(status int, header http.Header, raw []byte) *smithyhttp.Response {
	header.Set("Content-Type", "application/x-amz-json-1.0")
	header.Set("X-Amzn-Requestid", "injected")
	return &smithyhttp.Response{Response: &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: header, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(raw)), ContentLength: int64(len(raw)),
	}}
}
