package ses

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

const own = "mail.acme.example"

func created(t *testing.T, client *sesv2.Client, domain string) (*sesv2.CreateEmailIdentityOutput, error) {
	t.Helper()
	return client.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{
		EmailIdentity:         aws.String(domain),
		DkimSigningAttributes: &types.DkimSigningAttributes{NextSigningKeyLength: types.DkimSigningKeyLengthRsa2048Bit},
		Tags:                  []types.Tag{{Key: aws.String("table"), Value: aws.String("t")}},
	})
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func from(address string) func(*sesv2.SendEmailInput) {
	return func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String("Acme <" + address + ">") }
}

func TestTheLifeOfAnIdentity(t *testing.T) {
	s, client, _ := open(t)
	made, err := created(t, client, "Mail.Acme.Example")
	if err != nil {
		t.Fatal(err)
	}
	if made.VerifiedForSendingStatus || made.DkimAttributes.Status != types.DkimStatusPending || len(made.DkimAttributes.Tokens) != 3 || *made.DkimAttributes.SigningHostedZone != zone {
		t.Errorf("made %+v", made.DkimAttributes)
	}
	if _, err := created(t, client, own); codeOf(err) != "AlreadyExistsException" {
		t.Errorf("made twice: %v", err)
	}
	for _, c := range []struct {
		dns    DNS
		status types.VerificationStatus
		sends  bool
	}{{Unseen, types.VerificationStatusPending, false}, {Published, types.VerificationStatusSuccess, true}, {GivenUp, types.VerificationStatusFailed, false}} {
		if err := s.SetDNS("MAIL.acme.example", c.dns); err != nil {
			t.Fatal(err)
		}
		got, err := client.GetEmailIdentity(t.Context(), &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(own)})
		if err != nil {
			t.Fatal(err)
		}
		if got.VerificationStatus != c.status || got.VerifiedForSendingStatus != c.sends || string(got.DkimAttributes.Status) != string(c.status) ||
			len(got.Tags) != 1 || *got.Tags[0].Value != "t" || !slices.Equal(got.DkimAttributes.Tokens, made.DkimAttributes.Tokens) {
			t.Errorf("%s: %+v", c.dns, got)
		}
		// A domain sends for what lies below it, and for nothing beside it.
		for address, verified := range map[string]bool{"a@" + own: c.sends, "a@x." + own: c.sends, "a@acme.example": false, "a@not" + own: false} {
			_, err := client.SendEmail(t.Context(), message(from(address)))
			if (err == nil) != verified || err != nil && codeOf(err) != "MessageRejected" {
				t.Errorf("%s, from %s: %v", c.dns, address, err)
			}
		}
	}
	for range 2 {
		_, err = client.DeleteEmailIdentity(t.Context(), &sesv2.DeleteEmailIdentityInput{EmailIdentity: aws.String(own)})
	}
	if codeOf(err) != "NotFoundException" {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := client.GetEmailIdentity(t.Context(), &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(own)}); codeOf(err) != "NotFoundException" {
		t.Errorf("after it was deleted: %v", err)
	}
	for _, bad := range []string{"", "acme", "ann@acme.example", "a_b.example", strings.Repeat("a", 64) + ".example"} {
		if _, err := created(t, client, bad); err == nil || codeOf(err) == "AlreadyExistsException" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTheIdentityThatCoversAnAddress(t *testing.T) {
	s, _, _ := open(t)
	s.Make("Acme.example", Published, map[string]string{"table": "t"})
	s.Make("deep.acme.example", Unseen, nil)
	for address, want := range map[string]string{
		sender: sender, "a@acme.example": "acme.example", "a@b.acme.example": "acme.example", "a@deep.acme.example": "deep.acme.example",
		"a@x.deep.acme.example": "deep.acme.example", "a@other.example": "a@other.example", "": "",
	} {
		name, tags := s.Covering(address)
		if name != want || (want == "acme.example") != (tags["table"] == "t") {
			t.Errorf("%s: %s, %v", address, name, tags)
		}
	}
}

// A person publishes the records on the page; pages of others cannot.
func TestThePagePublishesRecords(t *testing.T) {
	s, _, url := open(t)
	if _, body := get(t, url); strings.Contains(body, "Sender domains") {
		t.Error("domains are shown where there are none")
	}
	s.Make(own, Unseen, nil)
	if _, body := get(t, url); !strings.Contains(body, own) || strings.Count(body, " disabled") != 1 {
		t.Error("the page does not offer it")
	}
	for _, c := range []struct {
		domain, dns, site string
		status            int
	}{
		{own, "published", "", 200}, {own, "given up", "same-origin", 200}, {own, "published", "cross-site", 403}, {own, "eaten", "", 404}, {"x.example", "published", "", 404}, {own + " ", "published", "", 400}, {"x example", "published", "", 400},
	} {
		if status := play(t, url, c.domain, c.dns, c.site); status != c.status {
			t.Errorf("%+v: %d", c, status)
		}
	}
	if known := s.known(); len(known) != 1 || known[0].DNS != GivenUp {
		t.Errorf("found: %+v", known)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/identities", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("reading the form's address: %d", w.Code)
	}
}

func play(t *testing.T, address, domain, dns, site string) int {
	t.Helper()
	form := url.Values{"domain": {domain}, "dns": {dns}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/identities", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if site != "" {
		r.Header.Set("Sec-Fetch-Site", site)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}
