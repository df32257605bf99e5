package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/fault"
)

// Problem is every error answer: RFC 9457 §3.1, with the members code, field,
// errors, request_id and decision (§3.2).
type Problem struct {
	Type      string `json:"type" format:"uri-reference" doc:"A relative reference made of the code: /problems/<code>."`
	Title     string `json:"title" doc:"The status in words."`
	Status    int    `json:"status" doc:"The HTTP status."`
	Detail    string `json:"detail" doc:"What is wrong, in fixed words; never a value from the request."`
	Code      string `json:"code" doc:"The stable code to program against."`
	Field     string `json:"field,omitempty" doc:"The part of the request at fault, as a path such as policy.methods or query.limit."`
	Errors    []Flaw `json:"errors,omitempty" doc:"All faults found, where there are several."`
	RequestID string `json:"request_id" doc:"Quote it when asking for help; also in X-Request-Id."`
	Decision  any    `json:"decision,omitempty" doc:"With 409 decision_changed, wrong_step and two_factor_required: what holds now, in the shape of a login's answer; of the first two with the login's token, to go on with."`

	retryAfter time.Duration
}

// Flaw is one thing wrong with one field.
type Flaw struct {
	Field  string `json:"field" doc:"The part of the request at fault."`
	Code   string `json:"code" doc:"The stable code."`
	Detail string `json:"detail" doc:"What is wrong, in fixed words."`
}

const mediaProblem = "application/problem+json"

// Error gives the code, so that a problem can travel as an error.
func (p *Problem) Error() string { return p.Code }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes every problem application/problem+json (RFC 9457 §3).
func (p *Problem) ContentType(string) string { return mediaProblem }

// GetHeaders gives the headers that belong to the problem: the challenge of a 401
// (RFC 9110 §11.6.1) and Retry-After in whole seconds, rounded up (§10.2.3).
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(p.retryAfter.Seconds())), 10))
	}
	return h
}

// refusal makes a problem in fixed words.
func refusal(status int, code, detail string) *Problem {
	return &Problem{Type: "/problems/" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func (p *Problem) at(field string) *Problem {
	p.Field = field
	return p
}

func internalProblem() *Problem { return problemOf(fault.As(nil)) }

// problemOf is the one place where a fault becomes an answer.
func problemOf(e *fault.Error) *Problem {
	p := refusal(statusOf(e.Kind), e.Code, e.Message)
	p.Field, p.Decision, p.retryAfter = e.Field, e.Attached, e.RetryAfter
	if flaws, several := e.Attached.([]Flaw); several {
		p.Decision, p.Errors = nil, flaws
	}
	if p.Status == http.StatusInternalServerError {
		// Whatever the fault says of itself, nobody outside learns more than this.
		opaque := fault.As(nil)
		p = refusal(http.StatusInternalServerError, opaque.Code, opaque.Message)
	}
	return p
}

func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unprocessable:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.PreconditionRequired:
		return http.StatusPreconditionRequired
	case fault.PreconditionFailed:
		return http.StatusPreconditionFailed
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
