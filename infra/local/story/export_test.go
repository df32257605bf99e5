package story_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
	"twofold/infra/local/template"
)

// An export end to end: the real function behind the roles of template.yaml, and the command that an auditor runs.
func TestAnExportByTheCommand(t *testing.T) {
	const users = 1100
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command, out := built(t), filepath.Join(t.TempDir(), "acme.csv")
	told := story.New(story.World{API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now})
	err := told.RunExport(ctx, users, func(ctx context.Context, key, organization string) error {
		c := exec.CommandContext(ctx, command, "-api", s.APIURL, "-organization", organization, "-out", out, "-query", "sort=email&order=desc")
		c.Env = append(os.Environ(), "TWOFOLD_KEY="+key)
		said, err := c.CombinedOutput()
		t.Logf("%s", said)
		if strings.Contains(string(said), key) || !strings.Contains(string(said), "1100 lines in 2 pages") {
			t.Error("the command tells the key, or does not tell how far it is")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(records) != users+1 || records[1][2] != "u-01099@acme.example" || strings.Contains(string(text), ",=") || !strings.Contains(string(text), ",'=HYPERLINK(u-01000),") {
		t.Errorf("%d records, %v", len(records), err)
	}
	verify := func(want int, words string) {
		t.Helper()
		c := exec.CommandContext(ctx, command, "-verify", "-out", out)
		said, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != want || !strings.Contains(string(said), words) {
			t.Errorf("it ends with %d: %s", c.ProcessState.ExitCode(), said)
		}
	}
	verify(0, "1100 lines in 2 pages")
	at := bytes.Index(text, []byte("u-00055"))
	text[at] = 'v'
	if err := os.WriteFile(out, text, 0o600); err != nil {
		t.Fatal(err)
	}
	verify(1, "page 2:")
	if strings.Contains(s.Logs(), "HYPERLINK") {
		t.Error("the log has a user's id")
	}
}

// built is the command, compiled.
func built(t *testing.T) string {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "export")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./infra/export")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", said, err)
	}
	return path
}
