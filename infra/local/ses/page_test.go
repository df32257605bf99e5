package ses

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestPage(t *testing.T) {
	s, _, url := open(t)
	if _, body := get(t, url); !strings.Contains(body, "No mail yet") {
		t.Error("an empty mailbox says nothing")
	}
	s.box.add(Message{Subject: "first", Text: "11111111"}, []string{"a@example.com"})
	s.box.add(Message{Subject: "<script>", Text: "<img src=x>", HTML: "<b>seen?</b>"}, []string{"b+c@example.com"})
	s.box.add(Message{Subject: "third", HTML: "<b>only</b>"}, []string{"a@example.com"})
	res, body := get(t, url)
	for _, want := range []string{"&lt;script&gt;", "&lt;img src=x&gt;", "11111111", "&lt;b&gt;only&lt;/b&gt;", `/?to=b%2bc%40example.com`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	body = strings.Replace(body, `<script src="/watch.js" defer></script>`, "", 1) // its own, and all that its policy lets run
	for _, bad := range []string{"<script", "<img", "<b>"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s is not escaped", bad)
		}
	}
	if strings.Index(body, "<h2>third") > strings.Index(body, "<h2>first") {
		t.Error("not newest first")
	}
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if _, one := get(t, url+"/?to=b%2Bc@example.com"); strings.Contains(one, "11111111") || !strings.Contains(one, "&lt;script&gt;") {
		t.Error("the page of one address")
	}
	if res, _ := get(t, url+"/style.css"); res.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style sheet: %v", res.Header)
	}
}

func TestMessagesForPrograms(t *testing.T) {
	s, _, url := open(t)
	if _, body := get(t, url+"/messages?to=a@example.com"); strings.TrimSpace(body) != "[]" {
		t.Errorf("nothing yet: %s", body)
	}
	s.box.add(Message{ID: "1", Subject: "first", ReceivedAt: moment}, []string{"a@example.com"})
	s.box.add(Message{ID: "2", Subject: "second"}, []string{"b@example.com"})
	_, body := get(t, url+"/messages?to=a@example.com")
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 1 {
		t.Fatalf("%s, %v", body, err)
	}
	if m := list[0]; m["id"] != "1" || m["to"] != "a@example.com" || m["received_at"] != "2026-11-01T12:00:00Z" {
		t.Errorf("got %v", m)
	}
}

// TestNamesOfOthers: a page on the web may have a name that resolves to this machine, and its scripts could then read
// the mailbox as their own.
func TestNamesOfOthers(t *testing.T) {
	s, _, _ := open(t)
	for host, want := range map[string]int{
		"127.0.0.1:8788": 200, "localhost:8788": 200, "[::1]:8788": 200, "localhost": 200,
		"evil.example:8788": 421, "192.0.2.1": 421, "127.0.0.1.evil.example": 421,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://127.0.0.1/messages", nil)
		r.Host = host
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}

// What went to machines stands below the mails, newest first and escaped, and is no mail.
func TestBesideTheMails(t *testing.T) {
	s, _, url := open(t)
	s.Beside("Webhooks", func() []Sent {
		var all []Sent
		for i := range maxBeside + 2 {
			all = append(all, Sent{What: fmt.Sprint("event-", i, "."), To: "https://hooks.example.com/", Answer: "503", Text: "<img src=x>"})
		}
		return all
	})
	s.Beside("Event bus", func() []Sent { return nil })
	_, body := get(t, url)
	first, last := strings.Index(body, "event-21."), strings.Index(body, "event-2.")
	if first < 0 || last < first || strings.Contains(body, "event-1.") || strings.Contains(body, "<img") || !strings.Contains(body, "&lt;img src=x&gt;") {
		t.Errorf("the newest at %d, the oldest at %d", first, last)
	}
	if !strings.Contains(body, "<dd>503</dd>") || !strings.Contains(body, "None yet.") || len(s.Messages("")) != 0 {
		t.Error("an answer or an empty way is not shown, or there is mail")
	}
	if _, one := get(t, url+"/?to=a@example.com"); strings.Contains(one, "event-") {
		t.Error("somebody's mails have what was no mail")
	}
}
