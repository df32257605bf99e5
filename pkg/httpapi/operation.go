package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/access"
)

// Operation declares one method of one path.
type Operation struct {
	ID          string // unique in the whole product, such as "create-login"
	Method      string
	Path        string // such as "/v1/organizations/{organization}/policy"
	Summary     string
	Description string
	Rule        access.Rule // who may; at least one role, unless Public
	Public      bool        // no key is asked for
	Success     int         // 0: 200 with a body, 204 without
	Creates     bool        // answers 201 instead, with the same body, where it created something
	Problems    []string    // the stable codes of its own that it may answer with
	MaxBody     int64       // bytes; 0: DefaultMaxBody
	// Media are what the body may be sent as, where that is not JSON. The input then has a RawBody, which the operation reads itself:
	// nothing of it has been judged but its size.
	Media []string
	// Page says that it answers people: with text/html, where it found what it looked for and where it did not. Mail programs, browsers and
	// the gateways between them send what they like with a link: a query and a body are not looked at.
	Page bool
	// Files are the media types of the answer where that is no JSON but a file, which one following from the request.
	Files []string
}

// DefaultMaxBody is how many bytes a body may have, where the operation says nothing else.
const DefaultMaxBody = 64 << 10

// metadataKey is where the operation travels through huma to the adapter.
const metadataKey = "operation"

// Register adds an operation with its handler. In and out are structs as huma reads
// them: fields tagged path, query or header, and a field Body. The handler gets
// the caller with a well-formed but unproven credential (none, where Public): it
// is the service that authorises. An error that is no fault becomes an opaque 500.
//
// Register panics on a declaration that must not go live, such as one without a rule.
func Register[I, O any](api *API, op Operation, handler func(context.Context, access.Caller, *I) (*O, error)) {
	op.check()
	if op.MaxBody == 0 {
		op.MaxBody = DefaultMaxBody
	}
	huma.Register(api.huma, huma.Operation{
		OperationID:   op.ID,
		Method:        op.Method,
		Path:          op.Path,
		Summary:       op.Summary,
		Description:   op.Description,
		DefaultStatus: op.Success,
		Metadata:      map[string]any{metadataKey: op},
		// The route has read and measured the body before huma sees it.
		MaxBodyBytes:    -1,
		BodyReadTimeout: -1,
	}, func(ctx context.Context, in *I) (*O, error) {
		x := exchangeOf(ctx)
		out, err := handler(ctx, x.caller, in)
		if err != nil {
			return nil, x.fail(ctx, err)
		}
		return out, nil
	})
	api.operations = append(api.operations, op)
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// check panics on a declaration that must not go live.
func (op Operation) check() {
	complain := func(wrong string) { panic(fmt.Sprintf("httpapi: operation %q: %s", op.ID, wrong)) }
	switch {
	case op.ID == "":
		complain("has no ID")
	case !slices.Contains(methods, op.Method):
		complain("has no known method")
	case !strings.HasPrefix(op.Path, "/") || strings.HasSuffix(op.Path, "/") || strings.Contains(op.Path, "...}"):
		complain("needs an exact path")
	case op.Public && (len(op.Rule.Roles) > 0 || op.Rule.Permission != ""):
		complain("is public and has a rule")
	case !op.Public && len(op.Rule.Roles) == 0:
		complain("has no rule")
	case op.Rule.Permission != "" && !slices.Contains(access.Permissions(), op.Rule.Permission):
		complain("asks for an unknown permission")
	case op.MaxBody < 0:
		complain("has a negative MaxBody")
	}
	for _, role := range op.Rule.Roles {
		if !slices.Contains(roles(), role) {
			complain("names an unknown role")
		}
	}
}

func roles() []access.Role {
	return []access.Role{access.SystemAdministrator, access.OrganizationAdministrator, access.Application, access.Reader}
}
