package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/template"
)

// Whatever was answered is told of once, by its route and never by its path.
func TestEveryAnswerIsLogged(t *testing.T) {
	f := &function{}
	g, err := New([]Target{{Route: template.Route{Method: "ANY", Path: "/users/{user}"}, Function: f}}, func() time.Time { return moment })
	if err != nil {
		t.Fatal(err)
	}
	var logged []Access
	g.Log = func(a Access) { logged = append(logged, a) }
	for _, c := range []struct {
		path, answer, route string
		status              int
	}{
		{"/users/ann", `{"statusCode":422}`, "ANY /users/{user}", 422},
		{"/users/ann?q=1", `{"statusCode":204}`, "ANY /users/{user}", 204},
		{"/users/ann", `"as it is"`, "ANY /users/{user}", 200},
		{"/users/ann", `{"statusCode":99}`, "ANY /users/{user}", 500},
		{"/people/ann", ``, "", 404},
		{"/users/ann%25", ``, "", 400},
		{"/users/" + strings.Repeat("x", maxHeader), ``, "", 431},
	} {
		logged, f.answer = nil, c.answer
		w := served(t, g, http.MethodDelete, c.path)
		want := Access{RequestID: w.Header().Get("Apigw-Requestid"), Method: http.MethodDelete, Route: c.route, Status: c.status}
		if len(logged) != 1 || logged[0] != want || w.Code != c.status || want.RequestID == "" {
			t.Errorf("%.20s: answered %d, logged %+v, want %+v", c.path, w.Code, logged, want)
		}
	}
}

func served(t *testing.T, g *Gateway, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
	return w
}
