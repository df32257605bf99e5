package receiver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"twofold/pkg/outbound"
)

// posting is a receiver and the product's own client in front of it.
func posting(t *testing.T) (*Receiver, *outbound.Client, string) {
	t.Helper()
	r := New(time.Now)
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	c, err := outbound.Open(&s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return r, c, s.URL
}

func TestWhatComesIsKept(t *testing.T) {
	r, c, at := posting(t)
	const address = "https://Hooks.Example.com:8443/../answers?key=1"
	status, err := c.Post(t.Context(), address, map[string]string{"webhook-id": "msg_1"}, []byte(`{"a":1}`))
	got := r.Posts("hooks.example.COM")
	if status != http.StatusNoContent || err != nil || len(got) != 1 || len(r.Posts("other.example.com")) != 0 {
		t.Fatalf("%d, %v, %+v", status, err, got)
	}
	p := got[0]
	if p.URL != address || p.Host != "hooks.example.com" || p.Header["webhook-id"] != "msg_1" || p.Body != `{"a":1}` || p.Answer != "204" || !p.Taken() || p.ReceivedAt.IsZero() {
		t.Errorf("%+v", p)
	}
	response, err := http.Get(at + "/posts?host=hooks.example.com")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); !strings.Contains(string(text), `"body":"{\"a\":1}"`) {
		t.Errorf("%s", text)
	}
}

func TestAnswersOnDemand(t *testing.T) {
	r, c, at := posting(t)
	form := func(values url.Values) int {
		response, err := http.PostForm(at+"/answers", values)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	for _, values := range []url.Values{{}, {"answer": {"199"}}, {"answer": {"600"}}, {"answer": {"x"}}, {"answer": {"503"}, "times": {"0"}}, {"answer": {"503"}, "times": {"x"}}} {
		if form(values) != http.StatusBadRequest {
			t.Errorf("%v is accepted", values)
		}
	}
	for _, values := range []url.Values{
		{"answer": {"503"}, "host": {"A.example.com"}, "times": {"1"}}, {"answer": {"hang-up"}, "host": {"a.example.com"}, "times": {"1"}},
		{"answer": {"lose-reply"}, "host": {"a.example.com"}, "times": {"1"}}, {"answer": {"302"}, "times": {"1"}}, {"answer": {"410"}, "host": {"b.example.com"}},
	} {
		if form(values) != http.StatusNoContent {
			t.Errorf("%v is refused", values)
		}
	}
	for i, want := range []struct {
		host   string
		status int
		taken  bool
	}{
		{"a", 503, false}, {"a", 0, false}, {"a", 0, true}, {"a", 302, false}, {"a", 204, true}, {"b", 410, false}, {"b", 410, false}, {"c", 204, true},
	} {
		status, err := c.Post(t.Context(), "https://"+want.host+".example.com/", nil, nil)
		posts := r.Posts("")
		if status != want.status || (err != nil) != (want.status == 0) || len(posts) != i+1 || posts[i].Taken() != want.taken {
			t.Errorf("%d: %d, %v, %+v", i, status, err, posts[len(posts)-1])
		}
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, at+"/answers", nil)
	if response, err := http.DefaultClient.Do(request); err != nil || response.Body.Close() != nil {
		t.Fatal(err)
	}
	if status, err := c.Post(t.Context(), "https://b.example.com/", nil, nil); status != 204 || err != nil {
		t.Errorf("healed: %d, %v", status, err)
	}
}

func TestTheOldestGoFirst(t *testing.T) {
	r := New(time.Now)
	for i := range capacity + 5 {
		r.keep(Post{Body: strings.Repeat("x", i)})
	}
	if all := r.Posts(""); len(all) != capacity || len(all[0].Body) != 5 {
		t.Errorf("%d, the oldest is %d", len(all), len(all[0].Body))
	}
}

func TestForThisMachineOnly(t *testing.T) {
	r := New(time.Now)
	for _, c := range []struct {
		host, site string
		want       int
	}{{"rebound.example.com", "", 421}, {"127.0.0.1:1", "cross-site", 403}, {"localhost", "", 204}} {
		request := httptest.NewRequest(http.MethodPost, "/answers", strings.NewReader("answer=503"))
		request.Host = c.host
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c.site != "" {
			request.Header.Set("Sec-Fetch-Site", c.site)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request)
		if w.Code != c.want {
			t.Errorf("%s, %s: %d", c.host, c.site, w.Code)
		}
	}
	request := httptest.NewRequest(http.MethodPost, "/hooks.example.com/", strings.NewReader("{}"))
	request.Host = "localhost"
	w := httptest.NewRecorder()
	if r.ServeHTTP(w, request); w.Code != http.StatusNotFound || len(r.Posts("")) != 0 {
		t.Errorf("without the URL: %d", w.Code)
	}
}
