package ses

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

const sender = "twofold@example.com"

var moment = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (*SES, *sesv2.Client, string) {
	t.Helper()
	s := New(sender, func() time.Time { return moment })
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, sesv2.NewFromConfig(aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(server.URL),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}), server.URL
}

// message is a good one; change spoils it.
func message(change func(*sesv2.SendEmailInput)) *sesv2.SendEmailInput {
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("Twofold <" + sender + ">"),
		Destination:      &types.Destination{ToAddresses: []string{"a@example.com"}},
		EmailTags:        []types.MessageTag{{Name: aws.String("kind"), Value: aws.String("code")}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String("Your code, größer")},
			Body: &types.Body{
				Text: &types.Content{Data: aws.String("12345678\n")},
				Html: &types.Content{Data: aws.String("<b>12345678</b>")},
			},
			Attachments: []types.Attachment{{FileName: aws.String("qr.png"), RawContent: []byte{1}}},
		}},
	}
	if change != nil {
		change(in)
	}
	return in
}

func TestSend(t *testing.T) {
	s, client, _ := open(t)
	out, err := client.SendEmail(t.Context(), message(nil))
	if err != nil {
		t.Fatal(err)
	}
	got := s.Messages("A@example.com")
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	m := got[0]
	if m.ID != *out.MessageId || m.To != "a@example.com" || m.Subject != "Your code, größer" || m.Text != "12345678\n" ||
		m.HTML != "<b>12345678</b>" || m.Tags["kind"] != "code" || !m.ReceivedAt.Equal(moment) ||
		len(m.Attachments) != 1 || m.Attachments[0] != "qr.png" {
		t.Errorf("got %+v", m)
	}
	if len(s.Messages("b@example.com")) != 0 {
		t.Error("it is in a stranger's mailbox too")
	}
	s.Clear()
	if len(s.Messages("")) != 0 {
		t.Error("not cleared")
	}
}

// TestEveryRecipientIsSeen: whoever lets a list of addresses through must find it in the mailboxes.
func TestEveryRecipientIsSeen(t *testing.T) {
	s, client, _ := open(t)
	_, err := client.SendEmail(t.Context(), message(func(in *sesv2.SendEmailInput) {
		in.Destination = &types.Destination{
			ToAddresses: []string{"victim@example.com, thief@example.org"}, BccAddresses: []string{"x@example.net"},
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"victim@example.com", "thief@example.org", "x@example.net"} {
		if len(s.Messages(to)) != 1 {
			t.Errorf("%s received %d", to, len(s.Messages(to)))
		}
	}
}

func TestRefusals(t *testing.T) {
	s, client, _ := open(t)
	to := func(address string) func(*sesv2.SendEmailInput) {
		return func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses = []string{address} }
	}
	for name, change := range map[string]func(*sesv2.SendEmailInput){
		"line break":    to("a@example.com\r\nBcc: thief@example.org"),
		"no domain":     to("a"),
		"bare host":     to("a@localhost"),
		"umlaut":        to("ä@example.com"),
		"look-alike":    to("a@exаmple.com"),
		"long":          to(strings.Repeat("a", 65) + "@example.com"),
		"nobody":        func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses = nil },
		"51":            func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses = many(51) },
		"other sender":  func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String("b@example.com") },
		"two senders":   func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String(sender + "," + sender) },
		"subject":       func(in *sesv2.SendEmailInput) { in.Content.Simple.Subject.Data = aws.String("a\nBcc: b@example.com") },
		"no body":       func(in *sesv2.SendEmailInput) { in.Content.Simple.Body = &types.Body{} },
		"tag":           func(in *sesv2.SendEmailInput) { in.EmailTags[0].Value = aws.String("a b") },
		"file name":     func(in *sesv2.SendEmailInput) { in.Content.Simple.Attachments[0].FileName = aws.String("a\r\nb") },
		"reply":         func(in *sesv2.SendEmailInput) { in.ReplyToAddresses = []string{"a"} },
		"header":        func(in *sesv2.SendEmailInput) { in.Content.Simple.Headers = header("X-A", "b\r\nc") },
		"header's name": func(in *sesv2.SendEmailInput) { in.Content.Simple.Headers = header("X-A: b", "c") },
		"raw, not ready": func(in *sesv2.SendEmailInput) {
			in.Content = &types.EmailContent{Raw: &types.RawMessage{Data: []byte("a")}}
		},
	} {
		_, err := client.SendEmail(t.Context(), message(change))
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "BadRequestException" && api.ErrorCode() != "MessageRejected" {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(api.ErrorMessage(), "@") {
			t.Errorf("%s: an address comes back in the error", name)
		}
	}
	if got := s.Messages(""); len(got) != 0 {
		t.Errorf("refused, yet delivered: %+v", got)
	}
}

func header(name, value string) []types.MessageHeader {
	return []types.MessageHeader{{Name: aws.String(name), Value: aws.String(value)}}
}

func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "a@example.com"
	}
	return list
}

func TestFaults(t *testing.T) {
	s, client, _ := open(t)
	for status, kind := range map[int]string{429: "TooManyRequestsException", 500: "InternalServiceErrorException", 400: "MessageRejected"} {
		s.SetFault(func(to string) Outcome {
			if to == "a@example.com" {
				return Outcome(status)
			}
			return 0
		})
		_, err := client.SendEmail(t.Context(), message(nil))
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != kind {
			t.Errorf("%d: %v", status, err)
		}
		if _, err := client.SendEmail(t.Context(), message(func(in *sesv2.SendEmailInput) {
			in.Destination.ToAddresses = []string{"b@example.com"}
		})); err != nil {
			t.Errorf("%d: others too: %v", status, err)
		}
	}
	if got := s.Messages("a@example.com"); len(got) != 0 {
		t.Errorf("delivered: %+v", got)
	}
	s.SetFault(func(string) Outcome { return LoseReply })
	if _, err := client.SendEmail(t.Context(), message(nil)); err == nil {
		t.Error("the reply was not lost")
	}
	if got := s.Messages("a@example.com"); len(got) != 1 {
		t.Errorf("reply lost, %d delivered", len(got))
	}
}

func TestOnlyTheNewestAreKept(t *testing.T) {
	var b mailbox
	for range capacity/50 + 1 {
		b.add(Message{Subject: "old"}, many(50))
	}
	b.add(Message{Subject: "new"}, many(1))
	all := b.list("")
	if len(all) != capacity || all[capacity-1].Subject != "new" {
		t.Errorf("%d kept", len(all))
	}
}

func TestWrongMethodsAndPaths(t *testing.T) {
	s, _, _ := open(t)
	for _, c := range []struct{ method, path string }{{"GET", "/v2/email/outbound-emails"}, {"POST", "/"}, {"GET", "/other"}} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "http://127.0.0.1"+c.path, nil)
		s.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", c.method, c.path, w.Code)
		}
	}
}
