package main

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"twofold/pkg/apigw"
)

var start = time.Date(2026, 11, 22, 12, 0, 7, 0, time.UTC)

func TestAnEventIsTheRequest(t *testing.T) {
	p := &person{id: "person-000001", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", login: "token"}
	asked, err := rightAnswer.of(p, start)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := asked.event("tfk_app", start)
	if err != nil {
		t.Fatal(err)
	}
	handler := apigw.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != string(asked.body) {
			t.Errorf("the body arrives as %q", body)
		}
		h := r.Header
		if r.Method != http.MethodPost || r.URL.Path != rightAnswer.path || h.Get("Authorization") != "Bearer tfk_app" ||
			h.Get("Content-Type") != "application/json" || h.Get("Idempotency-Key") == "" {
			t.Errorf("%s %s with %v", r.Method, r.URL.Path, h)
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "text")
	}), slog.New(slog.DiscardHandler))
	answer, err := handler.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	got, err := unpacked(reply{body: answer})
	if err != nil || got.status != http.StatusTeapot || string(got.body) != "text" {
		t.Errorf("unpacked %d %q, %v", got.status, got.body, err)
	}
	if _, err := unpacked(reply{body: []byte("no")}); err == nil {
		t.Error("what is no answer is unpacked")
	}
}

func TestAnAnswerThatIsNotTheExpectedOneStopsTheBench(t *testing.T) {
	p := &person{}
	for name, c := range map[string]struct {
		of   operation
		with reply
		good bool
	}{
		"another status": {rightAnswer, reply{http.StatusCreated, []byte(`{"assertion":"a.b.c"}`)}, false},
		"let in":         {wrongAnswer, reply{http.StatusOK, []byte(`{"assertion":"a.b.c"}`)}, false},
		"no JSON":        {login, reply{http.StatusOK, []byte(`no`)}, false},
		"no assertion":   {rightAnswer, reply{http.StatusOK, []byte(`{}`)}, false},
		"an assertion":   {rightAnswer, reply{http.StatusOK, []byte(`{"assertion":"a.b.c"}`)}, true},
		"a refusal":      {wrongAnswer, reply{http.StatusUnprocessableEntity, []byte(`{"code":"code_refused"}`)}, true},
		"a login":        {login, reply{http.StatusOK, []byte(`{"login":"t"}`)}, true},
	} {
		if err := c.of.took(p, c.with); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p.login != "t" {
		t.Error("the login's token is not kept")
	}
}
