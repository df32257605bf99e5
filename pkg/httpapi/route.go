package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"twofold/pkg/access"
)

// adapter lets huma register its operations on the standard mux.
type adapter struct{ api *API }

// Handle puts an operation on the mux, behind the checks of route.
func (a adapter) Handle(documented *huma.Operation, next func(huma.Context)) {
	r := &route{
		Operation:  documented.Metadata[metadataKey].(Operation),
		documented: documented,
		registry:   a.api.huma.OpenAPI().Components.Schemas,
		next:       next,
	}
	r.parameters = parametersOf(documented, r.registry)
	r.declare(documented.RequestBody)
	a.api.mux.Handle(r.Method+" "+r.Path, r)
}

// declare holds the body to what it may be sent as: JSON, or what the operation names.
func (t *route) declare(body *huma.RequestBody) {
	switch {
	case body == nil && len(t.Media) == 0:
	case body == nil:
		panic("httpapi: operation " + t.ID + ": names media types and has no body")
	case len(t.Media) > 0:
		raw := body.Content[mediaRaw]
		if raw == nil || len(body.Content) != 1 {
			panic("httpapi: operation " + t.ID + ": names media types, so its body is a RawBody")
		}
		delete(body.Content, mediaRaw)
		for _, media := range t.Media {
			body.Content[media] = &huma.MediaType{Schema: t.bodySchema()}
		}
	default:
		if media := body.Content[mediaJSON]; media == nil || media.Schema == nil || len(body.Content) != 1 {
			panic("httpapi: operation " + t.ID + ": a body is JSON only")
		}
	}
}

// bodySchema describes a body that is no JSON.
func (t *route) bodySchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "Lines; see the operation's description."}
}

// ServeHTTP serves through the mux.
func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.api.serve(w, r) }

// route is one operation on the mux.
type route struct {
	Operation
	documented *huma.Operation
	parameters parameters
	registry   huma.Registry
	next       func(huma.Context)
}

// ServeHTTP judges the form of a request in the order of the package comment and
// hands on what is left of it: a body known to be strict JSON, parameters known to be single.
func (t *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	x.operation = t.ID
	if !t.Public {
		credential, p := authenticate(r.Header)
		if p != nil {
			w.(*reply).problem(x.refuse(r.Context(), p))
			return
		}
		var found *access.Found
		x.caller.Credential, found = credential.Finding()
		defer func() { x.used(r.Context(), found.Key) }()
	}
	clean, p := t.read(r)
	if p != nil {
		w.(*reply).problem(x.refuse(r.Context(), p))
		return
	}
	t.next(humago.NewContext(t.documented, clean, w))
}

// authenticate reads the key (RFC 6750 §2.1). More than one is none.
func authenticate(h http.Header) (access.Credential, *Problem) {
	values := h.Values("Authorization")
	if len(values) == 1 {
		scheme, token, _ := strings.Cut(values[0], " ")
		if strings.EqualFold(scheme, "Bearer") {
			if credential, err := access.Parse(token); err == nil {
				return credential, nil
			}
		}
	}
	return access.Credential{}, problemOf(access.ErrUnauthenticated)
}

// read makes the request that huma will see.
func (t *route) read(r *http.Request) (*http.Request, *Problem) {
	if t.Page {
		return tidied(r, nil, nil), nil
	}
	body, p := t.body(r)
	if p != nil {
		return nil, p
	}
	query, flaws, p := t.parameters.check(r)
	if p != nil {
		return nil, p
	}
	if len(body) > 0 && len(t.Media) == 0 {
		plain, more, p := scan(body, t.documented.RequestBody.Content[mediaJSON].Schema, t.registry)
		if p != nil {
			return nil, p
		}
		body = plain
		flaws = append(flaws, more...)
	}
	if len(flaws) > 0 {
		return nil, flawed(flaws)
	}
	return tidied(r, body, query), nil
}

// tidied is the request in the one form that cannot be read in two ways: huma has
// its own parser for queries, and would choose a format by Accept and Content-Type.
func tidied(r *http.Request, body []byte, query url.Values) *http.Request {
	clean := r.WithContext(r.Context())
	clean.Header = r.Header.Clone()
	clean.Header.Del("Accept")
	clean.Header.Set("Content-Type", mediaJSON)
	clean.Body = io.NopCloser(bytes.NewReader(body))
	address := *r.URL
	address.RawQuery = query.Encode()
	clean.URL = &address
	return clean
}
