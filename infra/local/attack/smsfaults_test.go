package attack_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2"

	"twofold/infra/local/faults"
	local "twofold/infra/local/sms"
	"twofold/pkg/mail"
	"twofold/pkg/sms"
)

const (
	originations = "arn:aws:sms-voice:eu-west-1:000000000000:"
	origination  = originations + "pool/pool-1"
)

func textLetter() letter {
	return letter{"a code by SMS", func(t *tenant) {
		t.texts()
		t.phoned(eve, number)
		t.send(t.ordering(t.login(eve), "")).ok(t.t)
	}, func(*tenant) []string { return []string{number} }, nil}
}

// counting is what an outage does to the mailer's transaction, which claims and counts: one in the way is tried again at once, and
// whatever else looks like a lost race is an error, and the record is tried again. Of a count that has reached its limit another test tells.
func counting(o outage) (outage, bool) {
	switch o.Name {
	case "a condition fails", "conditions always fail", "canceled for the first part: ConditionalCheckFailed":
		o.effect = refused
	case "canceled for the last part: ConditionalCheckFailed":
		return o, false
	}
	return o, true
}

// A fault of the store at any call that an SMS makes: it is counted once and sent once, or, where it could not be marked, the same twice.
func TestSMSSurviveEveryFaultOfTheStore(t *testing.T) {
	p := newProduct(t)
	l := textLetter()
	r := p.posting(l)
	r.rehearse()
	marks, to := marking(r.calls), l.to(r.tenant)
	for n, operation := range r.calls {
		for _, o := range outages(operation) {
			o, told := judged(operation, o)
			if !told {
				continue
			}
			failed := r.meets(n, o)
			r.reported(n, o, failed)
			unmarked, claimed := unmarked(o, marks, n), o.effect == done && !marks[n]
			if writing(operation) {
				r.prompt(n, o, len(to)+1, marks[n])
			}
			r.redeliver(n, o, failed, unmarked > 0 || claimed)
			r.received(n, o, to, unmarked)
			for _, count := range r.counts() {
				if count != "1" {
					t.Errorf("call %d, %s, %s: counted %s times", n, operation, o.Name, count)
				}
			}
			r.again()
		}
	}
}

// counts are all that SMS were counted against.
func (p *product) counts() []string {
	p.t.Helper()
	var all []string
	for key, row := range p.dump() {
		if strings.HasPrefix(key, "SPENT#") {
			_, n, _ := strings.Cut(row, `"n":{"Value":"`)
			n, _, _ = strings.Cut(n, `"`)
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		p.t.Error("nothing was counted")
	}
	return all
}

// textOutages are what SendTextMessage documents, and what any connection may do.
// https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html#API_SendTextMessage_Errors
func textOutages() []outage {
	broken := faults.Answer(500, "InternalServerException")
	all := []outage{
		refuse("throttled", faults.Answer(400, "ThrottlingException")),
		{Fault: faults.Once("throttled once", faults.Answer(400, "ThrottlingException")), effect: unnoticed},
		refuse("broken", broken),
		refuse("unavailable", faults.Answer(503, "ServiceUnavailableException")),
		refuse("unreached", faults.Unreached),
		refuse("hangs", faults.Hang),
		{Fault: faults.Always("sent, and the reply is lost", faults.Lost), effect: done},
		{Fault: faults.Always("sent, and the reply is torn", faults.Torn), effect: done},
		{Fault: faults.Always("sent, and reported as a failure", faults.Done(broken)), effect: done},
		{Fault: faults.Always("sent, and the reply hangs", faults.Done(faults.Hang)), effect: done},
	}
	for exception, reason := range map[string]string{
		"ConflictException": "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", "ValidationException": "PRICE_OVER_THRESHOLD",
		"ServiceQuotaExceededException": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", "AccessDeniedException": "ACCOUNT_DISABLED", "ResourceNotFoundException": "",
	} {
		final := faults.Reply(400, map[string]any{"__type": exception, "Reason": reason, "Message": "+491701234567"})
		all = append(all, outage{Fault: faults.Always(exception, final), effect: given})
	}
	return all
}

// texting has the mailer send SMS through the service, with a wire of its own in between.
func (r *reading) texting() {
	r.t.Helper()
	var mu sync.Mutex
	var texts []mail.Message
	provider := local.New(origination, func(m local.Message) {
		mu.Lock()
		defer mu.Unlock()
		texts = append(texts, mail.Message{To: m.To, Text: m.Body, Tag: m.Context["kind"]})
	})
	server := httptest.NewServer(provider)
	r.t.Cleanup(server.Close)
	r.wire = &faults.Wire{}
	client := pinpointsmsvoicev2.NewFromConfig(aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, func(o *pinpointsmsvoicev2.Options) {
		o.BaseEndpoint = aws.String(server.URL)
		o.APIOptions = append(o.APIOptions, r.wire.Install)
	})
	r.mailer.Texts = sms.New(client, sms.Line{Origination: origination, MaxPrice: "0.20"})
	mails, empty := r.sent, r.empty
	r.empty = func() {
		mu.Lock()
		defer mu.Unlock()
		empty()
		texts = nil
	}
	r.sent = func() []mail.Message {
		mu.Lock()
		defer mu.Unlock()
		return append(append([]mail.Message{}, texts...), mails()...)
	}
}

// A fault of the service: what passes is tried again with the same code; what does not pass is given up, written down and logged
// without the number. Nobody's mail waits for it.
func TestSMSSurviveEveryFaultOfTheirProvider(t *testing.T) {
	l := textLetter()
	r := newProduct(t).posting(l)
	r.texting()
	r.rehearse()
	to := l.to(r.tenant)
	if len(r.calls) != 1 {
		t.Fatalf("%d SMS are sent", len(r.calls))
	}
	for _, o := range textOutages() {
		r.outbox.lost = nil
		failed := r.meets(0, o)
		if o.effect == given {
			r.givenUp(0, o, failed, to)
			if len(r.outbox.lost) != 1 || !strings.HasPrefix(r.outbox.lost[0], r.id+": sms: "+o.Name) || strings.Contains(r.outbox.lost[0], "1234567") {
				t.Errorf("%s: told of %v", o.Name, r.outbox.lost)
			}
		} else {
			r.reported(0, o, failed)
			r.prompt(0, o, len(to)+1, o.effect == done)
			r.redeliver(0, o, failed, o.spreads())
			r.received(0, o, to, oneIf(o.effect == done))
		}
		r.again()
	}
}

// A count that has reached its limit while the mailer asks: capped, and nobody tries again.
func TestACountThatIsFull(t *testing.T) {
	l := textLetter()
	r := newProduct(t).posting(l)
	r.rehearse()
	n := 1
	if r.calls[n] != "TransactWriteItems" {
		t.Fatalf("the calls are %v", r.calls)
	}
	full := faults.Once("full", faults.Canceled("ConditionalCheckFailed", -1))
	r.wire.ArmEach(func(at int, _ string) (faults.Fault, bool) { return full, at == n || at == n+1 }) // what is reserved, and what is shared
	failed := r.invoke(t.Context(), r.faulty, r.bystander)
	r.wire.Disarm()
	if len(failed) != 0 || len(r.sent()) != 1 { // the bystander's
		t.Errorf("failed %v, %d sent", failed, len(r.sent()))
	}
	if failed := r.invoke(t.Context(), r.faulty); len(failed) != 0 || len(r.sent()) != 1 {
		t.Errorf("once more: failed %v, %d sent", failed, len(r.sent()))
	}
}
