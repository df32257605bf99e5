package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"twofold/pkg/access"
)

// enrich adds to huma's description of an operation what only we know: who may, and
// which problems there are. huma's own catch-all response goes.
func enrich(described object, op Operation, tag string) object {
	described["tags"] = []string{tag}
	described["security"] = []object{}
	if !op.Public {
		described["security"] = []object{{"bearer": []string{}}}
		described["x-roles"] = op.Rule.Roles
	}
	if op.Rule.Permission != "" {
		described["x-permission"] = op.Rule.Permission
	}
	if op.Rule.InPerson {
		described["x-in-person"] = true
	}
	if codes := codeList(op.Problems); codes != "" {
		described["description"] = strings.TrimSpace(op.Description + "\n\nProblems of its own: " + codes + ".")
	}
	responses := described["responses"].(object)
	delete(responses, "default")
	if op.Creates {
		responses[strconv.Itoa(http.StatusCreated)] = responses[strconv.Itoa(http.StatusOK)]
	}
	responses[strconv.Itoa(http.StatusRequestHeaderFieldsTooLarge)] = object{
		"description": "From the API Gateway, and no problem document: the request line and the headers have more than 10 KB together."}
	for _, answer := range answers(op, described["requestBody"] != nil) {
		responses[strconv.Itoa(answer.status)] = answer.response()
	}
	if op.Page {
		asText(responses, mediaHTML)
		page := object{"schema": object{"type": "string"}}
		responses[strconv.Itoa(http.StatusNotFound)].(object)["content"].(object)[mediaHTML] = page
	}
	if len(op.Files) > 0 {
		asText(responses, op.Files...)
	}
	return described
}

// asText says what text was found. Its media type is no header of its own.
func asText(responses object, media ...string) {
	found := responses[strconv.Itoa(http.StatusOK)].(object)
	content := object{}
	for _, kind := range media {
		content[kind] = object{"schema": object{"type": "string"}}
	}
	found["content"] = content
	if headers, ok := found["headers"].(object); ok {
		delete(headers, "Content-Type")
	}
}

func codeList(codes []string) string {
	marked := make([]string, 0, len(codes))
	for _, code := range slices.Sorted(slices.Values(codes)) {
		marked = append(marked, "`"+code+"`")
	}
	return strings.Join(slices.Compact(marked), ", ")
}

// answer is one kind of problem that an operation may answer with.
type answer struct {
	status int
	codes  []string // those of the plumbing and of access; the operation's own stand in its description
}

// answers are all the problems that an operation can meet.
func answers(op Operation, hasBody bool) []answer {
	malformed := []string{"unknown_parameter", "repeated_parameter", "invalid_query"}
	switch {
	case op.Page: // it looks at neither query nor body
		malformed = nil
	case len(op.Media) > 0:
		malformed = append(malformed, "missing_body", "body_unreadable")
	case hasBody:
		malformed = append(malformed, "missing_body", "body_unreadable", "invalid_json", "duplicate_key",
			"trailing_data", "too_deep", "unknown_field")
	default:
		malformed = append(malformed, "unexpected_body")
	}
	all := []answer{
		{http.StatusBadRequest, malformed},
		{http.StatusNotFound, []string{"not_found"}},
		// A path with an encoded question mark is cut there by the API Gateway and becomes another one.
		{http.StatusMethodNotAllowed, []string{"method_not_allowed"}},
		{http.StatusConflict, nil},
		{http.StatusUnprocessableEntity, []string{codeInvalidField, codeMissingField}},
		{http.StatusTooManyRequests, nil},
		{http.StatusInternalServerError, []string{"internal"}},
		{http.StatusServiceUnavailable, []string{"unavailable"}},
	}
	if !op.Public {
		all = append(all, answer{http.StatusUnauthorized, []string{"unauthenticated"}},
			answer{http.StatusForbidden, forbidden(op.Rule)})
	}
	if slices.Contains(op.Problems, errVersion.Code) {
		all = append(all, answer{http.StatusPreconditionFailed, nil}, answer{http.StatusPreconditionRequired, nil})
	}
	if hasBody {
		all = append(all, answer{http.StatusRequestEntityTooLarge, []string{"body_too_large"}},
			answer{http.StatusUnsupportedMediaType, []string{"unsupported_media_type"}})
	}
	return all
}

// forbidden are the codes of a key that may not. Those of an impersonation that lives are met only where its role may call.
func forbidden(r access.Rule) []string {
	codes := []string{"role_forbidden", "permission_missing", access.ErrSessionEnded.Code}
	if slices.Contains(r.Roles, access.OrganizationAdministrator) {
		codes = append(codes, access.ErrElsewhere.Code, access.ErrImpersonated.Code)
	}
	return codes
}

func (a answer) response() object {
	description := http.StatusText(a.status)
	if codes := codeList(a.codes); codes != "" {
		description += ": " + codes
	}
	content := object{mediaProblem: object{"schema": object{"$ref": schemaPrefix + "Problem"}}}
	if when := gateways(a.status); when != "" {
		description += ". Or from the API Gateway, and no problem document: " + when
		content[mediaJSON] = object{"schema": object{"type": "object", "properties": object{"message": object{"type": "string"}}}}
	}
	response := object{"description": description + ".", "content": content}
	switch a.status {
	case http.StatusUnauthorized:
		response["headers"] = header("WWW-Authenticate", "string", "The scheme to use: Bearer.")
	case http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		response["headers"] = header("Retry-After", "integer", "Seconds to wait, where that is known.")
	}
	return response
}

// gateways is when the API Gateway itself answers with a status, without asking us (docs/local.md has the sources).
func gateways(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "a path whose percent signs do not survive being decoded twice"
	case http.StatusRequestEntityTooLarge:
		return "a body above 10 MB, or above 6 MB as the function would get it"
	case http.StatusInternalServerError:
		return "the function failed, or ran out of time"
	case http.StatusServiceUnavailable:
		return "no answer within 30 seconds, or too many requests at once"
	}
	return ""
}

func header(name, kind, text string) object {
	return object{name: object{"description": text, "schema": object{"type": kind}}}
}
