package ses

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"twofold/pkg/mail"
)

// Hearing reads SES's events among the notifications of a topic, and hands on those that say what became of a mail of ours. It is
// a reader of pkg/sns.
func Hearing(hear func(context.Context, mail.Feedback) error) func(ctx context.Context, message []byte) (mine bool, err error) {
	return func(ctx context.Context, message []byte) (bool, error) {
		f, mine, err := Feedback(message)
		if err != nil || !mine || f.Outcome == "" {
			return mine, err
		}
		return true, hear(ctx, f)
	}
}

// greeting is what SES publishes once, when it is told of a topic.
const greeting = "Successfully validated SNS topic for Amazon SES event publishing."

var errEvent = errors.New("ses: an event of SES cannot be read")

// Feedback reads one event as SES publishes it to SNS. mine is false for what is no event of SES's; an event that says nothing
// about the address of a mail of ours, as a delivery or a click, has no outcome.
// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
func Feedback(message []byte) (f mail.Feedback, mine bool, err error) {
	if string(message) == greeting {
		return mail.Feedback{}, true, nil
	}
	var e event
	switch err := json.Unmarshal(message, &e); {
	case err != nil && e.EventType == "":
		return mail.Feedback{}, false, nil
	case e.EventType == "" || e.Mail == nil && err == nil:
		return mail.Feedback{}, false, nil // another service's
	case err != nil:
		return mail.Feedback{}, true, errEvent
	}
	f = e.feedback()
	switch {
	case e.EventType == "Bounce" && e.Bounce == nil, e.EventType == "Complaint" && e.Complaint == nil:
		return mail.Feedback{}, true, errEvent
	case f.Outcome == "":
		return f, true, nil
	}
	if f.Of, err = ofTags(e.Mail.Tags); err != nil {
		return mail.Feedback{}, true, err
	}
	if f.At.IsZero() || len(f.Recipients) == 0 || len(f.Recipients) > maxRecipients {
		return mail.Feedback{}, true, errEvent
	}
	return f, true, nil
}

// maxRecipients is how many a mail of SES's may have; ours have one.
const maxRecipients = 50

// event is the part of SES's event that is read.
type event struct {
	EventType string `json:"eventType"`
	Mail      *struct {
		Timestamp   time.Time           `json:"timestamp"`
		Destination []string            `json:"destination"`
		Tags        map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce *struct {
		Type       string      `json:"bounceType"`
		SubType    string      `json:"bounceSubType"`
		Recipients []recipient `json:"bouncedRecipients"`
		Timestamp  time.Time   `json:"timestamp"`
	} `json:"bounce"`
	Complaint *struct {
		Type       string      `json:"complaintFeedbackType"`
		Recipients []recipient `json:"complainedRecipients"`
		Timestamp  time.Time   `json:"timestamp"`
	} `json:"complaint"`
}

type recipient struct {
	Address string `json:"emailAddress"`
}

// feedback translates SES's words. Of a permanent bounce the reason "Suppressed" or "OnAccountSuppressionList" says that SES did not try;
// "Undetermined" is what nobody can tell from a passing trouble, and is taken for one. A complaint's "not-spam" takes one back.
func (e event) feedback() mail.Feedback {
	switch {
	case e.EventType == "Bounce" && e.Bounce != nil:
		f := mail.Feedback{Outcome: mail.OutcomeDelayed, Recipients: addresses(e.Bounce.Recipients), At: e.Bounce.Timestamp}
		if e.Bounce.Type == "Permanent" {
			f.Outcome = mail.OutcomeBounced
			if e.Bounce.SubType == "Suppressed" || e.Bounce.SubType == "OnAccountSuppressionList" {
				f.Outcome = mail.OutcomeSuppressed
			}
		}
		return f
	case e.EventType == "Complaint" && e.Complaint != nil && e.Complaint.Type != "not-spam":
		return mail.Feedback{Outcome: mail.OutcomeComplained, Recipients: addresses(e.Complaint.Recipients), At: e.Complaint.Timestamp}
	case e.EventType == "Reject" || e.EventType == "Rendering Failure":
		return mail.Feedback{Outcome: mail.OutcomeRejected, Recipients: e.Mail.Destination, At: e.Mail.Timestamp}
	}
	return mail.Feedback{}
}

func addresses(of []recipient) []string {
	var all []string
	for _, r := range of {
		all = append(all, bare(r.Address))
	}
	return all
}

// bare takes an address out of the angle brackets that some servers report it in.
func bare(text string) string {
	if at := strings.LastIndexByte(text, '<'); at >= 0 && strings.HasSuffix(text, ">") {
		return text[at+1 : len(text)-1]
	}
	return text
}
