package ses

import (
	"encoding/json"
	"net/http"
	"time"
)

// EventSubject is the subject of a notification with an event.
const EventSubject = "Amazon SES Email Event Notification"

// DefineSet makes a configuration set whose events publish is told of, in the form that the service publishes to SNS: bounces,
// complaints, rejects and rendering failures. https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
func (s *SES) DefineSet(name string, publish func(message string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sets[name] = publish
}

func (s *SES) checkSet(name string) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, defined := s.sets[name]; name != "" && !defined {
		return &failure{http.StatusNotFound, "NotFoundException", "The configuration set does not exist."}
	}
	return nil
}

// happening is what the service tells of a message after it has taken it.
type happening struct {
	id, from, to string
	tags         map[string]string
	set          string
}

// tell publishes an event, if the message was sent with a configuration set.
func (s *SES) tell(h happening, kind, part string, about map[string]any) {
	s.mu.Lock()
	publish := s.sets[h.set]
	s.mu.Unlock()
	if publish == nil {
		return
	}
	at := s.now().UTC().Format("2006-01-02T15:04:05.000Z")
	tags := map[string][]string{"ses:configuration-set": {h.set}, "ses:operation": {"SendEmail"}}
	for name, value := range h.tags {
		tags[name] = []string{value}
	}
	event := map[string]any{
		"eventType": kind,
		"mail": map[string]any{
			"timestamp": at, "source": h.from, "messageId": h.id, "destination": []string{h.to}, "headersTruncated": false,
			"headers": []map[string]string{{"name": "To", "value": h.to}}, "commonHeaders": map[string]any{"to": []string{h.to}}, "tags": tags,
		},
	}
	if about != nil {
		if _, dated := about["timestamp"]; !dated && part != "reject" && part != "failure" {
			about["timestamp"] = at
		}
		event[part] = about
	}
	message, _ := json.Marshal(event) // texts and lists of texts: it cannot fail
	publish(string(message))
}

func (s *SES) tellBounce(h happening, kind, reason, status string) {
	s.tell(h, "Bounce", "bounce", map[string]any{
		"bounceType": kind, "bounceSubType": reason, "feedbackId": h.id + "-000000",
		"bouncedRecipients": []map[string]string{{"emailAddress": h.to, "action": "failed", "status": status}},
	})
}

// arrive does with a message that was accepted what its outcome says, and puts it into the mailbox where it is delivered.
func (s *SES) arrive(m Message, to, set string, o Outcome) {
	h := happening{m.ID, m.From, to, m.Tags, set}
	if o == 0 && set != "" && s.isSuppressed(to) {
		s.tellBounce(h, "Permanent", "OnAccountSuppressionList", "5.1.1")
		return
	}
	switch o {
	case Bounce:
		if simulated(to) == 0 {
			s.Suppress(to) // the simulator's addresses never come onto the list
		}
		s.tellBounce(h, "Permanent", "General", "5.1.1")
	case BounceForNow:
		s.tellBounce(h, "Transient", "MailboxFull", "4.2.2")
	case WouldSuppress:
		s.tellBounce(h, "Permanent", "Suppressed", "5.1.1")
	case Virus:
		s.tell(h, "Reject", "reject", map[string]any{"reason": "Bad content"})
	case Complain:
		s.box.add(m, []string{to})
		s.tell(h, "Complaint", "complaint", map[string]any{
			"complainedRecipients": []map[string]string{{"emailAddress": to}}, "complaintFeedbackType": "abuse", "feedbackId": m.ID + "-000000",
			"arrivalDate": s.now().UTC().Format(time.RFC3339),
		})
	default:
		s.box.add(m, []string{to})
	}
}

// unrendered is a message whose template names what nobody gave.
func (s *SES) unrendered(m Message, to, set string) {
	s.tell(happening{m.ID, m.From, to, m.Tags, set}, "Rendering Failure", "failure", map[string]any{
		"errorMessage": "Attribute is not present in the rendering data.", "templateName": "inline",
	})
}

func injected(o Outcome) *failure {
	switch status := int(o); {
	case status == http.StatusTooManyRequests:
		return &failure{status, "TooManyRequestsException", "injected"}
	case status >= 500:
		return &failure{status, "InternalServiceErrorException", "injected"}
	default:
		return &failure{status, "MessageRejected", "injected"}
	}
}
