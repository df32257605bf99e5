package ses

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// sendInput is the part of SendEmail's request that is understood here. Raw and Template are known, to be refused.
type sendInput struct {
	FromEmailAddress     string
	ConfigurationSetName string
	Destination          destination
	ReplyToAddresses     []string
	EmailTags            []nameValue
	Content              struct {
		Simple        *simple
		Raw, Template any
	}
}

type destination struct{ ToAddresses, CcAddresses, BccAddresses []string }

type nameValue struct{ Name, Value string }

type simple struct {
	Subject     part
	Body        struct{ Text, Html *part }
	Headers     []nameValue
	Attachments []attachment
}

type attachment struct {
	FileName, ContentType, ContentId, ContentDisposition string

	RawContent []byte
}

type part struct{ Data, Charset string }

// maxRecipients of one message, in To, Cc and Bcc together:
// https://docs.aws.amazon.com/ses/latest/dg/quotas.html
const maxRecipients = 50

// tag is what a tag's name and value may be: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html
var tag = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// check refuses what the service refuses and returns the message with everyone whom it would reach. Texts of
// failures say what is wrong, never with which value.
func (s *SES) check(in sendInput) (Message, []string, *failure) {
	simple := in.Content.Simple
	if simple == nil || in.Content.Raw != nil || in.Content.Template != nil {
		return Message{}, nil, bad("this endpoint takes simple content only")
	}
	from, ok := addresses(in.FromEmailAddress)
	if !ok || len(from) != 1 {
		return Message{}, nil, bad("the sender is not one address")
	}
	if !s.verified(from[0]) {
		return Message{}, nil, &failure{400, "MessageRejected", "Email address is not verified."}
	}
	recipients, failed := in.recipients()
	if failed != nil {
		return Message{}, nil, failed
	}
	m := Message{From: in.FromEmailAddress, Subject: simple.Subject.Data, Tags: map[string]string{}}
	if strings.ContainsAny(m.Subject, "\r\n") {
		return Message{}, nil, bad("the subject has more than one line")
	}
	if simple.Body.Text == nil && simple.Body.Html == nil {
		return Message{}, nil, bad("the message has no body")
	}
	if simple.Body.Text != nil {
		m.Text = simple.Body.Text.Data
	}
	if simple.Body.Html != nil {
		m.HTML = simple.Body.Html.Data
	}
	if failed := m.extras(*simple, in.EmailTags); failed != nil {
		return Message{}, nil, failed
	}
	return m, recipients, nil
}

// reserved are headers that the service writes itself, or has fields for; in lower case.
var reserved = strings.Fields("from to cc bcc subject date message-id sender reply-to return-path mime-version content-type received dkim-signature")

// extras checks what a message has besides its text, and notes it.
func (m *Message) extras(of simple, tags []nameValue) *failure {
	if len(of.Headers) > 15 {
		return bad("there are more than 15 headers")
	}
	for _, h := range of.Headers {
		if !ascii(h.Name) || len(h.Name) > 126 || strings.Contains(h.Name, ":") || slices.Contains(reserved, strings.ToLower(h.Name)) ||
			len(h.Name)+len(h.Value) > 996 || h.Value == "" || !ascii(strings.ReplaceAll(h.Value, " ", "")) {
			return bad("a header is malformed")
		}
		if m.Headers == nil {
			m.Headers = map[string]string{}
		}
		m.Headers[h.Name] = h.Value
	}
	for _, a := range of.Attachments {
		inline := a.ContentDisposition == "INLINE"
		if a.FileName == "" || strings.ContainsAny(a.FileName+a.ContentId+a.ContentType, "\r\n") || len(a.RawContent) == 0 || !inline && a.ContentDisposition != "" && a.ContentDisposition != "ATTACHMENT" {
			return bad("an attachment is malformed")
		}
		m.Attachments = append(m.Attachments, a.FileName)
		if inline && a.ContentId != "" {
			if m.Images == nil {
				m.Images = map[string]Image{}
			}
			m.Images[a.ContentId] = Image{a.ContentType, a.RawContent}
		}
	}
	for _, t := range tags {
		if !tag.MatchString(t.Name) || !tag.MatchString(t.Value) {
			return bad("a tag is malformed")
		}
		m.Tags[t.Name] = t.Value
	}
	return nil
}

func (in sendInput) recipients() ([]string, *failure) {
	var all []string
	lists := [][]string{in.Destination.ToAddresses, in.Destination.CcAddresses, in.Destination.BccAddresses}
	for _, list := range lists {
		for _, text := range list {
			found, ok := addresses(text)
			if !ok {
				return nil, bad("a recipient is malformed")
			}
			all = append(all, found...)
		}
	}
	for _, text := range in.ReplyToAddresses {
		if _, ok := addresses(text); !ok {
			return nil, bad("a reply address is malformed")
		}
	}
	if len(all) == 0 || len(all) > maxRecipients {
		return nil, bad("there are no recipients, or more than 50")
	}
	return all, nil
}

// addresses reads one field as mail software does, where a comma means another recipient: a sender that lets a list
// through must be caught by what arrives, not saved by a strict stand-in. Addresses are ASCII, as the service wants.
func addresses(text string) ([]string, bool) {
	if strings.ContainsAny(text, "\r\n\x00") {
		return nil, false
	}
	parsed, err := mail.ParseAddressList(text)
	if err != nil {
		return nil, false
	}
	var bare []string
	for _, a := range parsed {
		at := strings.LastIndexByte(a.Address, '@')
		if !ascii(a.Address) || at > 64 || len(a.Address) > 320 || !strings.Contains(a.Address[at:], ".") {
			return nil, false
		}
		bare = append(bare, a.Address)
	}
	return bare, true
}

func ascii(text string) bool {
	for _, c := range []byte(text) {
		if c > 126 || c < 33 {
			return false
		}
	}
	return true
}
