package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// api answers each call by what its turns say, and then as an import that creates all but refuses lines with "bad".
type api struct {
	t      *testing.T
	turns  []http.HandlerFunc
	bodies []string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Authorization") != "Bearer key" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") {
		a.t.Errorf("asked with %v, %v", r.Header, err)
	}
	a.bodies = append(a.bodies, string(body))
	if len(a.turns) > 0 {
		turn := a.turns[0]
		a.turns = a.turns[1:]
		turn(w, r)
		return
	}
	var results []string
	created, refused := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(body)), "\n")[1:] {
		if strings.Contains(line, "bad") {
			refused++
			results = append(results, `{"result":"refused","code":"invalid_email","field":"email"}`)
			continue
		}
		created++
		results = append(results, `{"result":"created"}`)
	}
	fmt.Fprintf(w, `{"results":[%s],"created":%d,"updated":0,"unchanged":0,"refused":%d}`, strings.Join(results, ","), created, refused)
}

func problem(status int, code string, after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"detail":"Fixed words.","field":"body"}`, code)
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, `{"results`)
}

// upload is one against an API, whose waits are noted and not waited.
func upload(t *testing.T, a *api) (u Upload, waits *[]time.Duration, progress *bytes.Buffer) {
	t.Helper()
	a.t = t
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	waits, progress = &[]time.Duration{}, &bytes.Buffer{}
	clock := time.Unix(0, 0)
	u = Upload{
		Client: Client{URL: server.URL, Key: "key", Format: CSV, HTTP: server.Client(), Note: func(string, time.Duration) {},
			Wait: func(ctx context.Context, d time.Duration) error { *waits = append(*waits, d); return ctx.Err() }},
		Progress: progress, Refusals: &Refusals{Path: filepath.Join(t.TempDir(), "refused")},
		Now: func() time.Time { clock = clock.Add(time.Second); return clock },
	}
	t.Cleanup(func() { _ = u.Refusals.Close() })
	return u, waits, progress
}

func csvOf(n int, odd ...string) io.Reader {
	return strings.NewReader("user,email\n" + strings.Repeat("a,a@acme.example\n", n) + strings.Join(odd, "\n"))
}

func TestWhatIsBusyIsAskedAgain(t *testing.T) {
	a := &api{turns: []http.HandlerFunc{
		problem(503, "unavailable", "3"), problem(429, "", ""), cut, problem(409, "conflict", "1"), problem(500, "internal", "-9"), problem(504, "", "99999"),
	}}
	u, waits, _ := upload(t, a)
	got, err := u.Run(t.Context(), csvOf(2))
	if err != nil || got.Created != 2 || len(a.bodies) != 7 || a.bodies[0] != a.bodies[6] {
		t.Fatalf("%+v, %v, %d calls", got, err, len(a.bodies))
	}
	w := *waits
	if w[0] != 3*time.Second || w[1] < firstWait/2 || w[5] != longWait || len(w) != 6 {
		t.Errorf("waited %v", w)
	}
}

// An API that is too slow for a thousand lines gets fewer, and the results stay in the order of the file.
func TestWhatIsTooSlowIsAskedInHalves(t *testing.T) {
	a := &api{}
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Count(string(body), "\n") > 200 {
			problem(503, "unavailable", "")(w, r)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		a.ServeHTTP(w, r)
	})
	u, _, _ := upload(t, a)
	server := httptest.NewServer(slow)
	defer server.Close()
	u.Client.URL = server.URL
	got, err := u.Run(t.Context(), csvOf(998, "b,bad 1", "c,c@acme.example"))
	if !errors.Is(err, ErrRefused) || got != (Tally{Lines: 1000, Created: 999, Refused: 1}) || len(a.bodies) != 8 {
		t.Errorf("%+v, %v, in %d calls", got, err, len(a.bodies))
	}
	if text, err := os.ReadFile(u.Refusals.ReasonsPath()); err != nil || !strings.Contains(string(text), "\n1000,invalid_email,email\n") {
		t.Errorf("%q, %v", text, err)
	}
}

// Users with an authenticator are mailed, and codes go the same way: the file takes as long as the mails do.
func TestMailsAreSpread(t *testing.T) {
	for rate, want := range map[int][]time.Duration{0: nil, 4: {75 * time.Second}} {
		u, waits, _ := upload(t, &api{})
		u.Mails = rate
		file := "user,email,otpauth\n" + strings.Repeat("a,a@acme.example,otpauth://totp/x\n", 300) + "b,bad,otpauth://totp/x\nc,c@acme.example,\n"
		if _, err := u.Run(t.Context(), strings.NewReader(file)); !errors.Is(err, ErrRefused) || !slices.Equal(*waits, want) {
			t.Errorf("%d a second: waited %v, %v", rate, *waits, err)
		}
	}
}

func TestWhatIsAwayForGoodIsGivenUp(t *testing.T) {
	a := &api{}
	for range tries + 1 {
		a.turns = append(a.turns, problem(503, "unavailable", ""))
	}
	u, waits, _ := upload(t, a)
	_, err := u.Run(t.Context(), csvOf(2))
	var busy passing
	if !errors.As(err, &busy) || !strings.Contains(err.Error(), "lines 2 to 3") || len(*waits) != tries-1 {
		t.Errorf("%v after %d waits", err, len(*waits))
	}
}

func TestWhatIsRefusedForGoodIsNotAskedAgain(t *testing.T) {
	for _, turn := range []http.HandlerFunc{
		problem(401, "unauthenticated", ""), problem(403, "role_forbidden", ""), problem(400, "unknown_field", ""), problem(413, "", ""), problem(302, "", ""),
		func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) },
		func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"results":[]}`) },
	} {
		a := &api{turns: []http.HandlerFunc{turn}}
		u, waits, _ := upload(t, a)
		if _, err := u.Run(t.Context(), csvOf(2)); err == nil || errors.Is(err, ErrRefused) || len(*waits) > 0 || len(a.bodies) != 1 || strings.Contains(err.Error(), "acme") {
			t.Errorf("%v after %d calls", err, len(a.bodies))
		}
	}
}

func TestRefusedLinesAreKeptWithTheirReasons(t *testing.T) {
	u, _, progress := upload(t, &api{})
	got, err := u.Run(t.Context(), csvOf(1500, "b,bad 1", "c,c@acme.example", "d,bad 2"))
	if !errors.Is(err, ErrRefused) || got != (Tally{Lines: 1503, Created: 1501, Refused: 2}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := u.Refusals.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		u.Refusals.Path: "user,email\nb,bad 1\nd,bad 2\n", u.Refusals.ReasonsPath(): "line,code,field\n1502,invalid_email,email\n1504,invalid_email,email\n",
	} {
		text, err := os.ReadFile(path)
		info, _ := os.Stat(path)
		if err != nil || string(text) != want || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %q, %v, %v", path, text, err, info.Mode())
		}
	}
	if !strings.HasSuffix(progress.String(), "1501 created, 0 updated, 0 unchanged, 2 refused\n") || !strings.Contains(progress.String(), "a second") {
		t.Errorf("told %q", progress)
	}
	if err := (&Refusals{Path: u.Refusals.Path}).open(nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("the file of before is overwritten: %v", err)
	}
}

func TestAnInterruption(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	a := &api{turns: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { stop(); problem(503, "unavailable", "")(w, r) }}}
	u, _, _ := upload(t, a)
	if _, err := u.Run(ctx, csvOf(2)); !errors.Is(err, context.Canceled) || len(a.bodies) != 1 {
		t.Errorf("%v after %d calls", err, len(a.bodies))
	}
}
