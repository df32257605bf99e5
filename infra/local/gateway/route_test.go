package gateway

import (
	"maps"
	"testing"

	"twofold/infra/local/template"
)

// TestMatch: the most specific route wins, $default last.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
func TestMatch(t *testing.T) {
	var targets []Target
	for _, r := range []template.Route{
		{},
		{Method: "ANY", Path: "/v1/{kind}/{id}"},
		{Method: "ANY", Path: "/v1/organizations/{organization}"},
		{Method: "ANY", Path: "/v1/{kind}/new"},
		{Method: "GET", Path: "/v1/organizations/{organization}"},
		{Method: "ANY", Path: "/v1/organizations/{organization}/users/{user}/reset"},
		{Method: "ANY", Path: "/openapi.json"},
	} {
		targets = append(targets, Target{Route: r})
	}
	routes, err := compile(targets)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, key string
		variables         map[string]string
	}{
		{"GET", "/v1/organizations/acme", "GET /v1/organizations/{organization}", map[string]string{"organization": "acme"}},
		{"PUT", "/v1/organizations/acme", "ANY /v1/organizations/{organization}", map[string]string{"organization": "acme"}},
		{"PUT", "/v1/organizations/new", "ANY /v1/organizations/{organization}", map[string]string{"organization": "new"}},
		{"PUT", "/v1/things/new", "ANY /v1/{kind}/new", map[string]string{"kind": "things"}},
		{"PUT", "/v1/things/old", "ANY /v1/{kind}/{id}", map[string]string{"kind": "things", "id": "old"}},
		{"POST", "/v1/organizations/a/users/b@c/reset", "ANY /v1/organizations/{organization}/users/{user}/reset",
			map[string]string{"organization": "a", "user": "b@c"}},
		{"GET", "/openapi.json", "ANY /openapi.json", nil},
		{"GET", "/openapi.json/", "$default", nil},
		{"GET", "/v1/organizations/", "$default", nil}, // a variable holds at least one character
		{"GET", "/V1/organizations/acme", "$default", nil},
		{"GET", "/", "$default", nil},
	} {
		found, variables, ok := match(routes, c.method, c.path)
		if !ok || found.key != c.key || !maps.Equal(variables, c.variables) {
			t.Errorf("%s %s: %v %s %v", c.method, c.path, ok, found.key, variables)
		}
	}
}

// A greedy variable takes whatever no other route does below its place, and nothing is less than a segment.
func TestGreedyRoutes(t *testing.T) {
	var targets []Target
	for _, path := range []string{"/a/{rest+}", "/a/{one}", "/a/b/{two}", "/a", "/a/b/c"} {
		targets = append(targets, Target{Route: template.Route{Method: "ANY", Path: path}})
	}
	routes, err := compile(targets)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		key, rest string
	}{
		"/a": {"ANY /a", ""}, "/a/x": {"ANY /a/{one}", ""}, "/a/x/y": {"ANY /a/{rest+}", "x/y"}, "/a/b/x": {"ANY /a/b/{two}", ""},
		"/a/b/c": {"ANY /a/b/c", ""}, "/a/b/c/d": {"ANY /a/{rest+}", "b/c/d"}, "/a/x/": {"ANY /a/{rest+}", "x/"}, "/a/": {"", ""}, "/b/x": {"", ""},
	} {
		found, variables, ok := match(routes, "GET", path)
		if ok != (want.key != "") || found.key != want.key || variables["rest"] != want.rest {
			t.Errorf("%s: %s %v", path, found.key, variables)
		}
	}
}

func TestNoRoute(t *testing.T) {
	f := &function{answer: `{"statusCode":204}`}
	server := serve(t, f, "/only")
	res, body := fetch(t, "GET", server.URL+"/other", nil)
	if res.StatusCode != 404 || body != `{"message":"Not Found"}` || f.payload != nil {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestRoutesThatAreRefused(t *testing.T) {
	for name, routes := range map[string][]template.Route{
		"twice":    {{Method: "ANY", Path: "/a"}, {Method: "ANY", Path: "/a"}},
		"greedy":   {{Method: "ANY", Path: "/{proxy+}/more"}},
		"partial":  {{Method: "ANY", Path: "/a-{b}"}},
		"method":   {{Method: "FETCH", Path: "/a"}},
		"relative": {{Method: "ANY", Path: "a"}},
	} {
		var targets []Target
		for _, r := range routes {
			targets = append(targets, Target{Route: r})
		}
		if _, err := New(targets, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
