package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// openInvocation is the one that the runtime has taken and not yet answered.
type openInvocation struct {
	mu   sync.Mutex
	now  *invocation
	last string // id of the one that was answered last
}

func (o *openInvocation) begin(i *invocation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = i
}

// end returns the open invocation if it has the id, and closes it, so that a second answer finds nothing.
func (o *openInvocation) end(id string) *invocation {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.now == nil || o.now.id != id {
		return nil
	}
	i := o.now
	o.now, o.last = nil, id
	return i
}

// refuseEnd answers a runtime that answers what is not open. Once more is a wrong state, as after an answer that was
// too large (github.com/brefphp/bref pull 1483); anything else was never asked of it.
func (o *openInvocation) refuseEnd(w http.ResponseWriter, id string) {
	o.mu.Lock()
	again := o.last == id
	o.mu.Unlock()
	if again {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "The invocation has been answered.")
		return
	}
	refuse(w, http.StatusBadRequest, "InvalidRequestID", "No such invocation is open.")
}

// api serves the Runtime API, version 2018-06-01:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (i *instance) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", i.giveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", i.takeResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", i.takeError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", i.takeInitError)
	return mux
}

func (i *instance) giveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case work := <-i.next:
		if work.deadline.IsZero() {
			work.deadline = time.Now().Add(work.timeout)
		}
		i.open.begin(work)
		close(work.taken)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", work.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(work.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", i.arn)
		h.Set("Lambda-Runtime-Trace-Id", traceID(time.Now()))
		_, _ = w.Write(work.payload) // a runtime that is gone is noticed by the end of its process
	}
}

func (i *instance) takeResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	work := i.open.end(r.PathValue("id"))
	switch {
	case work == nil:
		i.open.refuseEnd(w, r.PathValue("id"))
		return
	case err != nil:
		work.answer <- answer{err: fmt.Errorf("lambda: reading the answer: %w", err)}
		refuse(w, http.StatusInternalServerError, "TruncatedPayload", "The answer ended early.")
		return
	case len(body) > maxAnswer:
		work.answer <- answer{err: &FunctionError{Type: "Function.ResponseSizeTooLarge"}}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxAnswer))
		return
	}
	work.answer <- answer{body: body}
	accept(w)
}

func (i *instance) takeError(w http.ResponseWriter, r *http.Request) {
	failure := readError(r)
	work := i.open.end(r.PathValue("id"))
	if work == nil {
		i.open.refuseEnd(w, r.PathValue("id"))
		return
	}
	work.answer <- answer{err: failure}
	accept(w)
}

func (i *instance) takeInitError(w http.ResponseWriter, r *http.Request) {
	select {
	case i.failed <- errors.Join(ErrInit, readError(r)):
	default: // one reason is enough
	}
	accept(w)
}

func readError(r *http.Request) *FunctionError {
	var e struct{ ErrorType, ErrorMessage string }
	if err := json.NewDecoder(io.LimitReader(r.Body, maxAnswer)).Decode(&e); err != nil || e.ErrorType == "" {
		e.ErrorType = "Unknown"
	}
	return &FunctionError{Type: e.ErrorType, Message: e.ErrorMessage}
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errorType":%q,"errorMessage":%q}`, kind, text)
}

// traceID has the form of an X-Ray header that asks for no sampling.
func traceID(now time.Time) string {
	var random [20]byte
	_, _ = rand.Read(random[:]) // crypto/rand.Read never fails
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0",
		now.Unix(), hex.EncodeToString(random[:12]), hex.EncodeToString(random[12:]))
}
