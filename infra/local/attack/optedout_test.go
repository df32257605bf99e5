package attack_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	local "twofold/infra/local/sms"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/sms"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// carried has SMS go through the service's client to a service that is played; what it takes lies in the outbox, and its events are kept.
func (p *product) carried() (*local.SMS, *[]string) {
	p.t.Helper()
	var events []string
	service := local.New(origination, func(m local.Message) {
		_ = p.outbox.Send(p.t.Context(), mail.Message{From: mail.From{Address: m.From}, To: m.To, Text: m.Body, Tag: m.Context["kind"]})
	})
	service.DefineSet("events", func(event string) { events = append(events, event) })
	server := httptest.NewServer(service)
	p.t.Cleanup(server.Close)
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	p.mailer.Texts = sms.Open(cfg, &server.URL, sms.Line{Origination: origination, ConfigurationSet: "events", MaxPrice: "0.20"})
	return service, &events
}

// became is the state of the delivery of a user's latest code.
func (t *tenant) became(id string) delivery.State {
	t.t.Helper()
	challenges := t.factors(id).Challenges
	name := delivery.OfCode(t.id, id, challenges[len(challenges)-1].ID)
	for _, row := range t.scan(nil) {
		if textOf(row["pk"]) == "DELIVERY#"+name {
			return delivery.State(textOf(row["state"]))
		}
	}
	return ""
}

func methods(r reply) []any {
	list, _ := r.at("next", "methods").([]any)
	return list
}

// A number that answered STOP: its code is not sent, nor tried again; logins offer the app from then on and not SMS, and say so to
// who asks for one; the own view, the user and the report show it, the user is mailed once; and what the user orders as a fresh
// proof, once the number has opted in again, frees it.
func TestANumberThatOptedOut(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	service, _ := ten.carried()
	ten.phoned(eve, number)
	service.SetNumber(number, local.Number{OptedOut: true})
	token := ten.login(eve)
	ten.send(ten.ordering(token, "")).ok(t)
	orders := ten.orders()
	ten.deliver(orders)
	ten.deliver(orders)
	if got := ten.became(eve); got != delivery.Suppressed || ten.sms() != 0 {
		t.Fatalf("the delivery is %s, %d SMS", got, ten.sms())
	}
	if told := ten.told("notice-authenticator-opted"); !slices.Equal(told, []string{recoveryAddress(eve), loginAddress(eve)}) {
		t.Errorf("told %v", told)
	}
	for _, lost := range ten.outbox.lost {
		if strings.Contains(lost, "1234567") {
			t.Errorf("the log holds the number: %s", lost)
		}
	}
	ten.clock.Advance(user.SendInterval)
	if offered := methods(ten.begin(eve).ok(t)); !slices.Equal(offered, []any{"totp"}) {
		t.Errorf("offered %v", offered)
	}
	ten.send(ten.ordering(ten.login(eve), "")).want(t, 409, "decision_changed")
	for path, where := range map[string]string{"/users/eve": "", "/users/eve/security": ""} {
		if said := ten.send(request{key: ten.app, method: "GET", path: ten.path(path)}).ok(t).said(); !strings.Contains(said, "why:opted_out") || !strings.Contains(said, "address:phone") {
			t.Errorf("%s%s says %s", path, where, said)
		}
	}
	if said := ten.send(request{key: ten.app, method: "GET", path: ten.path("/users/eve/authenticators")}).ok(t).said(); !strings.Contains(said, "opted_out:true") {
		t.Errorf("the authenticators are %s", said)
	}
	if said := ten.send(request{key: ten.admin, method: "GET", path: ten.path("/report")}).ok(t).said(); !strings.Contains(said, "why:opted_out") {
		t.Errorf("the report says %s", said)
	}

	proof := fields{"for": "renew_recovery_codes", "method": "sms"}
	ten.send(ten.asked(ten.path("/users/eve/proofs"), proof)).ok(t)
	ten.post() // still opted out
	service.SetNumber(number, local.Number{})
	if offered := methods(ten.begin(eve).ok(t)); !slices.Equal(offered, []any{"totp"}) {
		t.Errorf("offered before anything was taken: %v", offered)
	}
	ten.clock.Advance(user.SendInterval)
	ten.send(ten.asked(ten.path("/users/eve/proofs"), proof)).ok(t)
	ten.mailed(number)
	if offered := methods(ten.begin(eve).ok(t)); !slices.Equal(offered, []any{"totp", "sms"}) {
		t.Errorf("offered %v", offered)
	}
}

// Who has nothing but the number is asked for its code all the same, and has a way back; an administrator frees the number.
func TestAnOptedOutNumberThatIsAll(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	service, _ := ten.carried()
	ten.phoned(eve, number)
	ten.alone(eve)
	service.SetNumber(number, local.Number{OptedOut: true})
	ten.send(ten.ordering(ten.login(eve), "")).ok(t)
	ten.post()
	r := ten.begin(eve).ok(t)
	if !slices.Equal(methods(r), []any{"sms"}) || r.at("next", "ways_back") == nil {
		t.Errorf("the next login says %s", r.said())
	}
	ten.send(request{key: ten.admin, method: "DELETE", path: ten.path("/users/eve/undeliverable")}).want(t, 204, "")
	if said := ten.send(request{key: ten.app, method: "GET", path: ten.path("/users/eve")}).ok(t).said(); strings.Contains(said, "opted_out") {
		t.Errorf("cleared, and it says %s", said)
	}
	ten.clock.Advance(user.SendInterval)
	ten.send(ten.ordering(ten.login(eve), "")).ok(t) // still on the service's list: marked anew
	if ten.post(); len(ten.told("notice-authenticator-opted")) != 4 {
		t.Errorf("told %v", ten.told("notice-authenticator-opted"))
	}
}

// With two numbers, an order that names none goes to the one that wants SMS.
func TestOneOfTwoNumbersOptedOut(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	service, _ := ten.carried()
	ten.phoned(eve, number, otherNumber)
	service.SetNumber(number, local.Number{OptedOut: true})
	ten.send(ten.ordering(ten.login(eve), "")).ok(t)
	ten.post()
	ten.clock.Advance(user.SendInterval)
	token := ten.login(eve)
	ten.send(ten.ordering(token, "")).ok(t)
	ten.answer(token, "sms", ten.mailed(otherNumber)).ok(t)
}

// An organisation's SMS come from its own; another's do not, nor from what is not there; and what cannot be is refused.
func TestAnOrganisationsOwnOrigination(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	service, _ := ten.carried()
	ten.phoned(eve, number)
	entitled := func(from any) fields {
		return fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE", "AT"}, "sms_origination": from}
	}
	for _, from := range []any{"+15550100", "Acme Ltd", "arn:aws:sms-voice:eu-west-1:999999999999:pool/pool-1", originations + "pool/*", "A\r\nB", []string{"ACME"}, "123456"} {
		if r := ten.entitle(entitled(from)); r.status != 422 && r.status != 400 {
			t.Errorf("%q is taken: %d", from, r.status)
		}
	}
	if r := ten.entitle(entitled("+15550100")).want(t, 422, "sms_origination_invalid"); r.text("field") != "entitlements.sms_origination" || strings.Contains(r.said(), "5550100") {
		t.Errorf("the problem is %s", r.said())
	}
	order := func() string {
		ten.clock.Advance(user.SendInterval)
		before := ten.sms()
		ten.send(ten.ordering(ten.login(eve), "")).ok(t)
		if ten.post(); ten.sms() == before {
			return ""
		}
		at := slices.IndexFunc(ten.outbox.sent, func(m mail.Message) bool { return strings.HasPrefix(m.To, "+") })
		from := ten.outbox.sent[at].From.Address
		ten.outbox.sent = nil
		return from
	}
	if from := order(); from != origination {
		t.Errorf("by default from %q", from)
	}
	ten.entitle(entitled("ACME")).ok(t)
	if from := order(); from != "" || len(ten.outbox.lost) != 1 || strings.Contains(ten.outbox.lost[0], "1234567") {
		t.Errorf("from a sender ID that is not there: %q, told of %v", from, ten.outbox.lost)
	}
	service.Define(originations+"sender-id/ACME/DE", nil)
	if from := order(); from != "ACME" {
		t.Errorf("from %q", from)
	}
	ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE"}}).ok(t)
	if from := order(); from != origination {
		t.Errorf("afterwards from %q", from)
	}
}

// What carriers say: an SMS that did not arrive is bounced, whether that is heard before, twice, or long after; one that arrived stays
// sent, whatever else is heard of it that is not its end. Nobody is marked by it, and what nobody can read is an error.
func TestWhatCarriersSay(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	service, events := ten.carried()
	hear := sms.Hearing(ten.mailer.Hear)
	say := func(all ...string) {
		t.Helper()
		for _, event := range all {
			if mine, err := hear(t.Context(), []byte(event)); !mine || err != nil {
				t.Errorf("%s: %t, %v", event, mine, err)
			}
		}
	}
	for ends, want := range map[string]delivery.State{
		"": delivery.Sent, "TEXT_SUCCESSFUL": delivery.Sent, "TEXT_UNKNOWN": delivery.Sent, "TEXT_INVALID": delivery.Bounced, "TEXT_UNREACHABLE": delivery.Bounced,
		"TEXT_CARRIER_UNREACHABLE": delivery.Bounced, "TEXT_BLOCKED": delivery.Bounced, "TEXT_TTL_EXPIRED": delivery.Bounced, "TEXT_PROTECT_BLOCKED": delivery.Bounced,
	} {
		id := "u" + strings.ToLower(strings.ReplaceAll(ends, "_", "-"))
		ten.phoned(id, number)
		*events = nil
		service.SetNumber(number, local.Number{Ends: ends})
		ten.send(ten.ordering(ten.login(id), "")).ok(t)
		ten.post()
		slices.Reverse(*events)
		say(append(*events, *events...)...)
		ten.clock.Advance(72 * time.Hour)
		say(*events...)
		if after := ten.became(id); after != want {
			t.Errorf("%s: the delivery is %s", ends, after)
		}
		if offered := methods(ten.begin(id).ok(t)); !slices.Equal(offered, []any{"totp", "sms"}) {
			t.Errorf("%s: offered %v", ends, offered)
		}
	}
	if _, err := hear(t.Context(), []byte(`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":"+491701234567"}`)); err == nil || strings.Contains(err.Error(), "1234567") {
		t.Errorf("a broken event: %v", err)
	}
}

// Eleven wrong codes in a row are told at both addresses, from where they came, and thirty are not told again that day; the code that
// was ordered before goes out.
func TestSomebodyUnderAttackHearsOfItOnce(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled(eve)
	attack := func(n int) {
		t.Helper()
		for range n {
			if until, locked := ten.factors(eve).Throttle.Locked(ten.clock.Now()); locked {
				ten.clock.Advance(until.Sub(ten.clock.Now()))
			}
			token := ten.call(ten.app, "/v1/logins", fields{
				"organization": ten.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-0001", "browser": fields{"address": "203.0.113.7"},
			}).ok(t).text("login")
			ten.answer(token, "totp", "000000").want(t, 422, "code_refused")
			ten.post()
		}
	}
	attack(throttle.AlarmAfter - 1)
	if told := ten.told("notice-user-locked"); len(told) != 0 {
		t.Fatalf("told %v after ten", told)
	}
	attack(1)
	want := []string{recoveryAddress(eve), loginAddress(eve)}
	if told := ten.told("notice-user-locked"); !slices.Equal(told, want) {
		t.Fatalf("told %v", told)
	}
	if last := ten.outbox.sent[len(ten.outbox.sent)-1]; !strings.Contains(last.Text, "203.0.113.7") {
		t.Errorf("the mail says\n%s", last.Text)
	}
	attack(throttle.Cap - throttle.AlarmAfter + 1)
	if told := ten.told("notice-user-locked"); !slices.Equal(told, want) {
		t.Errorf("in all told %v", told)
	}
}

// A fault of the store, or of the service's connection, at any call that an opt-out makes: in the end the delivery is suppressed, the
// number is marked once, with one event, and nothing was sent.
func TestAnOptOutSurvivesEveryFaultOfTheStore(t *testing.T) {
	p := newProduct(t)
	r := p.posting(textLetter())
	service, _ := p.carried()
	service.SetNumber(number, local.Number{OptedOut: true})
	r.rehearse()
	if last := r.calls[len(r.calls)-2:]; len(r.calls) != 5 || last[0] != "TransactWriteItems" || last[1] != "UpdateItem" {
		t.Fatalf("the calls are %v", r.calls)
	}
	for n, operation := range r.calls {
		for _, o := range outages(operation) {
			if n == 1 && o.Name == "canceled for the last part: ConditionalCheckFailed" {
				continue // a count that is full
			}
			failed := r.meets(n, o)
			for tries := 0; len(failed) > 0 && tries < 4; tries++ {
				r.late += mail.Lease
				failed = r.invoke(r.t.Context(), r.faulty, r.bystander)
			}
			if _, err := r.wire.Deliver(); err != nil {
				t.Errorf("what was late did not arrive: %v", err)
			}
			failed = append(failed, r.invoke(r.t.Context(), r.faulty, r.bystander)...)
			told := 0
			for _, e := range r.log(r.id) {
				if e.Kind == audit.NumberOptedOut {
					told++
				}
			}
			if became := r.became(eve); len(failed) > 0 || became != delivery.Suppressed || told != 1 || r.sms() != 0 {
				t.Errorf("call %d, %s, %s: failed %v, the delivery is %s, %d events, %d SMS", n, operation, o.Name, failed, became, told, r.sms())
			}
			r.again()
		}
	}
}
