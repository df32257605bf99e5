package ses

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"twofold/pkg/mail"
)

func TestFailuresAreFinalOrTransient(t *testing.T) {
	cases := []struct {
		code   string
		status int
		final  bool
		calls  int32 // how often SES is asked
	}{
		{"MessageRejected", 400, true, 1},
		{"BadRequestException", 400, true, 1},
		{"MailFromDomainNotVerifiedException", 400, true, 1},
		{"AccountSuspendedException", 400, true, 1},
		{"NotFoundException", 404, false, 1},
		{"SendingPausedException", 400, false, 1},
		{"AccessDeniedException", 403, false, 1},
		{"ExpiredTokenException", 403, false, 1},
		{"SomethingNewException", 400, false, 1},
		{"InternalServiceErrorException", 500, false, 1},
		{"ServiceUnavailableException", 503, false, 1},
		{"TooManyRequestsException", 429, false, 3},
		{"ThrottlingException", 400, false, 3},
		{"LimitExceededException", 400, false, 3},
	}
	for _, c := range cases {
		var calls atomic.Int32
		s := talking(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.Header().Set("X-Amzn-Errortype", c.code)
			w.Header().Set("X-Amzn-Requestid", "req-1")
			w.WriteHeader(c.status)
			_, _ = fmt.Fprintf(w, `{"message":"Email address ada@example.org is not verified: 12345678"}`)
		})
		err := s.Send(context.Background(), message())
		if err == nil || errors.Is(err, mail.ErrRejected) != c.final {
			t.Errorf("%s: final %t, %v", c.code, c.final, err)
			continue
		}
		if calls.Load() != c.calls {
			t.Errorf("%s: SES was asked %d times, not %d", c.code, calls.Load(), c.calls)
		}
		if !strings.Contains(err.Error(), c.code) || !strings.Contains(err.Error(), "req-1") {
			t.Errorf("%s: the error does not name code and request: %v", c.code, err)
		}
		if strings.Contains(err.Error(), "ada") || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: the error quotes SES: %v", c.code, err)
		}
	}
}

// The mail may have gone out when the reply is lost: Send does not send it again by itself.
func TestALostReplyIsTransientAndNotRepeated(t *testing.T) {
	var calls atomic.Int32
	s := talking(t, func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	})
	err := s.Send(context.Background(), message())
	if err == nil || errors.Is(err, mail.ErrRejected) {
		t.Errorf("error %v", err)
	}
	if calls.Load() != 1 {
		t.Errorf("sent %d times", calls.Load())
	}
}

func TestThrottlingThatEndsIsNoFailure(t *testing.T) {
	var calls atomic.Int32
	s := talking(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.Header().Set("X-Amzn-Errortype", "TooManyRequestsException")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		accept(w)
	})
	if err := s.Send(context.Background(), message()); err != nil || calls.Load() != 2 {
		t.Errorf("after %d calls: %v", calls.Load(), err)
	}
}

func TestAnEndedContextIsTransientAndKnown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := talking(t, func(w http.ResponseWriter, _ *http.Request) { accept(w) })
	err := s.Send(ctx, message())
	if !errors.Is(err, context.Canceled) || errors.Is(err, mail.ErrRejected) {
		t.Errorf("error %v", err)
	}
	if strings.Contains(err.Error(), "ada@") {
		t.Errorf("the error quotes the recipient: %v", err)
	}
}
