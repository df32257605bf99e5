package ses

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"twofold/pkg/mail"
)

var _ mail.BulkSender = (*Sender)(nil)

func crowd(n int) []mail.Message {
	var all []mail.Message
	for i := range n {
		m := message()
		m.To, m.Of = fmt.Sprintf("user-%d@example.org", i), mail.Of{Organization: "acme", User: fmt.Sprint("user-", i)}
		all = append(all, m)
	}
	return all
}

// one call has the words, tags and headers of each; what the words hold is nobody's template.
func TestSendBulkWritesWhatSESExpects(t *testing.T) {
	all := crowd(2)
	all[1].Text, all[1].HTML = `{{text}} & "quoted" </p>`, "<p>{{subject}}</p>\n"
	all[1].Unsubscribe = "https://twofold.example/u?t=abc"
	var got struct {
		FromEmailAddress, ConfigurationSetName string
		DefaultContent                         struct {
			Template struct {
				TemplateContent struct{ Subject, Text, Html string }
				TemplateData    string
			}
		}
		BulkEmailEntries []struct {
			Destination             struct{ ToAddresses []string }
			ReplacementHeaders      []types.MessageHeader
			ReplacementTags         []types.MessageTag
			ReplacementEmailContent struct {
				ReplacementTemplate struct{ ReplacementTemplateData string }
			}
		}
	}
	s := talking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-bulk-emails" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"BulkEmailEntryResults":[{"Status":"SUCCESS","MessageId":"1"},{"Status":"SUCCESS","MessageId":"2"}]}`)
	})
	for i, err := range s.SendBulk(t.Context(), all) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	template := got.DefaultContent.Template
	if got.FromEmailAddress != from || got.ConfigurationSetName != set || template.TemplateContent.Subject != "{{subject}}" || template.TemplateContent.Text != "{{text}}" || template.TemplateContent.Html != "{{html}}" || template.TemplateData != "{}" {
		t.Errorf("the call: %+v", got)
	}
	for i, e := range got.BulkEmailEntries {
		var w words
		if err := json.Unmarshal([]byte(e.ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData), &w); err != nil || w != (words{all[i].Subject, all[i].Text, all[i].HTML}) {
			t.Errorf("%d: words %+v, %v", i, w, err)
		}
		if len(e.Destination.ToAddresses) != 1 || e.Destination.ToAddresses[0] != all[i].To || len(e.ReplacementTags) != 2 || len(e.ReplacementHeaders) != 2*i {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if h := got.BulkEmailEntries[1].ReplacementHeaders; len(h) != 2 || *h[0].Value != "<https://twofold.example/u?t=abc>" || *h[1].Value != "List-Unsubscribe=One-Click" {
		t.Errorf("headers %+v", h)
	}
}

// Each has the error of its own, at its own place, however many of them never reach SES.
func TestEachOfManyHasItsOwnAnswer(t *testing.T) {
	all := crowd(mail.MaxBulk + 3)
	all[1].To = "a@b.example, c@d.example"
	all[3].From = mail.From{Address: "codes@mail.acme.example"}
	all[4].HTML = ""
	all[5].Logo = &mail.Image{Type: "image/png", Data: []byte{1}}
	all[6].Text = strings.Repeat("x", maxWords)
	calls := 0
	s := talking(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		var in struct {
			BulkEmailEntries []struct {
				Destination struct{ ToAddresses []string }
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.BulkEmailEntries) != mail.MaxBulk-2 {
			t.Errorf("%d entries, %v", len(in.BulkEmailEntries), err)
		}
		var results []string
		for _, e := range in.BulkEmailEntries {
			status := "SUCCESS"
			if e.Destination.ToAddresses[0] == "user-9@example.org" {
				status = "MESSAGE_REJECTED"
			}
			results = append(results, `{"Status":"`+status+`"}`)
		}
		_, _ = io.WriteString(w, `{"BulkEmailEntryResults":[`+strings.Join(results[:len(results)-1], ",")+`]}`)
	})
	for i, err := range s.SendBulk(t.Context(), all) {
		var want error
		switch i {
		case 1, 6, 9:
			want = mail.ErrRejected
		case 3, 4, 5:
			want = mail.ErrNotTaken
		case mail.MaxBulk + 2:
			want = errUntold
		}
		if !errors.Is(err, want) || err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("%d: %v, want %v", i, err, want)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
	if got := s.SendBulk(t.Context(), nil); len(got) != 0 || calls != 1 {
		t.Errorf("nobody: %v after %d calls", got, calls)
	}
	late := crowd(mail.MaxBulk + 1)
	if errs := talkingOK(t).SendBulk(t.Context(), late); !errors.Is(errs[mail.MaxBulk], mail.ErrNotTaken) || errs[0] != nil {
		t.Errorf("one too many: %v, %v", errs[mail.MaxBulk], errs[0])
	}
	heavy := crowd(8)
	for i := range heavy {
		heavy[i].Text = strings.Repeat("x", maxWords-1000)
	}
	if errs := talkingOK(t).SendBulk(t.Context(), heavy); errs[2] != nil || !errors.Is(errs[3], mail.ErrNotTaken) {
		t.Errorf("too heavy together: %v", errs)
	}
}

// talkingOK talks to an SES that takes everything.
func talkingOK(t *testing.T) *Sender {
	return talking(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ BulkEmailEntries []any }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		results := strings.Repeat(`{"Status":"SUCCESS"},`, len(in.BulkEmailEntries))
		_, _ = io.WriteString(w, `{"BulkEmailEntryResults":[`+strings.TrimSuffix(results, ",")+`]}`)
	})
}

// Statuses of entries and errors of a whole call mean what the same words mean of SendEmail. "other" is what nobody knows.
func TestFailuresOfABulk(t *testing.T) {
	const rejected, notTaken, sender, unverified, other = "rejected", "not taken", "sender", "unverified", "other"
	kind := func(err error) string {
		switch {
		case err == nil:
			return ""
		case errors.Is(err, mail.ErrRejected):
			return rejected
		case errors.Is(err, mail.ErrNotTaken):
			return notTaken
		case errors.Is(err, mail.ErrUnverified):
			return unverified
		case errors.Is(err, mail.ErrSender):
			return sender
		}
		return other
	}
	all := map[types.BulkEmailStatus][2]string{
		"SUCCESS": {"", ""}, "MESSAGE_REJECTED": {rejected, unverified}, "MAIL_FROM_DOMAIN_NOT_VERIFIED": {rejected, unverified},
		"INVALID_PARAMETER": {rejected, sender}, "ACCOUNT_SUSPENDED": {rejected, sender}, "ACCOUNT_THROTTLED": {notTaken, notTaken},
		"ACCOUNT_DAILY_QUOTA_EXCEEDED": {notTaken, notTaken}, "ACCOUNT_SENDING_PAUSED": {notTaken, notTaken},
		"CONFIGURATION_SET_NOT_FOUND": {notTaken, notTaken}, "CONFIGURATION_SET_SENDING_PAUSED": {notTaken, notTaken},
		"TEMPLATE_NOT_FOUND": {notTaken, notTaken}, "INVALID_SENDING_POOL_NAME": {notTaken, notTaken}, "TRANSIENT_FAILURE": {notTaken, notTaken},
		"FAILED": {other, other}, "SOMETHING_NEW": {other, other}, "": {other, other},
	}
	for _, status := range types.BulkEmailStatusSuccess.Values() {
		if _, judged := all[status]; !judged {
			t.Errorf("%s is not judged here", status)
		}
	}
	for status, want := range all {
		for i, own := range []bool{false, true} {
			if got := kind(classifyEntry(status, own)); got != want[i] {
				t.Errorf("%q, own %t: %q", status, own, got)
			}
		}
	}
	for _, c := range []struct {
		code   string
		status int
		want   string
		calls  int32
	}{
		{"TooManyRequestsException", 429, notTaken, 3}, {"BadRequestException", 400, rejected, 1}, {"NotFoundException", 404, notTaken, 1},
		{"AccessDeniedException", 403, notTaken, 1}, {"InternalServiceErrorException", 500, other, 1}, {"", 0, other, 1},
	} {
		var calls atomic.Int32
		s := talking(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			if c.status == 0 {
				panic(http.ErrAbortHandler) // taken, perhaps
			}
			w.Header().Set("X-Amzn-Errortype", c.code)
			w.WriteHeader(c.status)
		})
		for i, err := range s.SendBulk(t.Context(), crowd(3)) {
			if kind(err) != c.want || calls.Load() != c.calls {
				t.Errorf("%s, %d: %v after %d calls", c.code, i, err, calls.Load())
			}
		}
	}
}
