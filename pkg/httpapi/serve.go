package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// serve answers one request. The answer is collected first, so that nothing of a
// failed one gets out.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	x := a.begin(r)
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	answer := x.guard(r.Context(), func(answer *reply) { a.dispatch(answer, r, x) })
	answer.send(w, r.Method)
}

// guard runs f and turns a panic into an opaque 500. The panic's value may hold
// anything, so only its type and the stack are logged.
func (x *exchange) guard(ctx context.Context, f func(*reply)) (answer *reply) {
	answer = newReply(x.requestID)
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		x.log(ctx, slog.LevelError, "request panicked",
			slog.String("panic", fmt.Sprintf("%T", value)), slog.String("stack", string(debug.Stack())))
		answer = newReply(x.requestID)
		answer.problem(x.stamp(internalProblem()))
	}()
	f(answer)
	return answer
}

// dispatch finds the operation. The mux's own answers (a redirect to a tidier path,
// plain-text 404 and 405) are never used: a path that is not exactly one of
// ours does not exist.
func (a *API) dispatch(answer *reply, r *http.Request, x *exchange) {
	handler, _ := a.mux.Handler(r)
	if _, ours := handler.(*route); ours {
		a.mux.ServeHTTP(answer, r)
		return
	}
	probe := newReply("")
	handler.ServeHTTP(probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		answer.problem(x.refuse(r.Context(), refusal(http.StatusNotFound, "not_found", "There is no such thing.")))
		return
	}
	answer.Header().Set("Allow", probe.header.Get("Allow"))
	answer.problem(x.refuse(r.Context(), refusal(http.StatusMethodNotAllowed, "method_not_allowed",
		"This path does not have this method; see the Allow header.")))
}
