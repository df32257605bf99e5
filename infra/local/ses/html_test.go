package ses

import (
	"net/http"
	"strings"
	"testing"
)

// The HTML part is shown alone and in a sandbox: what an attacker wrote into a mail runs nowhere, and asks nobody.
func TestTheHTMLPartIsShownInASandbox(t *testing.T) {
	s, _, url := open(t)
	images := map[string]Image{"logo": {"image/png", []byte("png")}, "evil": {"text/html", []byte("x")}}
	s.box.add(Message{ID: "m1", HTML: `<script>x()</script><img src="cid:logo"><img src="cid:evil">`, Text: "x", Images: images}, []string{"a@example.com"})
	s.box.add(Message{ID: "m2", Text: "only"}, []string{"a@example.com"})
	res, body := get(t, url+"/html?id=m1")
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "sandbox;") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "allow-") || strings.Contains(csp, "script") || strings.Contains(csp, "http") {
		t.Errorf("policy %q", csp)
	}
	if res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(body, `<img src="data:image/png;base64,cG5n"><img src="cid:evil">`) {
		t.Errorf("shows %s", body)
	}
	if _, page := get(t, url); !strings.Contains(page, `href="/html?id=m1"`) || strings.Contains(page, "id=m2") {
		t.Error("the page leads elsewhere")
	}
	for _, none := range []string{"m2", "m3", ""} {
		if res, _ := get(t, url+"/html?id="+none); res.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %d", none, res.StatusCode)
		}
	}
}
