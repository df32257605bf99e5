package ses

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"twofold/pkg/mail"
)

// words are what the template of a bulk call is filled with: each recipient's whole mail. SES substitutes and does no more: "Amazon SES
// supports only simple substitutions when you […] provide the full template content in the request", and it "doesn't escape HTML
// content when rendering the HTML template".
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Template.html
// https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
type words struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"`
}

// maxWords bounds one recipient's words in bytes of JSON, and maxBulk all of a call, which SES lets have 1 MB with the logo:
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ReplacementTemplate.html
// https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
const (
	maxWords = 262_144
	maxBulk  = 900_000
)

var (
	errNotAlike = fmt.Errorf("ses: a message is not like the first: %w", mail.ErrNotTaken)
	errTooMany  = fmt.Errorf("ses: more than SES takes at once: %w", mail.ErrNotTaken)
	errUntold   = errors.New("ses: SES does not say what became of a message")
)

// SendBulk gives messages to SES in one call, and answers one error for each, as mail.BulkSender says.
func (s *Sender) SendBulk(ctx context.Context, messages []mail.Message) []error {
	return s.sendBulk(ctx, messages, s.options)
}

func (s *Sender) sendBulk(ctx context.Context, messages []mail.Message, options func(*sesv2.Options)) []error {
	results := make([]error, len(messages))
	var entries []types.BulkEmailEntry
	var at []int // where the entries' messages are
	room := maxBulk
	if len(messages) > 0 && messages[0].Logo != nil {
		room -= base64.StdEncoding.EncodedLen(len(messages[0].Logo.Data))
	}
	for i, m := range messages {
		entry, data, err := s.entry(messages[0], m)
		switch room -= data; {
		case err != nil:
			results[i] = err
		case len(entries) == mail.MaxBulk || room < 0:
			results[i] = errTooMany
		default:
			entries, at = append(entries, entry), append(at, i)
		}
	}
	if len(entries) == 0 {
		return results
	}
	out, err := s.client.SendBulkEmail(ctx, s.bulk(messages[0], entries), options)
	for j, i := range at {
		switch {
		case err != nil:
			results[i] = classifyFor(messages[i], err)
		case out == nil || j >= len(out.BulkEmailEntryResults):
			results[i] = errUntold
		default:
			results[i] = classifyEntry(out.BulkEmailEntryResults[j].Status, messages[i].From.Address != "")
		}
	}
	return results
}

// entry is one recipient's part of a call whose first message is another, and how many bytes its words have.
func (s *Sender) entry(first, m mail.Message) (types.BulkEmailEntry, int, error) {
	if err := check(m); err != nil {
		return types.BulkEmailEntry{}, 0, err
	}
	if _, err := netmail.ParseAddress(s.from); err != nil {
		return types.BulkEmailEntry{}, 0, errFrom
	}
	if m.From != first.From || (m.HTML == "") != (first.HTML == "") || !reflect.DeepEqual(m.Logo, first.Logo) {
		return types.BulkEmailEntry{}, 0, errNotAlike
	}
	data, err := json.Marshal(words{m.Subject, m.Text, m.HTML})
	if err != nil || len(data) > maxWords {
		return types.BulkEmailEntry{}, 0, rejected("the text cannot be written, or is too long")
	}
	return types.BulkEmailEntry{
		Destination:        &types.Destination{ToAddresses: []string{m.To}},
		ReplacementHeaders: headers(m), ReplacementTags: tags(m),
		ReplacementEmailContent: &types.ReplacementEmailContent{
			ReplacementTemplate: &types.ReplacementTemplate{ReplacementTemplateData: aws.String(string(data))},
		},
	}, len(data), nil
}

func (s *Sender) bulk(first mail.Message, entries []types.BulkEmailEntry) *sesv2.SendBulkEmailInput {
	template := &types.EmailTemplateContent{Subject: aws.String("{{subject}}"), Text: aws.String("{{text}}")}
	if first.HTML != "" {
		template.Html = aws.String("{{html}}")
	}
	return &sesv2.SendBulkEmailInput{
		FromEmailAddress: s.fromOf(first), ConfigurationSetName: s.set, BulkEmailEntries: entries,
		// Without data of its own: an entry that had none would fail instead of going out empty.
		DefaultContent: &types.BulkEmailContent{Template: &types.Template{
			TemplateContent: template, TemplateData: aws.String("{}"), Attachments: attachments(first.Logo),
		}},
	}
}

// classifyEntry judges the status of one entry as classify and classifyOwn judge SendEmail's errors. SES describes each of them as
// what "prevented a message being sent"; of FAILED alone it says nothing that tells why, so nobody relies on it.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html
func classifyEntry(status types.BulkEmailStatus, own bool) error {
	switch status {
	case types.BulkEmailStatusSuccess:
		return nil
	case types.BulkEmailStatusMessageRejected, types.BulkEmailStatusMailFromDomainNotVerified:
		if own {
			return fmt.Errorf("ses: %s: %w: %w", status, mail.ErrSender, mail.ErrUnverified)
		}
		return rejected(string(status))
	case types.BulkEmailStatusInvalidParameter, types.BulkEmailStatusAccountSuspended:
		if own {
			return fmt.Errorf("ses: %s: %w", status, mail.ErrSender)
		}
		return rejected(string(status))
	case types.BulkEmailStatusAccountThrottled:
		return fmt.Errorf("ses: %s: %w", status, errThrottled)
	case types.BulkEmailStatusFailed, "":
		return errUntold
	}
	if known(status) {
		return fmt.Errorf("ses: %s: %w", status, mail.ErrNotTaken)
	}
	return errUntold
}

// known reports whether a status is one that SES had when this was written: the others are pauses, quotas and mistakes in the set-up.
func known(status types.BulkEmailStatus) bool {
	for _, s := range status.Values() {
		if s == status {
			return true
		}
	}
	return false
}
