package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
)

type rawInput struct{ RawBody []byte }

func lined() httpapi.Operation {
	op := putPolicy()
	op.ID, op.Path, op.Media = "put-lines", "/lines", []string{"application/x-ndjson", "text/csv"}
	return op
}

func TestMediaTypesOtherThanJSON(t *testing.T) {
	var got string
	api := httpapi.New("sample", httpapi.Options{Now: time.Now})
	httpapi.Register(api, lined(), func(_ context.Context, _ access.Caller, in *rawInput) (*struct{}, error) {
		got = string(in.RawBody)
		return nil, nil
	})
	_, key := access.NewKey(access.OrganizationAdministrator, time.Now())
	const body = "{\"a\":1,\"a\":2}\nnot JSON \xff"
	for media, want := range map[string]int{
		"application/x-ndjson": 204, "text/csv": 204, "text/csv; charset=UTF-8": 204, "text/csv; charset=utf-8; header=present": 204, "Text/CSV": 204,
		"application/json": 415, "application/octet-stream": 415, "": 415, "text/csv; charset=latin1": 415, "text/csv, application/json": 415,
	} {
		got = ""
		r := httptest.NewRequest(http.MethodPut, "/lines", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		if w.Code != want || (got == body) != (want == 204) {
			t.Errorf("%q: status %d with %q, want %d", media, w.Code, got, want)
		}
		if want == 415 && !strings.Contains(w.Body.String(), "application/x-ndjson or text/csv") {
			t.Errorf("%q: told %s", media, w.Body)
		}
	}
	document, err := httpapi.Document(api)
	if err != nil {
		t.Fatal(err)
	}
	for _, media := range []string{`"application/x-ndjson": {`, `"text/csv": {`} {
		if !strings.Contains(string(document), media) {
			t.Errorf("the document does not name %s", media)
		}
	}
	if strings.Contains(string(document), "octet-stream") || strings.Contains(string(document), "`invalid_json`") {
		t.Error("the document names what is not so")
	}
}

// A raw body and media types are declared together, or not at all.
func TestMediaTypesNeedARawBody(t *testing.T) {
	if !panics(func() { register[policyInput](lined()) }) {
		t.Error("registered with JSON")
	}
	if !panics(func() { register[struct{}](lined()) }) {
		t.Error("registered without a body")
	}
	if panics(func() { register[rawInput](lined()) }) {
		t.Error("the right one is refused")
	}
}
