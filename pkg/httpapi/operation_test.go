package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
)

func TestEveryOperationHasARule(t *testing.T) {
	operations := newSample(t).api.Operations()
	if len(operations) != 4 {
		t.Fatalf("%d operations", len(operations))
	}
	for _, op := range operations {
		if op.Public == (len(op.Rule.Roles) > 0) {
			t.Errorf("%s: public %v, roles %v", op.ID, op.Public, op.Rule.Roles)
		}
	}
}

func TestDeclarationsThatPanic(t *testing.T) {
	right := putPolicy()
	for name, spoil := range map[string]func(*httpapi.Operation){
		"no ID":              func(op *httpapi.Operation) { op.ID = "" },
		"no method":          func(op *httpapi.Operation) { op.Method = "" },
		"odd method":         func(op *httpapi.Operation) { op.Method = http.MethodTrace },
		"no path":            func(op *httpapi.Operation) { op.Path = "" },
		"subtree":            func(op *httpapi.Operation) { op.Path = "/v1/" },
		"rest of path":       func(op *httpapi.Operation) { op.Path = "/v1/{rest...}" },
		"no rule":            func(op *httpapi.Operation) { op.Rule = access.Rule{} },
		"no roles":           func(op *httpapi.Operation) { op.Rule.Roles = nil },
		"unknown role":       func(op *httpapi.Operation) { op.Rule.Roles = []access.Role{"root"} },
		"unknown permission": func(op *httpapi.Operation) { op.Rule.Permission = "all" },
		"public with rule":   func(op *httpapi.Operation) { op.Public = true },
		"negative size":      func(op *httpapi.Operation) { op.MaxBody = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			op := right
			op.Rule.Roles = slices.Clone(right.Rule.Roles)
			spoil(&op)
			if !panics(func() { register[struct{}](op) }) {
				t.Error("registered")
			}
		})
	}
	if panics(func() { register[struct{}](right) }) {
		t.Error("the right one is refused")
	}
}

func TestBodiesAreJSONOnly(t *testing.T) {
	type raw struct{ RawBody []byte }
	if !panics(func() { register[raw](putPolicy()) }) {
		t.Error("registered a raw body")
	}
}

func TestTwoOperationsOfOneIDPanic(t *testing.T) {
	api := httpapi.New("sample", httpapi.Options{Now: time.Now})
	add := func(path string) {
		op := putPolicy()
		op.Path = path
		httpapi.Register(api, op, nothing[struct{}])
	}
	add("/a")
	if !panics(func() { add("/b") }) {
		t.Error("registered twice")
	}
}

func TestNowIsNeeded(t *testing.T) {
	if !panics(func() { httpapi.New("sample", httpapi.Options{}) }) {
		t.Error("an API without a clock")
	}
}

func register[I any](op httpapi.Operation) {
	httpapi.Register(httpapi.New("sample", httpapi.Options{Now: time.Now}), op, nothing[I])
}

func nothing[I any](context.Context, access.Caller, *I) (*struct{}, error) { return nil, nil }

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestDefaultBodyLimit(t *testing.T) {
	s, c := newSample(t), good(t)
	c.method, c.target = http.MethodPost, "/v1/users/ann/touch"
	for size, want := range map[int]int{httpapi.DefaultMaxBody: 204, httpapi.DefaultMaxBody + 1: 413} {
		c.body = `{"until":1` + strings.Repeat(" ", size-11) + `}`
		if w := s.send(c); w.Code != want {
			t.Errorf("%d bytes: status %d, want %d", size, w.Code, want)
		}
	}
}
