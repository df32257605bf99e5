package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// pasted are the documents with something to be pasted into a shell.
var pasted = []string{"../../README.md", "../../docs/integration.md", "../../docs/local.md", "../../docs/tour.md"}

// blocks are what they have.
func blocks(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range pasted {
		found := fenced(t, name, "sh")
		if len(found) == 0 {
			t.Fatalf("%s has nothing to be pasted", name)
		}
		all = append(all, found...)
	}
	return all
}

// fenced are the blocks of a language that a document has.
func fenced(t *testing.T, name, language string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		all = append(all, found[1])
	}
	return all
}

// What README shows of the integration is what the sample application runs.
func TestReadmeShowsTheSamplesOwnCode(t *testing.T) {
	shown := fenced(t, "../../README.md", "go")
	text, err := os.ReadFile("sample/hosted.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(text), ")\n\n") // of the imports
	if !found || len(shown) != 1 || shown[0] != code {
		t.Errorf("README.md shows\n%s\nand sample/hosted.go has\n%s", strings.Join(shown, "\n"), code)
	}
}

// function is the line of README.md that defines one.
func function(t *testing.T, name string) string {
	t.Helper()
	for _, block := range blocks(t) {
		for line := range strings.Lines(block) {
			if strings.HasPrefix(line, name+"() {") {
				return line
			}
		}
	}
	t.Fatalf("no document defines %s", name)
	return ""
}

// bash runs a script as somebody who pastes it.
func bash(t *testing.T, script string, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "bash", append([]string{"-c", script, "bash"}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestWhatReadmeHasPastedCanBeRead(t *testing.T) {
	all := blocks(t)
	if len(all) < 4 {
		t.Fatalf("%d blocks", len(all))
	}
	for _, block := range all {
		if out, err := exec.CommandContext(t.Context(), "bash", "-n", "-c", block).CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, block)
		}
	}
}

// mailed is the text of a mail with a code, as the mailbox had it.
const mailed = "Demo\n\nConfirm a change of the policy\n\nYou proposed to change the two-factor policy. Enter this code to confirm it. It is good for ten minutes.\n\n" +
	"59381860\n\n- Status: enabled → forced\n- Asked from: 127.0.0.1\n- Reason: ticket 20261127\n\nIf it was not you, somebody is using your key: revoke it at once.\n"

// The tour finds the last code that was mailed to somebody, between what else is in the mailbox.
func TestTheToursCodeIsFound(t *testing.T) {
	type message struct {
		Text string `json:"text"`
		HTML string `json:"html"`
	}
	boxes := map[string][]message{
		"admin+1@demo.example": {
			{Text: strings.ReplaceAll(mailed, "59381860", "11111111"), HTML: "<p>11111111</p>"}, {Text: mailed, HTML: "<p>59381860</p>"},
			{Text: "A key was used.\n\nIt was 12345678.\n", HTML: "<p>12345678</p>"},
		},
		"nobody@demo.example": {},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		box, found := boxes[r.FormValue("to")]
		if r.URL.Path != "/messages" || !found {
			t.Errorf("asked for %s", r.URL)
		}
		_ = json.NewEncoder(w).Encode(box)
	}))
	defer server.Close()
	script := "MAILBOX=" + server.URL + "\n" + function(t, "mails") + function(t, "code") + `code "$1"`
	for to, want := range map[string]string{"admin+1@demo.example": "59381860", "nobody@demo.example": "none"} {
		if got := bash(t, script, to); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
}

func TestTheToursFieldIsFound(t *testing.T) {
	script := function(t, "field") + `printf %s "$1" | field "$2"`
	for _, c := range []struct{ answer, name, want string }{
		{`{"id":"a1","next":{"order":"b2"}}`, "id", "a1"}, {`{"next":{"order":"b2"}}`, "next.order", "b2"}, {`{"code":"not_found"}`, "next.order", "none"},
		{`{"version":7}`, "version", "7"},
	} {
		if got := bash(t, script, c.answer, c.name); got != c.want {
			t.Errorf("%s of %s: %q", c.name, c.answer, got)
		}
	}
}
