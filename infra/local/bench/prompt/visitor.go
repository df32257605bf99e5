package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

const (
	returnTo = "https://bench.example/back"
	visitors = 50 // that take turns, so that no one user's item is all that is read
)

// visitor is an application and a browser, on a stack of their own.
type visitor struct {
	stack *stack.Stack
	app   string
	turns int
}

func arrive(ctx context.Context) (*visitor, error) {
	root, err := template.Root()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "bench-prompt-")
	if err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, stack.Options{Root: root, Bootstrap: "infra/bootstrap", Build: true, InMemory: true, DataDir: folder})
	if err != nil {
		return nil, err
	}
	v := &visitor{stack: s}
	if err := v.ready(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return v, os.RemoveAll(folder)
}

func (v *visitor) ready(ctx context.Context) error {
	file, err := v.stack.ReadyMade(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var keys struct {
		Admin struct{ Key string } `json:"org_admin"`
		App   struct{ Key string } `json:"application"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		return err
	}
	v.app = keys.App.Key
	body := map[string]any{"name": "Bench", "return_addresses": []string{returnTo}}
	_, err = v.ask(ctx, keys.Admin.Key, http.MethodPut, "/v1/organizations/"+stack.Organization+"/applications/app", body)
	return err
}

// turn takes the times of the bare call, of the redirect that takes the login off the address bar, and of the first page.
func (v *visitor) turn(ctx context.Context) (call, entry, page time.Duration, err error) {
	v.turns++
	user := fmt.Sprintf("user-%d", v.turns%visitors)
	began := time.Now()
	text, err := v.ask(ctx, v.app, http.MethodPost, "/v1/logins", map[string]any{
		"organization": stack.Organization, "user": user, "email": user + "@bench.example", "nonce": "nonce-bench", "return_to": returnTo,
	})
	call = time.Since(began)
	if err != nil {
		return 0, 0, 0, err
	}
	var answer struct{ Next struct{ URL string } }
	if err := json.Unmarshal(text, &answer); err != nil {
		return 0, 0, 0, err
	}
	began = time.Now()
	first, err := v.browse(ctx, answer.Next.URL, http.StatusSeeOther, nil)
	entry = time.Since(began)
	if err != nil {
		return 0, 0, 0, err
	}
	began = time.Now()
	_, err = v.browse(ctx, v.stack.APIURL+first.Header.Get("Location"), http.StatusOK, first.Cookies())
	return call, entry, time.Since(began), err
}

func (v *visitor) ask(ctx context.Context, key, method, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, v.stack.APIURL+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	answer, _, err := send(r, http.StatusOK)
	return answer, err
}

func (v *visitor) browse(ctx context.Context, address string, want int, cookies []*http.Cookie) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	_, response, err := send(r, want)
	return response, err
}

// client follows no redirects: each is a request of its own.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func send(r *http.Request, want int) ([]byte, *http.Response, error) {
	response, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != want {
		err = fmt.Errorf("%s %s: %d", r.Method, r.URL.Path, response.StatusCode)
	}
	return text, response, err
}
