package ses

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"twofold/pkg/mail"
)

const (
	from = "Twofold <no-reply@twofold.example>"
	set  = "twofold-set"
)

var _ mail.Sender = (*Sender)(nil)

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
})

// talking talks to a server that speaks SES's REST protocol, through the real client.
func talking(t *testing.T, serve http.HandlerFunc) *Sender {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	client := sesv2.New(sesv2.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: credentials,
	})
	s := New(client, from, set)
	s.retryer = retry.NewStandard(onlyThrottling, func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	return s
}

func message() mail.Message {
	return mail.Message{To: "ada@example.org", Subject: "Your code", Text: "12345678 €", HTML: "<p>12345678 €</p>", Tag: "login_code"}
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"MessageId":"0102-accepted"}`)
}

func TestSendWritesWhatSESExpects(t *testing.T) {
	text := func(data string) any { return map[string]any{"Data": data, "Charset": "UTF-8"} }
	request := func(body, tags any) map[string]any {
		out := map[string]any{
			"FromEmailAddress": from, "ConfigurationSetName": set,
			"Destination": map[string]any{"ToAddresses": []any{"ada@example.org"}},
			"Content":     map[string]any{"Simple": map[string]any{"Subject": text("Your code"), "Body": body}},
		}
		if tags != nil {
			out["EmailTags"] = tags
		}
		return out
	}
	bare := message()
	bare.HTML, bare.Tag = "", ""
	for _, c := range []struct {
		message mail.Message
		want    map[string]any
	}{
		{message(), request(map[string]any{"Text": text("12345678 €"), "Html": text("<p>12345678 €</p>")},
			[]any{map[string]any{"Name": "kind", "Value": "login_code"}})},
		{bare, request(map[string]any{"Text": text("12345678 €")}, nil)},
	} {
		var got map[string]any
		s := talking(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
				t.Errorf("%s %s", r.Method, r.URL.Path)
			}
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			accept(w)
		})
		if err := s.Send(context.Background(), c.message); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("got  %v\nwant %v", got, c.want)
		}
	}
}

// A mistake in the set-up must not use up the messages: they can go once it is mended.
func TestASenderWithoutAnAddressKeepsTheMessages(t *testing.T) {
	for _, text := range []string{"", "nobody", "a@b.example, c@d.example", "Name <a@b.example>\r\nBcc: c@d.example"} {
		err := New(nil, text, set).Send(context.Background(), message())
		if err == nil || errors.Is(err, mail.ErrRejected) {
			t.Errorf("from %q: %v", text, err)
		}
	}
}

func TestOpenGoesToTheEndpoint(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); accept(w) }))
	defer server.Close()
	s := Open(aws.Config{Region: "eu-west-1", Credentials: credentials}, &server.URL, from, set)
	if err := s.Send(context.Background(), message()); err != nil || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

// Attack lines 18 and 40: nothing but one bare address is a recipient, and no line break reaches a header.
func TestNothingIsSmuggledIntoHeaders(t *testing.T) {
	var calls atomic.Int32
	s := talking(t, func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); accept(w) })
	recipients := []string{
		"", "ada", "@example.org", "ada@", " ada@example.org", "ada@example.org ", "ada@example.org\n",
		"ada@example.org\r\nBcc: eve@evil.example", "ada@example.org,eve@evil.example", "ada@example.org, eve@evil.example",
		"ada@example.org;eve@evil.example", "<ada@example.org>", "Ada <ada@example.org>", `"Ada" <ada@example.org>`,
		"ada@example.org (comment)", "friends: ada@example.org;", `"ada eve"@example.org`, `"ada\r\n"@example.org`,
		"ada@exämple.org", "аda@example.org", "ada@example.org\x00", "ada\t@example.org", "ada@example.org\u2028", "ada@@example.org",
	}
	for _, to := range recipients {
		m := message()
		m.To = to
		refused(t, s, m)
	}
	for _, subject := range []string{"a\nb", "a\rb", "a\r\nBcc: eve@evil.example", "a\x00b", "a\tb", "a\u0085b", "a\u2028b", "a\xffb"} {
		m := message()
		m.Subject = subject
		refused(t, s, m)
	}
	if calls.Load() != 0 {
		t.Errorf("SES was called %d times", calls.Load())
	}
	for _, to := range []string{"ada@example.org", "ada+tag@mail.example.org", "o'neil_1.x@xn--exmple-cua.org"} {
		m := message()
		m.To = to
		if err := s.Send(context.Background(), m); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func refused(t *testing.T, s *Sender, m mail.Message) {
	t.Helper()
	err := s.Send(context.Background(), m)
	if !errors.Is(err, mail.ErrRejected) {
		t.Errorf("to %q, subject %q: %v", m.To, m.Subject, err)
		return
	}
	if strings.Contains(err.Error(), "example") {
		t.Errorf("the error quotes the message: %v", err)
	}
}
