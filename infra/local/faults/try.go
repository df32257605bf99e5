package faults

import (
	"bytes"
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Try is one try of the SDK at a call.
type Try struct {
	Request *smithyhttp.Request

	ctx  context.Context
	wire *Wire
	next middleware.DeserializeHandler
}

// Pass lets the service have the request and returns its answer.
func (t *Try) Pass() (*smithyhttp.Response, error) { return t.send(t.ctx, t.Request) }

func (t *Try) send(ctx context.Context, r *smithyhttp.Request) (*smithyhttp.Response, error) {
	out, _, err := t.next.HandleDeserialize(ctx, middleware.DeserializeInput{Request: r})
	response, _ := out.RawResponse.(*smithyhttp.Response)
	return response, err
}

// carryOut lets the service do what is asked and forgets its answer. Where the service was not even reached, the test
// that asked for it would prove nothing, so that error is returned.
func (t *Try) carryOut() error {
	response, err := t.Pass()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return err
}

// Body reads the request's body and leaves it in place.
func (t *Try) Body() ([]byte, error) {
	raw, err := io.ReadAll(t.Request.GetStream())
	if err != nil {
		return nil, err
	}
	return raw, t.Request.RewindStream()
}

// withBody is a copy of the request that nothing else holds a part of.
func (t *Try) withBody(raw []byte) (*smithyhttp.Request, error) {
	return t.Request.Clone().SetStream(bytes.NewReader(raw))
}
