package apigw

import (
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
)

func TestQueryAndHeadersArriveWhole(t *testing.T) {
	arrives(t, "query", func(r *http.Request) {
		if r.URL.RawQuery != "name=a%2Cb&name=c+d&q=100%25&empty=&flag" {
			t.Errorf("raw query %q", r.URL.RawQuery)
		}
		query := r.URL.Query()
		if !slices.Equal(query["name"], []string{"a,b", "c d"}) || query.Get("q") != "100%" || !query.Has("flag") {
			t.Errorf("query %v", query)
		}
		if got := r.Header["X-List"]; !slices.Equal(got, []string{`"one, two", three`}) {
			t.Errorf("a quoted list became %q", got)
		}
		if got := r.Header.Get("Accept-Language"); got != "en, de;q=0.8" {
			t.Errorf("language %q", got)
		}
		if r.Method != http.MethodGet || r.URL.Path != "/v1/users" || !r.ProtoAtLeast(1, 1) {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, r.Proto)
		}
	})
}

// Who the client is and which host it reached is what the API Gateway saw, not what a header says.
func TestOriginIsWhatTheGatewaySaw(t *testing.T) {
	arrives(t, "query", func(r *http.Request) {
		if r.Host != "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com" || r.Header.Get("Host") != "" {
			t.Errorf("host %q, header %q", r.Host, r.Header.Get("Host"))
		}
		if r.RemoteAddr != "203.0.113.9:0" || SourceIP(r.Context()) != "203.0.113.9" {
			t.Errorf("address %q, %q", r.RemoteAddr, SourceIP(r.Context()))
		}
		if RequestID(r.Context()) != "BvJ1xgZ0DoEEMvQ=" {
			t.Errorf("request id %q", RequestID(r.Context()))
		}
	})
	arrives(t, "ipv6", func(r *http.Request) {
		if r.RemoteAddr != "[2001:db8::7f]:0" || SourceIP(r.Context()) != "2001:db8::7f" {
			t.Errorf("address %q, %q", r.RemoteAddr, SourceIP(r.Context()))
		}
	})
	if RequestID(context.Background()) != "" || SourceIP(context.Background()) != "" {
		t.Error("an origin outside of a request")
	}
}

func TestCookiesBecomeOneHeader(t *testing.T) {
	arrives(t, "cookies", func(r *http.Request) {
		const want = `session=abc=; def; theme="dark, blue"; empty=`
		if got := r.Header["Cookie"]; !slices.Equal(got, []string{want}) {
			t.Errorf("cookies %q", got)
		}
		if cookie, err := r.Cookie("theme"); err != nil || cookie.Value != "dark, blue" {
			t.Errorf("theme %v, %v", cookie, err)
		}
	})
}

func TestBodiesArriveByteForByte(t *testing.T) {
	for name, want := range map[string]string{
		"post": `{"user":"ada é€"}`, "base64": "\x00\xffbinary\x00\r\n", "query": "",
	} {
		arrives(t, name, func(r *http.Request) {
			got, err := io.ReadAll(r.Body)
			if err != nil || string(got) != want {
				t.Errorf("%s: body %q, %v", name, got, err)
			}
			if r.ContentLength != int64(len(want)) {
				t.Errorf("%s: length %d, not %d", name, r.ContentLength, len(want))
			}
		})
	}
}

// HTTP APIs deliver the path decoded, so a percent sign in it is one that the client wrote as %25.
func TestAPathIsNotDecodedTwice(t *testing.T) {
	const id = "50% off+ü?#%2F"
	var called bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/users/{id}", func(_ http.ResponseWriter, r *http.Request) {
		called = true
		if r.PathValue("id") != id || r.URL.Path != "/v1/users/"+id || r.URL.RawPath != "" {
			t.Errorf("id %q, path %q, raw path %q", r.PathValue("id"), r.URL.Path, r.URL.RawPath)
		}
		if r.URL.RawQuery != "a=1" {
			t.Errorf("query %q", r.URL.RawQuery)
		}
	})
	if out := invoke(t, "percent", mux.ServeHTTP); out.StatusCode != 200 || !called {
		t.Errorf("status %d", out.StatusCode)
	}
}
