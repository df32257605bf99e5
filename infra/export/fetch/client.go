package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Client asks the API. All fields are needed. Its HTTP client must follow no redirect and decompress nothing.
type Client struct {
	Key  string // an API key's text
	HTTP *http.Client
	Wait func(ctx context.Context, d time.Duration) error
	Note func(what string, pause time.Duration) // told of every failure that is waited out
}

// How a call is tried again: it only reads, so it is, for about ten minutes.
const (
	tries     = 16
	firstWait = 500 * time.Millisecond
	longWait  = time.Minute
	maxAnswer = 8 << 20 // more than API Gateway and Lambda give
)

// answer is what came back with 200.
type answer struct {
	body      []byte
	signature string
	next      *url.URL // nil: none
}

// passing is an answer, or the lack of one, after which the same call may do better.
type passing struct {
	what  string
	after time.Duration // at least; 0: not said
}

func (p passing) Error() string { return p.what }

// get asks, and again while the API is busy or away. Whatever else is refused, is refused for good. With is whether the key goes along.
func (c Client) get(ctx context.Context, at *url.URL, with bool) (answer, error) {
	wait := firstWait
	for try := 1; ; try++ {
		a, err := c.once(ctx, at, with)
		var busy passing
		if !errors.As(err, &busy) {
			return a, err
		}
		if try == tries {
			return answer{}, fmt.Errorf("given up after %d tries: %w", tries, err)
		}
		pause := max(busy.after, wait/2+rand.N(wait/2)) // so that several do not come back at the same moment
		c.Note(busy.what, pause)
		if err := c.Wait(ctx, pause); err != nil {
			return answer{}, err
		}
		wait = min(2*wait, longWait)
	}
}

func (c Client) once(ctx context.Context, at *url.URL, with bool) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil) // which tidies the path
	if err != nil {
		return answer{}, errors.New("the address cannot be asked")
	}
	if with {
		request.Header.Set("Authorization", "Bearer "+c.Key)
	}
	response, err := c.HTTP.Do(request)
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	if err != nil {
		return answer{}, passing{what: reason(err)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	if err != nil {
		return answer{}, passing{what: "the answer was cut off"}
	}
	if response.StatusCode != http.StatusOK {
		return answer{}, refusal(response, text)
	}
	next, err := nextOf(response.Header, request.URL)
	return answer{text, response.Header.Get("X-JWS-Signature"), next}, err
}

// reason is what went wrong, without the address: cursors stand in it.
func reason(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
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
	if status := response.StatusCode; status == http.StatusTooManyRequests || status >= 500 {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return passing{what, min(time.Duration(max(0, seconds))*time.Second, longWait)}
	}
	return errors.New(what)
}

var links = regexp.MustCompile(`<([^<>]*)>((?:\s*;\s*[^,;]+)*)`)

// nextOf is where a page says that the next one is (RFC 8288). It must be the same resource of the same server: the key is sent there.
func nextOf(h http.Header, from *url.URL) (*url.URL, error) {
	var next *url.URL
	for _, match := range links.FindAllStringSubmatch(strings.Join(h.Values("Link"), ", "), -1) {
		rel := strings.ReplaceAll(strings.ReplaceAll(match[2], " ", ""), `"`, "")
		if rel != ";rel=next" {
			continue
		}
		to, err := from.Parse(match[1])
		if err != nil || next != nil || to.Scheme != from.Scheme || to.Host != from.Host || to.Path != from.Path || to.User != nil {
			return nil, errors.New("the Link to the next page leads elsewhere")
		}
		next = to
	}
	return next, nil
}
