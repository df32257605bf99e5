package page

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"twofold/pkg/apigw"
)

// answered is what the API Gateway is given.
type answered struct {
	StatusCode      int
	Headers         map[string]string
	Cookies         []string
	Body            string
	IsBase64Encoded bool
}

// through asks the site as the API Gateway does.
func through(t *testing.T, s *Site, method, path string, headers map[string]string) answered {
	t.Helper()
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": path, "headers": headers,
		"requestContext": map[string]any{"domainName": "login.example", "requestId": "r", "http": map[string]any{"method": method, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := apigw.Handler(s, slog.New(slog.DiscardHandler)).Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var a answered
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// The API Gateway compresses nothing and carries bytes in base64 only: what is compressed arrives as it left.
func TestPagesGoThroughTheAPIGateway(t *testing.T) {
	s := gallerySite(t, Options{}, gallery(same[string]))
	for _, path := range []string{"/code", assets()["page.css"].path, themePath(color{1, 2, 3})} {
		plain := through(t, s, "GET", path, map[string]string{})
		zipped := through(t, s, "GET", path, map[string]string{"accept-encoding": "gzip, br"})
		content, err := base64.StdEncoding.DecodeString(zipped.Body)
		if err != nil || !zipped.IsBase64Encoded || zipped.Headers["Content-Encoding"] != "gzip" || unzipped(t, content) != plain.Body || plain.IsBase64Encoded || plain.Body == "" {
			t.Errorf("%s: %v %+v", path, err, zipped.Headers)
		}
	}
}

// The host is the domain that the API Gateway was asked by, and no header can name another: so a form of ours is told from others even
// where the browser says only the origin.
func TestTheHostIsTheDomainOfTheAPIGateway(t *testing.T) {
	s := gallerySite(t, Options{}, nil)
	s.Handle("POST /do", func(w http.ResponseWriter, _ *http.Request) error {
		SeeOther(w, "/done")
		return nil
	})
	for name, c := range map[string]struct {
		headers map[string]string
		want    int
	}{
		"ours":              {map[string]string{"origin": "https://login.example"}, 303},
		"another's":         {map[string]string{"origin": "https://evil.example"}, 403},
		"another's, and so": {map[string]string{"origin": "https://evil.example", "host": "evil.example", "x-forwarded-host": "evil.example"}, 403},
		"nobody's":          {map[string]string{"host": "login.example"}, 403},
		"by the browser":    {map[string]string{"sec-fetch-site": "same-origin"}, 303},
	} {
		if got := through(t, s, "POST", "/do", c.headers); got.StatusCode != c.want {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}
