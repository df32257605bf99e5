package httpapi

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// exchange is one request under way.
type exchange struct {
	api       *API
	operation string // its ID, once the route is known
	media     string // what the body was sent as; empty: there was none
	requestID string
	began     time.Time
	caller    access.Caller
	address   string // where browsers reach us
}

type exchangeKey struct{}

// begin notes who asks. A request that the gateway has not numbered gets a number here; a
// number that the caller sends is not believed.
func (a *API) begin(r *http.Request) *exchange {
	ctx := r.Context()
	x := &exchange{api: a, began: a.options.Now(), address: a.address(r)}
	if a.options.RequestID != nil {
		x.requestID = a.options.RequestID(ctx)
	}
	if x.requestID == "" {
		x.requestID = rand.Text()
	}
	x.caller.RequestID = x.requestID
	if a.options.SourceIP != nil {
		x.caller.Seen = a.options.SourceIP(ctx)
	}
	return x
}

// address is where browsers reach us. The API Gateway says which of its domains a request came to, and by which scheme, and takes neither from
// the caller.
func (a *API) address(r *http.Request) string {
	switch {
	case a.options.Address != "":
		return a.options.Address
	case r.Header.Get("X-Forwarded-Proto") == "http": // on the machine of whoever develops
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// exchangeOf finds the request's exchange, which serve put there.
func exchangeOf(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// used tells of a key that proved good. Whatever comes of that is no concern of the caller's.
func (x *exchange) used(ctx context.Context, key *access.Key) {
	if key == nil || x.api.options.Used == nil {
		return
	}
	if err := x.api.options.Used(ctx, *key, x.api.options.Now()); err != nil {
		x.log(ctx, slog.LevelWarn, "the use of a key was not noted", slog.String("cause", err.Error()))
	}
}

// fail turns an operation's error into its problem, and logs it, once: with its
// cause where the fault is ours or a dependency's.
func (x *exchange) fail(ctx context.Context, err error) huma.StatusError {
	known := fault.As(err)
	if known.Kind != fault.Internal && known.Kind != fault.Unavailable {
		return x.refuse(ctx, problemOf(known))
	}
	p := x.stamp(problemOf(known))
	x.log(ctx, slog.LevelError, "request failed",
		slog.Int("status", p.Status), slog.String("code", p.Code), slog.String("cause", known.Error()))
	return p
}

// refuse stamps a problem that is the caller's, and logs its code and no more.
func (x *exchange) refuse(ctx context.Context, p *Problem) *Problem {
	x.log(ctx, slog.LevelDebug, "request refused", slog.Int("status", p.Status), slog.String("code", p.Code))
	return x.stamp(p)
}

func (x *exchange) stamp(p *Problem) *Problem {
	p.RequestID = x.requestID
	return p
}

func (x *exchange) log(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	attrs = append(attrs,
		slog.String("function", x.api.name),
		slog.String("operation", x.operation),
		slog.String("request_id", x.requestID),
		slog.Duration("elapsed", x.api.options.Now().Sub(x.began)))
	x.api.options.Logger.LogAttrs(ctx, level, message, attrs...)
}
