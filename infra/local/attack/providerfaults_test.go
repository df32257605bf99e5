package attack_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"twofold/infra/local/faults"
	local "twofold/infra/local/ses"
	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/ses"
)

const systemSender = "no-reply@twofold.test"

// given is the effect of a refusal that SES will always repeat: the mail is given up, and that is written down.
const given effect = -1

// mailOutages are what SendEmail documents, and what any connection may do.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
func mailOutages() []outage {
	broken := faults.Answer(500, "InternalServiceErrorException")
	return []outage{
		refuse("throttled", faults.Answer(429, "TooManyRequestsException")),
		{Fault: faults.Once("throttled once", faults.Answer(429, "TooManyRequestsException")), effect: unnoticed},
		refuse("broken", broken),
		refuse("unavailable", faults.Answer(503, "ServiceUnavailableException")),
		refuse("paused", faults.Answer(400, "SendingPausedException")),
		refuse("the set-up is not found", faults.Answer(404, "NotFoundException")),
		refuse("access denied", faults.Answer(403, "AccessDeniedException")),
		refuse("unreached", faults.Unreached),
		refuse("hangs", faults.Hang),
		{Fault: faults.Always("sent, and the reply is lost", faults.Lost), effect: done},
		{Fault: faults.Always("sent, and the reply is torn", faults.Torn), effect: done},
		{Fault: faults.Always("sent, and reported as a failure", faults.Done(broken)), effect: done},
		{Fault: faults.Always("sent, and the reply hangs", faults.Done(faults.Hang)), effect: done},
		{Fault: faults.Always("rejected", faults.Answer(400, "MessageRejected")), effect: given},
		{Fault: faults.Always("a bad request", faults.Answer(400, "BadRequestException")), effect: given},
		{Fault: faults.Always("suspended", faults.Answer(400, "AccountSuspendedException")), effect: given},
		{Fault: faults.Always("not verified", faults.Answer(400, "MailFromDomainNotVerifiedException")), effect: given},
	}
}

// through has the mailer send through SES, with a wire of its own in between.
func (r *reading) through() *local.SES {
	r.t.Helper()
	provider := local.New(systemSender, r.clock.Now)
	server := httptest.NewServer(provider)
	r.t.Cleanup(server.Close)
	r.wire = &faults.Wire{}
	client := sesv2.NewFromConfig(aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, func(o *sesv2.Options) {
		o.BaseEndpoint = aws.String(server.URL)
		o.APIOptions = append(o.APIOptions, r.wire.Install)
	})
	r.mailer.Sender = ses.New(client, systemSender, "")
	r.empty = provider.Clear
	r.sent = func() []mail.Message {
		var all []mail.Message
		for _, m := range provider.Messages("") {
			all = append(all, mail.Message{From: senderOf(m), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML})
		}
		return all
	}
	return provider
}

// A fault of SES: what passes is tried again until everybody has one mail, or, where SES had taken it, the same mail twice;
// what does not pass is given up and recorded as not sent. Nobody else's mail waits for it.
func TestTheMailerSurvivesEveryFaultOfItsProvider(t *testing.T) {
	for _, l := range letters() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			r := newProduct(t).posting(l)
			r.through()
			r.rehearse()
			to := l.to(r.tenant)
			if len(r.calls) != len(to) {
				t.Fatalf("%d mails are sent, want %d", len(r.calls), len(to))
			}
			n := len(to) / 2 // of several, one in the middle
			for _, o := range mailOutages() {
				failed := r.meets(n, o)
				if o.effect == given {
					r.givenUp(n, o, failed, to)
				} else {
					r.reported(n, o, failed)
					r.prompt(n, o, len(to)+1, o.effect == done)
					r.redeliver(n, o, failed, o.spreads())
					r.received(n, o, to, oneIf(o.effect == done))
				}
				r.again()
			}
		})
	}
}

func oneIf(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// givenUp: nothing is tried again, all others have their mail, and the delivery says that it was not made.
func (r *reading) givenUp(n int, o outage, failed, to []string) {
	r.t.Helper()
	if len(failed) > 0 {
		r.t.Errorf("%s: reported as failed: %s", o.Name, strings.Join(failed, ", "))
	}
	if sent := len(r.sent()); sent != len(to) { // one less, and the bystander's
		r.t.Errorf("%s: %d mails were sent, want %d", o.Name, sent, len(to))
	}
	var states []string
	for _, row := range r.scan(aws.String("attribute_exists(ended_at)")) { // a delivery's alone
		states = append(states, textOf(row["state"]))
	}
	slices.Sort(states)
	want := append([]string{string(delivery.Refused)}, slices.Repeat([]string{string(delivery.Sent)}, len(to))...)
	if !slices.Equal(states, want) {
		r.t.Errorf("call %d, %s: the deliveries are %v, want %v", n, o.Name, states, want)
	}
}
