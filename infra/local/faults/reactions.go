package faults

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// errReset is how the SDK's own client reports a connection that broke before an answer came.
var errReset = &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")}

// Unreached breaks the connection before the service has the request.
func Unreached(*Try) (*smithyhttp.Response, error) { return nil, errReset }

// Lost lets the service carry the request out and breaks the connection before its answer is read.
func Lost(t *Try) (*smithyhttp.Response, error) {
	if err := t.carryOut(); err != nil {
		return nil, err
	}
	return nil, errReset
}

// Torn lets the service carry the request out and ends its answer in the middle of the body.
func Torn(t *Try) (*smithyhttp.Response, error) {
	response, err := t.Pass()
	if err != nil {
		return response, err
	}
	raw, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(raw[:len(raw)/2]), brokenOff{}))
	return response, nil
}

// brokenOff is where an answer ends before its length, as net/http says it.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Done lets the service carry the request out and answers something else.
func Done(instead Reaction) Reaction {
	return func(t *Try) (*smithyhttp.Response, error) {
		if err := t.carryOut(); err != nil {
			return nil, err
		}
		return instead(t)
	}
}

// Hang never answers: the caller waits until its deadline. The service does not get the request. Where the context's
// deadline is a Deadline of this package, it passes now. A caller without any end to its patience panics: it is what the
// test of a hanging service is to find, and the test should not hang with it.
func Hang(t *Try) (*smithyhttp.Response, error) {
	if t.ctx.Done() == nil {
		panic("faults: this call would hang for ever")
	}
	if d, ours := t.ctx.Value(deadlineKey{}).(*Deadline); ours {
		d.Pass()
	}
	<-t.ctx.Done()
	return nil, &smithy.CanceledError{Err: t.ctx.Err()} // as smithyhttp.ClientHandler says it
}

// Slow answers rightly, a moment later.
func Slow(d time.Duration) Reaction {
	return func(t *Try) (*smithyhttp.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return t.Pass()
		case <-t.ctx.Done():
			return nil, &smithy.CanceledError{Err: t.ctx.Err()}
		}
	}
}

// Late breaks the connection and keeps the request on its way: the service gets it when Wire.Deliver is called, when
// whoever sent it has long done something else.
func Late(t *Try) (*smithyhttp.Response, error) {
	raw, err := t.Body()
	if err != nil {
		return nil, err
	}
	kept, err := t.withBody(raw)
	if err != nil {
		return nil, err
	}
	ctx := context.WithoutCancel(t.ctx)
	t.wire.mu.Lock()
	defer t.wire.mu.Unlock()
	t.wire.late = append(t.wire.late, func() error {
		late := Try{ctx: ctx, next: t.next, Request: kept}
		return late.carryOut()
	})
	return nil, errReset
}

// Through sends the try to another address, on a connection of its own: that of a Proxy.
func Through(address string) Reaction {
	return func(t *Try) (*smithyhttp.Response, error) {
		raw, err := t.Body()
		if err != nil {
			return nil, err
		}
		r, err := t.withBody(raw)
		if err != nil {
			return nil, err
		}
		r.URL.Host, r.Close = address, true
		return t.send(t.ctx, r)
	}
}
