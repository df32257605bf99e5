package stack

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/stream"
	"twofold/infra/local/template"
)

// fixture is the stack of testdata; its binaries are apart from the real ones.
func fixture(t *testing.T) Options {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Root: root, Template: filepath.Join(root, "infra/local/stack/testdata/template.yaml"),
		Bootstrap: "infra/local/stack/testdata/bootstrap", Build: true, BinDir: t.TempDir(),
	}
}

// order asks the API for a mail to an address.
func order(t *testing.T, s *Stack, name, address string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.APIURL+"/orders/"+name, strings.NewReader(address))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 201 || string(body) != "ANY /orders/{name}" {
		t.Fatalf("%d %s %v", res.StatusCode, body, err)
	}
}

func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}

// TestStory goes the whole way: HTTP, function, KMS, table, stream, function, KMS, SES, mailbox.
func TestStory(t *testing.T) {
	s := startForTest(t, fixture(t))
	order(t, s, "first", "a@example.com")
	await(t, func() bool { return len(s.Mailbox("a@example.com")) == 1 })
	if m := s.Mailbox("a@example.com")[0]; m.Text != "first" || m.From != Sender {
		t.Errorf("got %+v", m)
	}
	if calls := s.KMS.Calls(); calls["Encrypt"] != 1 || calls["Decrypt"] != 1 {
		t.Errorf("KMS was asked %v", calls)
	}
	// A mailer that is killed before it has answered gets its record again, and the fixture's sends twice then.
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "mail"} {
		await(t, func() bool { return strings.Contains(s.Logs(), "starting "+name) })
		if err := s.KillInstances(name); err != nil {
			t.Error(err)
		}
	}
	order(t, s, "second", "b@example.com")
	await(t, func() bool { return len(s.Mailbox("b@example.com")) == 1 })
	if err := s.KillInstances("nobody"); err == nil {
		t.Error("an unknown function was killed")
	}
	if err := s.Settle(t.Context()); err != nil || len(s.Mailbox("")) != 2 || len(s.StreamFailures()) != 0 {
		t.Errorf("%d messages, failures %+v, %v", len(s.Mailbox("")), s.StreamFailures(), err)
	}
}

// TestPoison: a record that kills its function is given up and kept; those behind it go on.
func TestPoison(t *testing.T) {
	s := startForTest(t, fixture(t))
	order(t, s, "poison", "a@example.com")
	await(t, func() bool { return len(s.StreamFailures()) == 1 })
	order(t, s, "next", "a@example.com")
	await(t, func() bool { return len(s.Mailbox("a@example.com")) == 1 })
	failure := s.StreamFailures()[0]
	if failure.Reader != "mail" || failure.Destination != "Failures.Arn" || failure.Condition != stream.RetriesExhausted ||
		failure.Attempts != 3 || len(failure.Records) != 1 {
		t.Errorf("given up as %+v", failure)
	}
	queue := s.Queue("Failures.Arn")
	if len(queue) != 1 || !strings.Contains(queue[0], `"functionArn":"arn:aws:lambda:eu-west-1:000000000000:function:mail"`) {
		t.Errorf("the queue holds %q", queue)
	}
}

// TestKMSFailure: what cannot be sealed is not written.
func TestKMSFailure(t *testing.T) {
	s := startForTest(t, fixture(t))
	s.KMS.SetFault(func(string) int { return 500 })
	res, err := http.Post(s.APIURL+"/orders/x", "text/plain", strings.NewReader("a@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusInternalServerError {
		t.Errorf("status %d", res.StatusCode)
	}
	s.KMS.SetFault(nil)
	order(t, s, "x", "a@example.com")
}

// TestRoles: a function that does more than its role in the template allows is refused, as on AWS.
func TestRoles(t *testing.T) {
	s := startForTest(t, fixture(t))
	res, err := http.Get(s.APIURL + "/orders/trespass")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "4" {
		t.Errorf("%s of 4 attempts were refused, %v", body, err)
	}
	if !strings.Contains(s.Logs(), `"action":"dynamodb:DeleteItem"`) {
		t.Error("the refusal is not in the log")
	}
}

func TestBootstrapSeesTheStackOnly(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	s := startForTest(t, fixture(t))
	said, err := os.ReadFile(s.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{s.TableName, s.KMS.ARN(), Administrator, "AWS_ENDPOINT_URL_KMS=http://127.0.0.1:", "AWS_CONFIG_FILE=/dev/null"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("it was not told %s", want)
		}
	}
}

func TestAddressesAreLoopback(t *testing.T) {
	s := startForTest(t, fixture(t))
	for _, text := range []string{s.APIURL, s.MailURL, s.kmsURL, s.endpoint, s.BusURL, s.HooksURL} {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() != "127.0.0.1" {
			t.Errorf("%s, %v", text, err)
		}
	}
}

func TestIncompleteOptions(t *testing.T) {
	for _, o := range []Options{{}, {Root: "."}, {InMemory: true}} {
		if _, err := Start(t.Context(), o); err == nil {
			t.Errorf("%+v: accepted", o)
		}
	}
}

func TestLogLinesHaveNames(t *testing.T) {
	var b buffer
	l := &logWriter{to: &b}
	_, _ = l.named("verify").Write([]byte("one\ntwo"))
	if got := b.String(); got != "verify    one\nverify    two\n" {
		t.Errorf("got %q", got)
	}
}
