package ses

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"twofold/pkg/mail"
)

// An event as AWS's examples have them, with tags as SES gives them back, its own among them.
// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
func eventOf(kind, about string) string {
	return fmt.Sprintf(`{"eventType":%q,%s"mail":{"timestamp":"2017-08-05T00:40:02.012Z","source":"Sender Name <sender@example.com>",
		"sourceArn":"arn:aws:ses:us-east-1:123456789012:identity/sender@example.com","sendingAccountId":"123456789012","messageId":"EXAMPLE-000000",
		"destination":["recipient@example.com"],"headersTruncated":false,"headers":[{"name":"From","value":"Sender Name <sender@example.com>"}],
		"commonHeaders":{"from":["Sender Name <sender@example.com>"]},
		"tags":{"ses:configuration-set":["ConfigSet"],"ses:source-ip":["192.0.2.0"],"kind":["notice"],"user":[%q],"delivery":["d1"]}}}`,
		kind, about, userValue(mail.Of{Organization: "acme", User: "ann"}))
}

func bounce(kind, reason, address string) string {
	return eventOf("Bounce", fmt.Sprintf(`"bounce":{"bounceType":%q,"bounceSubType":%q,"bouncedRecipients":[{"emailAddress":%q,"action":"failed","status":"5.1.1",
		"diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2017-08-05T00:41:02.669Z","feedbackId":"f","reportingMTA":"dsn; mta.example.com"},`, kind, reason, address))
}

func complaint(kind string) string {
	return eventOf("Complaint", fmt.Sprintf(`"complaint":{"complainedRecipients":[{"emailAddress":"recipient@example.com"}],"timestamp":"2017-08-05T00:41:02.669Z",
		"feedbackId":"f","userAgent":"Amazon SES Mailbox Simulator","complaintFeedbackType":%q,"arrivalDate":"2017-08-05T00:41:02.669Z"},`, kind))
}

func TestWhatSESSays(t *testing.T) {
	const to = "recipient@example.com"
	told, sent := time.Date(2017, 8, 5, 0, 41, 2, 669e6, time.UTC), time.Date(2017, 8, 5, 0, 40, 2, 12e6, time.UTC)
	for _, c := range []struct {
		message string
		want    mail.Outcome
		at      time.Time
	}{
		{bounce("Permanent", "General", to), mail.OutcomeBounced, told},
		{bounce("Permanent", "NoEmail", "<"+to+">"), mail.OutcomeBounced, told},
		{bounce("Permanent", "Suppressed", to), mail.OutcomeSuppressed, told},
		{bounce("Permanent", "OnAccountSuppressionList", to), mail.OutcomeSuppressed, told},
		{bounce("Transient", "MailboxFull", to), mail.OutcomeDelayed, told},
		{bounce("Undetermined", "Undetermined", to), mail.OutcomeDelayed, told},
		{complaint("abuse"), mail.OutcomeComplained, told},
		{complaint(""), mail.OutcomeComplained, told},
		{eventOf("Reject", `"reject":{"reason":"Bad content"},`), mail.OutcomeRejected, sent},
		{eventOf("Rendering Failure", `"failure":{"errorMessage":"Attribute 'x' is not present in the rendering data.","templateName":"t"},`), mail.OutcomeRejected, sent},
	} {
		want := mail.Feedback{Of: mail.Of{Organization: "acme", User: "ann", Delivery: "d1"}, Outcome: c.want, Recipients: []string{to}, At: c.at}
		if got, mine, err := Feedback([]byte(c.message)); err != nil || !mine || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %t, %v", c.message[:40], got, mine, err)
		}
	}
}

// What says nothing about an address is read and left; what is another's is not touched; what is broken is an error without a word of it.
func TestWhatSaysNothing(t *testing.T) {
	for message, c := range map[string]struct{ mine, broken bool }{
		eventOf("Delivery", `"delivery":{"recipients":["recipient@example.com"]},`): {true, false},
		eventOf("Send", `"send":{},`): {true, false},
		eventOf("SomethingNew", ""):   {true, false},
		complaint("not-spam"):         {true, false},
		greeting:                      {true, false},
		`{"eventType":"TEXT_DELIVERED","destinationPhoneNumber":"+15550100"}`: {false, false},
		`{}`:                             {false, false},
		`nothing`:                        {false, false},
		``:                               {false, false},
		`[]`:                             {false, false},
		eventOf("Bounce", ""):            {true, true},
		eventOf("Complaint", ""):         {true, true},
		eventOf("Bounce", `"bounce":7,`): {true, true},
		eventOf("Bounce", `"bounce":{"bounceType":"Permanent"},`):                                            {true, true},
		strings.Replace(complaint("abuse"), `"user":[`, `"other":[`, 1):                                      {true, true},
		strings.Replace(complaint("abuse"), `"user":["`, `"user":["!`, 1):                                    {true, true},
		strings.Replace(complaint("abuse"), `"timestamp":"2017-08-05T00:41:02.669Z"`, `"timestamp":"no"`, 1): {true, true},
	} {
		calls := 0
		mine, err := Hearing(func(context.Context, mail.Feedback) error { calls++; return nil })(t.Context(), []byte(message))
		if mine != c.mine || (err != nil) != c.broken || calls != 0 {
			t.Errorf("%.60s: %t, %v, heard %d", message, mine, err, calls)
		}
		if err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("%.60s: the error quotes it: %v", message, err)
		}
	}
	down := errors.New("down")
	if mine, err := Hearing(func(context.Context, mail.Feedback) error { return down })(t.Context(), []byte(complaint("abuse"))); !mine || !errors.Is(err, down) {
		t.Errorf("a failure to hear: %t, %v", mine, err)
	}
}

// Whatever arrives, nothing panics, and what has an outcome is complete.
func FuzzFeedback(f *testing.F) {
	for _, seed := range []string{bounce("Permanent", "General", "a@b.example"), complaint("abuse"), eventOf("Reject", ""), greeting, `{"eventType":"Bounce","mail":null}`, "{"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		got, mine, err := Feedback(message)
		if got.Outcome != "" && (!mine || err != nil || len(got.Recipients) == 0 || got.At.IsZero()) {
			t.Errorf("%+v, %t, %v", got, mine, err)
		}
	})
}
