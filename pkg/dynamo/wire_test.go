package dynamo_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/dynamo"
)

// errReset is what a torn connection looks like to the SDK, which tries again.
var errReset = errors.New("connection reset by peer")

// wire is the way to DynamoDB: it counts requests by operation, as they were sent, and spoils them on demand.
type wire struct {
	mu     sync.Mutex
	sent   map[string]int
	drop   map[string]int  // so many replies are lost after the request was carried out
	cut    map[string]int  // so many replies end in the middle
	refuse map[string]bool // requests that never arrive
}

func newWire() *wire {
	return &wire{sent: map[string]int{}, drop: map[string]int{}, cut: map[string]int{}, refuse: map[string]bool{}}
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.sent[operation]++
	refuse, drop, cut := w.refuse[operation], w.drop[operation] > 0, w.cut[operation] > 0
	if drop {
		w.drop[operation]--
	} else if cut {
		w.cut[operation]--
	}
	w.mu.Unlock()
	if refuse {
		return nil, errReset
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && response.StatusCode >= http.StatusInternalServerError {
		w.set(func() { w.sent[operation]-- }) // it waited too long for a lock, as it says it would not on AWS: the SDK's next try counts
	}
	if err != nil || !drop && !cut {
		return response, err
	}
	if drop {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return nil, errReset
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(response.Body, 1), torn{}), response.Body}
	return response, nil
}

// torn is where a reply ends.
type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// requests runs act and gives the requests that it made.
func (w *wire) requests(act func()) map[string]int {
	w.mu.Lock()
	clear(w.sent)
	w.mu.Unlock()
	act()
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.sent)
}

// set changes what is spoilt.
func (w *wire) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// wired is a store of an empty table behind a wire.
func wired(t *testing.T) (*dynamo.Store, *wire) {
	t.Helper()
	_, table := dynamodb.TableForTest(t)
	w := newWire()
	client := sdk.NewFromConfig(dynamodb.Config(dynamodb.ForTest(t)), func(o *sdk.Options) {
		o.HTTPClient = &http.Client{Transport: w}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	})
	return dynamo.New(client, table), w
}
