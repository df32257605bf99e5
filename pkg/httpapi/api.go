package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/access"
)

// Options are what an API needs from its surroundings. RequestID and SourceIP
// read what the gateway knows of a request; either may be nil or answer "".
type Options struct {
	Logger    *slog.Logger // nil: nothing is logged
	Now       func() time.Time
	RequestID func(context.Context) string
	SourceIP  func(context.Context) string
	// Address is where browsers reach us, "https://2fa.example"; empty: where the request came to.
	Address string
	// Used is told of every key that proved good, after the operation and before its answer. Its error is logged and changes
	// nothing. It may be nil.
	Used func(ctx context.Context, key access.Key, now time.Time) error
}

// API is the operations of one function. Build it with New, fill it with
// Register before the first request, then serve its Handler.
type API struct {
	name       string
	options    Options
	mux        *http.ServeMux
	huma       huma.API
	operations []Operation
}

// New makes an API without operations. The name is the function's; it groups the
// operations in the OpenAPI document and stands in log lines. Now must be given.
func New(name string, options Options) *API {
	adoptHuma()
	if options.Now == nil {
		panic("httpapi: Options.Now is missing")
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	api := &API{name: name, options: options, mux: http.NewServeMux()}
	// No DefaultConfig: it would add $schema links, a docs page and schema routes.
	api.huma = huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info:       &huma.Info{Title: documentTitle, Version: documentVersion},
			Components: &huma.Components{Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)},
		},
		Formats:       map[string]huma.Format{mediaJSON: format, "json": format},
		DefaultFormat: mediaJSON,
	}, adapter{api})
	return api
}

// Operations are all that were registered, in that order.
func (a *API) Operations() []Operation { return append([]Operation(nil), a.operations...) }

// Handler serves the operations, and answers everything else with a problem.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.serve) }

// adoptHuma replaces what huma keeps in package variables: its error constructor,
// which repeats rejected values, and its lenient matching of names. It runs when the first
// API is built, not at import, so that a program without one is left alone.
var adoptHuma = sync.OnceFunc(func() {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return translate(status, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return exchangeOf(ctx.Context()).refuse(ctx.Context(), translate(status, errs))
	}
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false // format writes a nil slice as []
})
