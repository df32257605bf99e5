package page

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"sync/atomic"
	"testing"
	"time"
)

// browse gives the document that Chromium has made of a page after its scripts have run; its clock runs as fast as they let it.
func browse(t *testing.T, address string) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("pages are tried in Debian's Chromium: apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--lang=en-GB", "--accept-lang=en-GB", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=200000", "--dump-dom", address)
	c.Env = append(os.Environ(), "TZ=Asia/Tokyo", "LANGUAGE=en_GB")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

var titled = regexp.MustCompile(`<title>(.*)</title>`)

// The script does what it is there for, in a browser, below the policy of every page.
func TestScript(t *testing.T) {
	s := gallerySite(t, Options{}, map[string]View{"script": {Body: "script", Title: "Script", Data: time.Date(2026, 3, 1, 21, 5, 0, 0, time.UTC)}})
	s.Handle("GET /driver.js", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/javascript")
		http.ServeFile(w, r, "testdata/driver.js")
		return nil
	})
	server := httptest.NewServer(s)
	defer server.Close()
	page := browse(t, server.URL+"/script")
	m := titled.FindStringSubmatch(page)
	if m == nil {
		t.Fatal(page)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(m[1])), &got); err != nil {
		t.Fatalf("the driver did not come to its end: %s", m[1])
	}
	for what, want := range map[string]any{
		"js": "js", "shown": "block", "time": []any{"2 March 2026 at 06:05", "1 March 2026, 21:05 UTC"},
		"copied": []any{"ABCD EFGH", "Copied"}, "copy": "Copy", "selected": "ABCD EFGH", "printed": true,
		"waiting": []any{true, true}, "waited": []any{false, "Again"},
		"typed": []any{"123", 0.0}, "complete": []any{"123456", []any{true}, true}, "twice": []any{true, false}, "back": false, "again": []any{true, false, true}, "released": false,
	} {
		if !reflect.DeepEqual(got[what], want) {
			t.Errorf("%s: %v, want %v", what, got[what], want)
		}
	}
}

// A form that sends itself does so once, even where it comes back as the answer.
func TestAFormSendsItselfOnce(t *testing.T) {
	s := gallerySite(t, Options{}, map[string]View{"auto": {Body: "auto", Title: "Auto"}})
	var sent atomic.Int64
	s.Handle("POST /auto", func(w http.ResponseWriter, _ *http.Request) error {
		sent.Add(1)
		SeeOther(w, "/auto")
		return nil
	})
	server := httptest.NewServer(s)
	defer server.Close()
	if browse(t, server.URL+"/auto"); sent.Load() != 1 {
		t.Errorf("it was sent %d times", sent.Load())
	}
}
