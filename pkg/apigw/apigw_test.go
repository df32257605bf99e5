package apigw

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func recorded(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// invoke sends a recorded event through a handler.
func invoke(t *testing.T, name string, h http.HandlerFunc) answer {
	t.Helper()
	raw, err := Handler(h, slog.New(slog.DiscardHandler)).Invoke(context.Background(), recorded(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var out answer
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// arrives sends a recorded event to a handler that looks at the request: it must be reached, and return.
func arrives(t *testing.T, name string, look func(*http.Request)) {
	t.Helper()
	looked := false
	out := invoke(t, name, func(_ http.ResponseWriter, r *http.Request) {
		look(r)
		looked = true
	})
	if !looked || out.StatusCode != http.StatusOK {
		t.Errorf("%s did not arrive: %+v", name, out)
	}
}

// Code 400 is ours; the handler never runs, and the answer quotes nothing.
func TestBrokenBase64IsAProblem(t *testing.T) {
	out := invoke(t, "broken_base64", func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") })
	if out.StatusCode != 400 || out.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("answer %+v", out)
	}
	if strings.Contains(out.Body, "canary") || !json.Valid([]byte(out.Body)) {
		t.Errorf("body %s", out.Body)
	}
}

func TestWhatIsNoEventIsAnError(t *testing.T) {
	handler := Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") }), slog.New(slog.DiscardHandler))
	for _, payload := range []string{
		"", "null", "[]", "{}", `"canary"`, `{"version":"1.0","httpMethod":"GET","path":"/"}`, `{"version":"2.0"}`,
		`{"version":"1.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`, `{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}`,
		`{"version":"2.0","headers":{"authorization":["canary"]},"requestContext":{"http":{"method":"GET"}}}`,
		`{"version":"2.0","requestContext":{"http":{"method":"GET"}}`,
	} {
		out, err := handler.Invoke(context.Background(), []byte(payload))
		if err == nil || out != nil {
			t.Errorf("%s: answer %s", payload, out)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error quotes it: %v", payload, err)
		}
	}
}

func TestAPanicIsAnOpaque500(t *testing.T) {
	var logged bytes.Buffer
	handler := Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "session=canary-cookie")
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "canary-body")
		panic(struct{ secret string }{"canary-panic"})
	}), slog.New(slog.NewJSONHandler(&logged, nil)))

	raw, err := handler.Invoke(context.Background(), recorded(t, "query"))
	if err != nil {
		t.Fatal(err)
	}
	var out answer
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"about:blank","title":"Internal error","status":500,"code":"internal"}`
	if out.StatusCode != 500 || out.Body != want || len(out.Cookies) != 0 {
		t.Errorf("answer %s", raw)
	}
	for _, needed := range []string{"struct { secret string }", "BvJ1xgZ0DoEEMvQ=", "apigw_test.go"} {
		if !strings.Contains(logged.String(), needed) {
			t.Errorf("the log lacks %q: %s", needed, logged.String())
		}
	}
	if strings.Contains(logged.String()+string(raw), "canary") {
		t.Errorf("what the handler held came out: %s %s", logged.String(), raw)
	}
}

func TestTheDeadlineFlowsThrough(t *testing.T) {
	deadline := time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	handler := Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got, ok := r.Context().Deadline(); !ok || !got.Equal(deadline) {
			t.Errorf("deadline %v, %t", got, ok)
		}
		cancel()
		if r.Context().Err() == nil {
			t.Error("the request outlives its invocation")
		}
	}), slog.New(slog.DiscardHandler))
	if _, err := handler.Invoke(ctx, recorded(t, "query")); err != nil {
		t.Fatal(err)
	}
}

func FuzzInvokeNeverPanics(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		f.Fatalf("no recorded events: %v", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	handler := Handler(http.HandlerFunc(echo), slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw, err := handler.Invoke(context.Background(), payload)
		if err != nil {
			return
		}
		var out answer
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("the answer cannot be read: %v", err)
		}
		if out.StatusCode != 200 && out.StatusCode != 400 {
			t.Errorf("status %d", out.StatusCode)
		}
		if out.IsBase64Encoded {
			if _, err := base64.StdEncoding.DecodeString(out.Body); err != nil {
				t.Error(err)
			}
		}
	})
}

// echo reads everything that a handler might.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	for name, values := range r.Header {
		w.Header()["X-"+name] = values
	}
	w.Header().Set("Location", r.URL.String()+r.URL.Query().Encode()+r.RemoteAddr+r.Host)
	for _, cookie := range r.Cookies() {
		http.SetCookie(w, cookie)
	}
	_, _ = w.Write(body)
}
