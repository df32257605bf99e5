package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Client sends calls. All fields are needed.
type Client struct {
	URL    string // of the import of one organisation
	Key    string // an API key's text
	Format Format
	HTTP   *http.Client
	Wait   func(ctx context.Context, d time.Duration) error
	Note   func(what string, pause time.Duration) // told of every failure that is waited out
}

// How a call is tried again: it is safe to repeat, so it is, for about ten minutes.
const (
	tries     = 16
	firstWait = 500 * time.Millisecond
	longWait  = time.Minute
	fewLines  = 50 // a call of so many is not made smaller
)

// Result is what became of a line.
type Result struct {
	Result string `json:"result"`
	Code   string `json:"code"`
	Field  string `json:"field"`
}

// Answer is what became of a call, line by line, in their order.
type Answer struct {
	Results   []Result `json:"results"`
	Created   int      `json:"created"`
	Updated   int      `json:"updated"`
	Unchanged int      `json:"unchanged"`
	Refused   int      `json:"refused"`
}

// passing is an answer, or the lack of one, after which the same call may do better.
type passing struct {
	what  string
	after time.Duration // at least; 0: not said
	slow  bool          // the call may have been too much at once
}

func (p passing) Error() string { return p.what }

// Send sends a call, and again while the API is busy or away; where it may have been too slow, in halves. Whatever else is refused, is
// refused for good. A failure names what the API says in its own fixed words, and nothing that was sent.
func (c Client) Send(ctx context.Context, call Call) (Answer, error) {
	return c.send(ctx, call, 1, firstWait)
}

func (c Client) send(ctx context.Context, call Call, try int, wait time.Duration) (Answer, error) {
	answer, err := c.once(ctx, call)
	var busy passing
	if !errors.As(err, &busy) {
		return answer, err
	}
	if try == tries {
		return Answer{}, fmt.Errorf("given up after %d tries: %w", tries, err)
	}
	pause := max(busy.after, wait/2+rand.N(wait/2)) // so that several do not come back at the same moment
	c.Note(busy.what, pause)
	if err := c.Wait(ctx, pause); err != nil {
		return Answer{}, err
	}
	wait = min(2*wait, longWait)
	if !busy.slow || len(call.Lines) <= fewLines {
		return c.send(ctx, call, try+1, wait)
	}
	half := len(call.Lines) / 2
	first, err := c.send(ctx, Call{call.Header, call.Lines[:half]}, try+1, wait)
	if err != nil {
		return Answer{}, err
	}
	second, err := c.send(ctx, Call{call.Header, call.Lines[half:]}, try+1, wait)
	return first.and(second), err
}

// and is what became of two calls that follow each other.
func (a Answer) and(b Answer) Answer {
	return Answer{
		Results: slices.Concat(a.Results, b.Results), Created: a.Created + b.Created, Updated: a.Updated + b.Updated,
		Unchanged: a.Unchanged + b.Unchanged, Refused: a.Refused + b.Refused,
	}
}

func (c Client) once(ctx context.Context, call Call) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(call.Body()))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+c.Key)
	request.Header.Set("Content-Type", string(c.Format)+"; charset=utf-8")
	response, err := c.HTTP.Do(request)
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	if err != nil {
		return Answer{}, passing{what: err.Error(), slow: true}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return Answer{}, passing{what: "the answer was cut off", slow: true}
	}
	return read(response, text, len(call.Lines))
}

func read(response *http.Response, text []byte, lines int) (Answer, error) {
	if response.StatusCode != http.StatusOK {
		return Answer{}, refusal(response, text)
	}
	var a Answer
	if err := json.Unmarshal(text, &a); err != nil || len(a.Results) != lines {
		return Answer{}, errors.New("the answer is not that of an import: is this the address of the API?")
	}
	return a, nil
}

func refusal(response *http.Response, text []byte) error {
	var problem struct{ Code, Detail, Field string }
	_ = json.Unmarshal(text, &problem) // what the gateway refuses has none of these
	what := fmt.Sprintf("%d %s", response.StatusCode, problem.Code)
	if problem.Detail != "" {
		what += ": " + problem.Detail
	}
	if problem.Field != "" {
		what += " (" + problem.Field + ")"
	}
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests, status >= 500, status == http.StatusConflict:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return passing{what, min(time.Duration(max(0, seconds))*time.Second, longWait), status >= 500}
	}
	return errors.New(what)
}
