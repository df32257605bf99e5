package ses

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// bulkInput is the part of SendBulkEmail's request that is understood here. A stored template is known, to be refused.
type bulkInput struct {
	FromEmailAddress     string
	ConfigurationSetName string
	ReplyToAddresses     []string
	DefaultEmailTags     []nameValue
	DefaultContent       struct {
		Template *struct {
			TemplateName, TemplateArn string
			TemplateContent           *struct{ Subject, Text, Html string }
			TemplateData              string
			Headers                   []nameValue
			Attachments               []attachment
		}
	}
	BulkEmailEntries []struct {
		Destination             destination
		ReplacementHeaders      []nameValue
		ReplacementTags         []nameValue
		ReplacementEmailContent struct {
			ReplacementTemplate struct{ ReplacementTemplateData string }
		}
	}
}

// The limits of one call: entries, bytes of the request with an inline template, characters of an entry's data.
// https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
const (
	maxEntries = 50
	maxInline  = 1 << 20
	maxData    = 262_144
)

// sendBulk is the operation SendBulkEmail with an inline template. Every entry has a result of its own; a request that is wrong as a
// whole has none. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html
func (s *SES) sendBulk(w http.ResponseWriter, r *http.Request) {
	var in bulkInput
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInline))
	if err != nil || json.Unmarshal(body, &in) != nil {
		refuse(w, bad("the request is too large, or no JSON of SendBulkEmail"))
		return
	}
	if failed := s.checkBulk(in); failed != nil {
		refuse(w, failed)
		return
	}
	type result struct {
		Status    string
		Error     string `json:",omitempty"`
		MessageId string `json:",omitempty"`
	}
	results, lost := []result{}, false
	for i := range in.BulkEmailEntries {
		id, outcome, failed := s.sendEntry(in, i)
		lost = lost || outcome == LoseReply
		if failed == nil {
			results = append(results, result{Status: "SUCCESS", MessageId: id})
			continue
		}
		results = append(results, result{Status: failed.entry(), Error: failed.text})
	}
	if lost {
		panic(http.ErrAbortHandler)
	}
	write(w, http.StatusOK, map[string]any{"BulkEmailEntryResults": results})
}

func (s *SES) checkBulk(in bulkInput) *failure {
	t := in.DefaultContent.Template
	switch {
	case t == nil || t.TemplateContent == nil || t.TemplateName != "" || t.TemplateArn != "":
		return bad("this endpoint takes inline templates only")
	case t.TemplateContent.Subject == "" || t.TemplateContent.Text+t.TemplateContent.Html == "":
		return bad("the template has no subject or no body")
	case len(in.BulkEmailEntries) == 0 || len(in.BulkEmailEntries) > maxEntries:
		return bad("there are no entries, or more than 50")
	}
	return s.checkSet(in.ConfigurationSetName)
}

// sendEntry sends one entry as SendEmail would, once its words are in their places.
func (s *SES) sendEntry(in bulkInput, i int) (id string, outcome Outcome, failed *failure) {
	e, t := in.BulkEmailEntries[i], in.DefaultContent.Template
	own := e.ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData
	data := map[string]any{}
	for _, text := range []string{t.TemplateData, own} {
		if len(text) > maxData || text != "" && json.Unmarshal([]byte(text), &data) != nil {
			return "", 0, &failure{http.StatusBadRequest, "InvalidParameter", "the data of a template is no JSON object, or too long"}
		}
	}
	send := sendInput{
		FromEmailAddress: in.FromEmailAddress, ConfigurationSetName: in.ConfigurationSetName, Destination: e.Destination,
		ReplyToAddresses: in.ReplyToAddresses, EmailTags: replaced(in.DefaultEmailTags, e.ReplacementTags),
	}
	subject, missing := fill(t.TemplateContent.Subject, data)
	text, more := fill(t.TemplateContent.Text, data)
	html, evenMore := fill(t.TemplateContent.Html, data)
	send.Content.Simple = &simple{
		Subject: part{Data: subject}, Headers: replaced(t.Headers, e.ReplacementHeaders), Attachments: t.Attachments,
	}
	if t.TemplateContent.Text != "" {
		send.Content.Simple.Body.Text = &part{Data: text}
	}
	if t.TemplateContent.Html != "" {
		send.Content.Simple.Body.Html = &part{Data: html}
	}
	return s.accept(send, missing || more || evenMore)
}

// replaced are defaults with an entry's own, which win by their names.
func replaced(defaults, own []nameValue) []nameValue {
	all := append([]nameValue{}, own...)
	for _, d := range defaults {
		taken := false
		for _, o := range own {
			taken = taken || strings.EqualFold(o.Name, d.Name)
		}
		if !taken {
			all = append(all, d)
		}
	}
	return all
}

var variable = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// fill puts words in the places of variables, once and as they are: nothing is escaped, and what comes in is no template. A variable
// that nobody gives is a rendering failure, of which the service tells only later.
func fill(template string, data map[string]any) (text string, missing bool) {
	text = variable.ReplaceAllStringFunc(template, func(match string) string {
		word, ok := data[variable.FindStringSubmatch(match)[1]].(string)
		missing = missing || !ok
		return word
	})
	return text, missing
}

// entry is what SendBulkEmail calls a failure of one entry.
func (f *failure) entry() string {
	switch f.kind {
	case "TooManyRequestsException":
		if f.text == dailyQuota {
			return "ACCOUNT_DAILY_QUOTA_EXCEEDED"
		}
		return "ACCOUNT_THROTTLED"
	case "MessageRejected":
		return "MESSAGE_REJECTED"
	case "InternalServiceErrorException":
		return "TRANSIENT_FAILURE"
	}
	return "INVALID_PARAMETER"
}
