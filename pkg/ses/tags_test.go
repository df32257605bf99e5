package ses

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"twofold/pkg/mail"
)

// Whatever an id is, the tags may stand at SES and say whose the mail is.
func TestTagsFindTheirWayBack(t *testing.T) {
	for _, of := range []mail.Of{
		{Organization: "acme", User: "ann", Delivery: strings.Repeat("d", 32)}, {Organization: "acme"}, {User: "x"}, {Delivery: "d"},
		{Organization: strings.Repeat("o", 48), User: strings.Repeat("ü", 64), Delivery: strings.Repeat("-", 32)},
		{Organization: "a.b_c-d", User: "ann\x00@example.com, \r\nBcc: x"},
	} {
		m := message()
		m.Of = of
		if err := check(m); err != nil {
			t.Errorf("%+v: %v", of, err)
		}
		given := map[string][]string{}
		for _, tag := range tags(m) {
			given[*tag.Name] = []string{*tag.Value}
		}
		if got, err := ofTags(given); err != nil || got != of || given["kind"][0] != "login_code" {
			t.Errorf("%+v came back as %+v, %v", of, got, err)
		}
	}
	if n := len(tags(message())); n != 1 {
		t.Errorf("a mail of nobody has %d tags", n)
	}
	for _, odd := range []map[string][]string{
		nil, {"user": nil}, {"user": {"a", "b"}}, {"user": {"!"}}, {"user": {base64.RawURLEncoding.EncodeToString([]byte("acme"))}},
		{"user": {strings.Repeat("A", 257)}},
	} {
		if got, err := ofTags(odd); err == nil {
			t.Errorf("%v is of %+v", odd, got)
		}
	}
}

// What a caller could put where it does not belong never reaches SES.
func TestNothingIsSmuggledIntoTagsLinksAndPictures(t *testing.T) {
	s := talking(t, func(http.ResponseWriter, *http.Request) { t.Error("SES was called") })
	for name, spoil := range map[string]func(*mail.Message){
		"a kind":              func(m *mail.Message) { m.Tag = "a b" },
		"a kind with a line":  func(m *mail.Message) { m.Tag = "a\r\nX: y" },
		"a delivery":          func(m *mail.Message) { m.Of.Delivery = "a@b" },
		"a long id":           func(m *mail.Message) { m.Of.User = strings.Repeat("u", 200) },
		"http":                func(m *mail.Message) { m.Unsubscribe = "http://a.example/u" },
		"a script":            func(m *mail.Message) { m.Unsubscribe = "javascript:x" },
		"two addresses":       func(m *mail.Message) { m.Unsubscribe = "https://a.example/u>, <https://b.example/" },
		"a header":            func(m *mail.Message) { m.Unsubscribe = "https://a.example/u\r\nBcc: c@d.example" },
		"a blank":             func(m *mail.Message) { m.Unsubscribe = "https://a.example/u u" },
		"a look-alike":        func(m *mail.Message) { m.Unsubscribe = "https://а.example/u" },
		"a long link":         func(m *mail.Message) { m.Unsubscribe = "https://a.example/" + strings.Repeat("u", 900) },
		"no host":             func(m *mail.Message) { m.Unsubscribe = "https:///u" },
		"an SVG":              func(m *mail.Message) { m.Logo = &mail.Image{Type: "image/svg+xml", Data: []byte("<svg/>")} },
		"a type with a line":  func(m *mail.Message) { m.Logo = &mail.Image{Type: "image/png\r\nX: y", Data: []byte{1}} },
		"a picture of nobody": func(m *mail.Message) { m.Logo = &mail.Image{Type: "image/png"} },
	} {
		m := message()
		spoil(&m)
		if err := s.Send(context.Background(), m); !errors.Is(err, mail.ErrRejected) || strings.Contains(err.Error(), "example") {
			t.Errorf("%s: %v", name, err)
		}
		if errs := s.SendBulk(context.Background(), []mail.Message{m}); !errors.Is(errs[0], mail.ErrRejected) {
			t.Errorf("%s, in bulk: %v", name, errs)
		}
	}
}

func TestLogoHeadersAndTags(t *testing.T) {
	m := message()
	m.Logo = &mail.Image{Type: "image/png", Data: []byte("\x89PNG")}
	m.Unsubscribe = "https://twofold.example/u"
	m.Of = mail.Of{Organization: "acme", User: "ann", Delivery: "d1"}
	var got sesv2.SendEmailInput
	s := talking(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		accept(w)
	})
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	simple := got.Content.Simple
	if len(simple.Attachments) != 1 || len(simple.Headers) != 2 || len(got.EmailTags) != 3 {
		t.Fatalf("got %+v, tags %v", simple, got.EmailTags)
	}
	a := simple.Attachments[0]
	if aws.ToString(a.ContentId) != "logo" || a.ContentDisposition != "INLINE" || *a.ContentType != "image/png" || *a.FileName != "logo.png" || string(a.RawContent) != "\x89PNG" {
		t.Errorf("the logo: %+v", a)
	}
	if *simple.Headers[0].Name != "List-Unsubscribe" || *simple.Headers[0].Value != "<https://twofold.example/u>" || *simple.Headers[1].Name != "List-Unsubscribe-Post" || *simple.Headers[1].Value != "List-Unsubscribe=One-Click" {
		t.Errorf("the headers: %+v", simple.Headers)
	}
}
