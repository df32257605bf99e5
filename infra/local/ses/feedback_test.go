package ses

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"twofold/pkg/mail"
	"twofold/pkg/ses"
)

const twofold = "Twofold <" + sender + ">"

// hearing is an endpoint with a configuration set, and what its events say, as the product's own reader has it.
func hearing(t *testing.T) (*SES, *sesv2.Client, string, *[]mail.Feedback) {
	t.Helper()
	s, client, address := open(t)
	var heard []mail.Feedback
	s.DefineSet("set", func(message string) {
		mine, err := ses.Hearing(func(_ context.Context, f mail.Feedback) error { heard = append(heard, f); return nil })(t.Context(), []byte(message))
		if err != nil || !mine {
			t.Errorf("an event that nobody can read: %v, %s", err, message)
		}
	})
	return s, client, address, &heard
}

func ours(to string) mail.Message {
	return mail.Message{
		To: to, Subject: "Größe", Text: "text", HTML: "<p>text</p>", Tag: "notice", Of: mail.Of{Organization: "acme", User: "ann", Delivery: "d1"},
	}
}

// What every address of the mailbox simulator, and every fault that can be asked for, does to a mail of ours.
func TestWhatBecomesOfMails(t *testing.T) {
	for to, c := range map[string]struct {
		fault   string
		outcome mail.Outcome
		arrives bool
	}{
		"success@simulator.amazonses.com":              {"", "", true},
		"bounce@simulator.amazonses.com":               {"", mail.OutcomeBounced, false},
		"Bounce+ann@Simulator.amazonses.com":           {"", mail.OutcomeBounced, false},
		"complaint@simulator.amazonses.com":            {"", mail.OutcomeComplained, true},
		"suppressionlist@simulator.amazonses.com":      {"", mail.OutcomeSuppressed, false},
		"bounce@simulator.amazonses.com.elsewhere.org": {"", "", true},
		"gone@example.com":                             {"bounce", mail.OutcomeBounced, false},
		"full@example.com":                             {"bounce-for-now", mail.OutcomeDelayed, false},
		"angry@example.com":                            {"complaint", mail.OutcomeComplained, true},
		"known@example.com":                            {"suppressed", mail.OutcomeSuppressed, false},
		"ill@example.com":                              {"virus", mail.OutcomeRejected, false},
	} {
		s, client, address, heard := hearing(t)
		if c.fault != "" {
			asked(t, address, url.Values{"fault": {c.fault}, "to": {strings.ToUpper(to)}}, 204)
		}
		if err := ses.New(client, twofold, "set").Send(t.Context(), ours(to)); err != nil {
			t.Fatal(to, err)
		}
		if arrived := len(s.Messages(to)) == 1; arrived != c.arrives {
			t.Errorf("%s: arrived %t", to, arrived)
		}
		if c.outcome == "" {
			if len(*heard) != 0 {
				t.Errorf("%s: heard %+v", to, *heard)
			}
			continue
		}
		if len(*heard) != 1 || (*heard)[0].Outcome != c.outcome || (*heard)[0].Of != ours("").Of || !slices.Equal((*heard)[0].Recipients, []string{to}) || !(*heard)[0].At.Equal(moment) {
			t.Errorf("%s: heard %+v", to, *heard)
		}
	}
}

// A bounce puts the address on the account's list: the next mail is not tried. Off the list it is tried again.
func TestTheAccountsList(t *testing.T) {
	s, client, address, heard := hearing(t)
	sender := ses.New(client, twofold, "set")
	send := func() {
		t.Helper()
		if err := sender.Send(t.Context(), ours("gone@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	asked(t, address, url.Values{"fault": {"bounce"}, "times": {"1"}}, 204)
	send()
	send()
	if _, err := client.DeleteSuppressedDestination(t.Context(), &sesv2.DeleteSuppressedDestinationInput{EmailAddress: aws.String("Gone@example.com")}); err != nil {
		t.Fatal(err)
	}
	send()
	if _, err := client.PutSuppressedDestination(t.Context(), &sesv2.PutSuppressedDestinationInput{EmailAddress: aws.String("gone@example.com"), Reason: "BOUNCE"}); err != nil {
		t.Fatal(err)
	}
	send()
	var got []mail.Outcome
	for _, f := range *heard {
		got = append(got, f.Outcome)
	}
	if !slices.Equal(got, []mail.Outcome{mail.OutcomeBounced, mail.OutcomeSuppressed, mail.OutcomeSuppressed}) || len(s.Messages("gone@example.com")) != 1 {
		t.Errorf("heard %v, arrived %d", got, len(s.Messages("gone@example.com")))
	}
	if _, err := client.DeleteSuppressedDestination(t.Context(), &sesv2.DeleteSuppressedDestinationInput{EmailAddress: aws.String("nobody@example.com")}); codeOf(err) != "NotFoundException" {
		t.Errorf("an address that is not on the list: %v", err)
	}
}

// asked makes something go wrong as a developer does.
func asked(t *testing.T, address string, form url.Values, status int) {
	t.Helper()
	r, err := http.PostForm(address+"/faults", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != status {
		t.Errorf("%v: status %d", form, r.StatusCode)
	}
}

func TestFaultsOnDemand(t *testing.T) {
	s, client, address, _ := hearing(t)
	for fault, code := range map[string]string{
		"throttle": "TooManyRequestsException", "broken": "InternalServiceErrorException", "unavailable": "InternalServiceErrorException", "reject": "MessageRejected",
	} {
		asked(t, address, url.Values{"fault": {fault}, "to": {"a@example.com"}, "times": {"2"}}, 204)
		for i, want := range []string{code, code, ""} {
			if _, err := client.SendEmail(t.Context(), message(nil)); codeOf(err) != want {
				t.Errorf("%s, %d: %v", fault, i, err)
			}
		}
	}
	s.Clear()
	asked(t, address, url.Values{"fault": {"lose-reply"}}, 204)
	if _, err := client.SendEmail(t.Context(), message(nil)); err == nil || len(s.Messages("")) != 1 {
		t.Errorf("a lost reply: %v, %d arrived", err, len(s.Messages("")))
	}
	r, err := http.NewRequest(http.MethodDelete, address+"/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	healed, err := http.DefaultClient.Do(r)
	if err != nil || healed.StatusCode != 204 {
		t.Fatal(healed, err)
	}
	_ = healed.Body.Close()
	if _, err := client.SendEmail(t.Context(), message(nil)); err != nil {
		t.Errorf("healed: %v", err)
	}
	for _, form := range []url.Values{{}, {"fault": {"flood"}}, {"fault": {"bounce"}, "times": {"0"}}, {"fault": {"bounce"}, "times": {"x"}}, {"fault": {"bounce"}, "to": {"bounce ann@example.com"}}, {"fault": {"bounce"}, "to": {"\u00a0ann@example.com"}}} {
		asked(t, address, form, 400)
	}
	foreign := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/faults", strings.NewReader("fault=bounce"))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, foreign); w.Code != 403 {
		t.Errorf("a page of somebody else's: %d", w.Code)
	}
}

func bulk(change func(*sesv2.SendBulkEmailInput)) *sesv2.SendBulkEmailInput {
	entry := func(to, data string) types.BulkEmailEntry {
		return types.BulkEmailEntry{
			Destination:             &types.Destination{ToAddresses: []string{to}},
			ReplacementEmailContent: &types.ReplacementEmailContent{ReplacementTemplate: &types.ReplacementTemplate{ReplacementTemplateData: aws.String(data)}},
			ReplacementTags:         []types.MessageTag{{Name: aws.String("user"), Value: aws.String("AA")}},
		}
	}
	in := &sesv2.SendBulkEmailInput{
		FromEmailAddress: aws.String(twofold), ConfigurationSetName: aws.String("set"),
		DefaultEmailTags: []types.MessageTag{{Name: aws.String("kind"), Value: aws.String("k")}},
		DefaultContent: &types.BulkEmailContent{Template: &types.Template{
			TemplateData:    aws.String(`{"name":"friend"}`),
			TemplateContent: &types.EmailTemplateContent{Subject: aws.String("Hello {{name}}"), Text: aws.String("{{ text }}"), Html: aws.String("<p>{{text}}</p>")},
		}},
		BulkEmailEntries: []types.BulkEmailEntry{entry("a@example.com", `{"name":"Ann","text":"<b>{{name}}</b>"}`), entry("b@example.com", `{"text":"x"}`), entry("c@example.com", `{}`)},
	}
	if change != nil {
		change(in)
	}
	return in
}

// Words are put in once and as they are; what lacks a word is accepted, and told of.
func TestBulk(t *testing.T) {
	s, client, _, heard := hearing(t)
	out, err := client.SendBulkEmail(t.Context(), bulk(nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range out.BulkEmailEntryResults {
		if r.Status != "SUCCESS" || aws.ToString(r.MessageId) == "" {
			t.Errorf("%d: %+v", i, r)
		}
	}
	a, b := s.Messages("a@example.com"), s.Messages("b@example.com")
	if len(a) != 1 || a[0].Subject != "Hello Ann" || a[0].Text != "<b>{{name}}</b>" || a[0].HTML != "<p><b>{{name}}</b></p>" || a[0].Tags["kind"] != "k" || a[0].Tags["user"] != "AA" {
		t.Errorf("a has %+v", a)
	}
	if len(b) != 1 || b[0].Subject != "Hello friend" || b[0].Text != "x" || len(s.Messages("c@example.com")) != 0 {
		t.Errorf("b has %+v", b)
	}
	if len(*heard) != 1 || (*heard)[0].Outcome != mail.OutcomeRejected || (*heard)[0].Recipients[0] != "c@example.com" {
		t.Errorf("heard %+v", *heard)
	}
}

func TestRefusalsOfABulk(t *testing.T) {
	s, client, _, _ := hearing(t)
	for name, change := range map[string]func(*sesv2.SendBulkEmailInput){
		"a stored template": func(in *sesv2.SendBulkEmailInput) { in.DefaultContent.Template.TemplateName = aws.String("t") },
		"no entries":        func(in *sesv2.SendBulkEmailInput) { in.BulkEmailEntries = []types.BulkEmailEntry{} },
		"51":                func(in *sesv2.SendBulkEmailInput) { in.BulkEmailEntries = slices.Repeat(in.BulkEmailEntries, 17) },
		"another set":       func(in *sesv2.SendBulkEmailInput) { in.ConfigurationSetName = aws.String("other") },
		"no body": func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.TemplateContent = &types.EmailTemplateContent{Subject: aws.String("s")}
		},
	} {
		_, err := client.SendBulkEmail(t.Context(), bulk(change))
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Errorf("%s: %v", name, err)
		}
	}
	out, err := client.SendBulkEmail(t.Context(), bulk(func(in *sesv2.SendBulkEmailInput) {
		in.BulkEmailEntries[0].Destination.ToAddresses = []string{"a@exаmple.com"}
		in.BulkEmailEntries[1].ReplacementHeaders = header("X-A", "b\r\nBcc: c@example.com")
		in.BulkEmailEntries[2].ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData = aws.String(`"no object"`)
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range out.BulkEmailEntryResults {
		if r.Status != "INVALID_PARAMETER" || strings.Contains(aws.ToString(r.Error), "@") {
			t.Errorf("%d: %+v", i, r)
		}
	}
	if _, err := client.SendBulkEmail(t.Context(), bulk(func(in *sesv2.SendBulkEmailInput) { in.FromEmailAddress = aws.String("b@example.com") })); err != nil {
		t.Error(err) // as a whole it is good; each of its entries is not
	}
	if got := s.Messages(""); len(got) != 0 {
		t.Errorf("refused, yet delivered: %+v", got)
	}
}

// The account's quota counts recipients, by the second and by the day.
func TestTheQuota(t *testing.T) {
	now := moment
	s := New(sender, func() time.Time { return now })
	server := httptest.NewServer(s)
	defer server.Close()
	client := sesv2.NewFromConfig(aws.Config{
		Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, BaseEndpoint: &server.URL, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	s.SetQuota(Quota{Rate: 2, Day: 5})
	send := func(want string) {
		t.Helper()
		_, err := client.SendEmail(t.Context(), message(nil))
		if codeOf(err) != want {
			t.Errorf("at %v: %v", now.Sub(moment), err)
		}
	}
	send("")
	send("")
	send("TooManyRequestsException")
	now = now.Add(time.Second)
	send("")
	send("")
	now = now.Add(time.Second)
	send("")
	send("TooManyRequestsException") // the day's
	about, err := client.GetAccount(t.Context(), &sesv2.GetAccountInput{})
	if err != nil || about.SendQuota.MaxSendRate != 2 || about.SendQuota.Max24HourSend != 5 || about.SendQuota.SentLast24Hours != 5 {
		t.Errorf("the account: %+v, %v", about.SendQuota, err)
	}
	now = now.Add(24 * time.Hour)
	send("")
	s.SetQuota(Quota{})
	for range 10 {
		send("")
	}
}
