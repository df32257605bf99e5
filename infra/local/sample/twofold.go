package sample

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	tries    = 4                // of one request, in all
	tryFor   = 10 * time.Second // one of them
	patience = 30 * time.Second // all of them, and the waits between
	pause    = time.Second      // where no Retry-After says how long
	maxReply = 1 << 20          // bytes
)

// ErrUnreachable means that Twofold gave no answer that counts, and that asking again did not help: let nobody in.
var ErrUnreachable = errors.New("twofold: no answer")

// Refused is what Twofold answered instead (RFC 9457): Code is to be acted on, Detail is for people.
type Refused struct {
	Status   int     `json:"-"`
	Code     string  `json:"code"`
	Field    string  `json:"field"`
	Detail   string  `json:"detail"`
	Decision *Answer `json:"decision"` // what holds now, with decision_changed and wrong_step
}

func (r *Refused) Error() string { return fmt.Sprintf("twofold: %d %s %s", r.Status, r.Code, r.Field) }

// Client asks Twofold as one application. It is safe for concurrent use.
type Client struct {
	api, key string
	http     *http.Client
	wait     func(context.Context, time.Duration) error
}

// NewClient is given the address of the API without a trailing slash, the application's key, and what carries requests.
func NewClient(api, key string, transport http.RoundTripper) *Client {
	return &Client{api: api, key: key, wait: sleep, http: &http.Client{
		Transport: transport, Timeout: tryFor,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // nobody else is told a code
	}}
}

// call posts a request of a login, which is answered as all of them are.
func (c *Client) call(ctx context.Context, path string, body any) (Answer, error) {
	var answer Answer
	err := c.post(ctx, path, body, &answer)
	if err == nil && answer.Status == "" {
		err = errUnreadable
	}
	if err != nil {
		return Answer{}, err
	}
	return answer, nil
}

// errUnreadable is an answer that asking again would not make another.
var errUnreadable = errors.New("twofold: an answer that cannot be read")

// post sends a request, and again as the same one where there was no answer, or one that says so. What it gives is Twofold's answer; otherwise the error is a
// *Refused that asking again would not change, or ErrUnreachable.
func (c *Client) post(ctx context.Context, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	key := rand.Text() // the Idempotency-Key: with it, an answer that was lost is given again, and a code is not used up
	for try := 1; ; try++ {
		wait, err := c.try(ctx, path, key, text, answer)
		if wait == 0 {
			return err
		}
		if try == tries || c.wait(ctx, wait) != nil {
			return fmt.Errorf("%w, %d times: %w", ErrUnreachable, try, err)
		}
	}
}

// try posts once. A wait that is not 0 says that the request should be repeated after it.
func (c *Client) try(ctx context.Context, path, key string, body []byte, answer any) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.api+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := c.http.Do(request)
	if err != nil {
		return pause, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return pause, err // it broke off
	}
	if response.StatusCode == http.StatusOK {
		if json.Unmarshal(text, answer) != nil {
			return 0, errUnreadable
		}
		return 0, nil
	}
	refused := &Refused{}
	if json.Unmarshal(text, refused) != nil {
		refused = &Refused{} // of whatever stands before the API: the status says enough
	}
	refused.Status = response.StatusCode
	switch {
	case refused.Status == http.StatusInternalServerError, refused.Status == http.StatusServiceUnavailable, refused.Code == "conflict":
		return retryAfter(response.Header), refused
	}
	return 0, refused
}

func retryAfter(h http.Header) time.Duration {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(patience/time.Second))) * time.Second
	}
	return pause
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
