package attack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// notOneNumber are texts that somebody may send as a number to reach another, more than one, or a dear one.
var notOneNumber = []any{
	[]string{number, otherNumber}, number + "," + otherNumber, number + ";" + otherNumber, number + " " + otherNumber, number + "\r\n" + otherNumber,
	number + ";ext=5", number + "x5", number + "p123", number + ",,5", "tel:" + number, "sip:" + number + "@elsewhere.example", number + "@elsewhere.example",
	"0170 1234567", "0049 170 1234567", "491701234567", "+49 0170 1234567", "+49170", "+4917012345678901234", "+49１７０1234567", "+49 170 \x00 1234567",
	"+1 900 555 0123", "+881612345678", "+979123456789", "+999123456789", "arn:aws:sns:eu-west-1:000000000000:all", "+", "null",
}

func TestANumberIsOneNumber(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	e := ten.enrolling("new", atChoose)
	p := ten.enrolled(eve)
	places := map[string]func(typed any) request{
		"an enrolment": func(typed any) request {
			return ten.asked("/v1/enrollments/answers", fields{"login": e.token, "method": "sms", "phone": typed})
		},
		"another authenticator": func(typed any) request {
			return ten.changed("/authenticators", "totp", p.code(0), fields{"method": "sms", "phone": typed})
		},
	}
	before := ten.dump()
	for place, asked := range places {
		for _, typed := range notOneNumber {
			if r := ten.send(asked(typed)); r.status != 422 && r.status != 400 {
				t.Errorf("%s takes %q: %d", place, typed, r.status)
			}
		}
		ten.send(asked("")).want(t, 422, "missing_field")
		for _, abroad := range []string{"+33 6 12 34 56 78", "+1 201 555 0123", "+1 876 555 0123", "+44 7797 712345"} {
			if r := ten.send(asked(abroad)).want(t, 422, "country_not_allowed"); r.text("field") != "phone" {
				t.Errorf("%s: the problem names %q", place, r.text("field"))
			}
		}
	}
	ten.step(e.token, fields{"phone": number}).want(t, 422, "invalid_field")
	ten.step(e.token, fields{"method": "totp", "phone": number}).want(t, 422, "invalid_field")
	ten.unchanged(before)
	if len(ten.told("code-confirm-sms")) != 0 {
		t.Error("something was sent")
	}
}

// Without the entitlement there is no SMS: not in a policy, not in an enrolment, and not for whoever has the method from before.
func TestSMSNeedTheEntitlement(t *testing.T) {
	ten := newProduct(t).tenant()
	proposing := func(countries ...string) request {
		body := forcing()
		body["policy"].(fields)["methods"] = []string{"totp", "sms"}
		if len(countries) > 0 {
			body["policy"].(fields)["sms_countries"] = countries
		}
		return ten.proposing(ten.admin, body)
	}
	if r := ten.send(proposing()).want(t, 422, "not_available"); r.text("field") != "policy.methods" {
		t.Errorf("the problem names %q", r.text("field"))
	}
	nowhere := ten.entitle(fields{"two_factor": true, "sms": true}).want(t, 422, "sms_countries_missing")
	if nowhere.text("field") != "entitlements.sms_countries" {
		t.Errorf("the problem names %q", nowhere.text("field"))
	}
	for _, countries := range [][]string{{"de"}, {"DE", "DE"}, {"XX"}, {"DEU"}, {"D\n"}} {
		if r := ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": countries}); r.status != 422 {
			t.Errorf("granted to %v: %d", countries, r.status)
		}
	}
	e := ten.enrolling("new", atChoose)
	ten.step(e.token, fields{"method": "sms", "phone": number}).want(t, 422, "method_not_allowed")
	ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE", "AT"}}).ok(t)
	ten.step(e.token, fields{"method": "sms", "phone": number}).want(t, 422, "method_not_allowed") // by the policy
	ten.send(proposing("CH")).want(t, 422, "not_available")
	ten.send(proposing("DE")).ok(t)
}

// What is withdrawn sends nothing from the next order on, nor what was ordered a moment before; the way back stays.
func TestWithdrawnSMS(t *testing.T) {
	for name, c := range map[string]struct {
		withdraw func(t *tenant)
		code     string
	}{
		"the entitlement": {func(ten *tenant) { ten.entitle(fields{"two_factor": true}).ok(t) }, "not_available"},
		"the country": {func(ten *tenant) {
			ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": []string{"AT"}}).ok(t)
		}, "country_not_allowed"},
		"the country, by the policy": {func(ten *tenant) { ten.decree(func(p *org.Policy) { p.SMSCountries = "AT" }) }, "country_not_allowed"},
	} {
		ten := newProduct(t).tenant()
		ten.texts()
		ten.phoned(eve, number)
		ten.alone(eve)
		token := ten.login(eve)
		ten.send(ten.ordering(token, "")).ok(t)
		orders := ten.orders()
		c.withdraw(ten)
		ten.deliver(orders)
		ten.clock.Advance(user.SendInterval)
		if r := ten.send(ten.ordering(ten.login(eve), "")).want(t, 422, c.code); r.text("field") != "method" {
			t.Errorf("%s: the problem names %q", name, r.text("field"))
		}
		ten.post()
		if slices.ContainsFunc(ten.outbox.sent, func(m mail.Message) bool { return m.To == number }) {
			t.Errorf("%s: an SMS was sent", name)
		}
		ten.call(ten.app, "/v1/logins/codes", fields{"login": ten.login(eve), "method": "recovery_email"}).ok(t)
		ten.mailed(recoveryAddress(eve))
	}
}

// alone leaves a user no method but SMS.
func (t *tenant) alone(id string) {
	t.t.Helper()
	f := t.factors(id).Next()
	f.Authenticators = slices.DeleteFunc(f.Authenticators, func(a user.Authenticator) bool { return a.Method != org.SMS })
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
}

// A code proves a number that the user has: of one that was removed it proves nothing, and it does not go out any more.
func TestTheCodeOfARemovedNumber(t *testing.T) {
	for _, late := range []bool{false, true} {
		ten := newProduct(t).tenant()
		ten.texts()
		p := ten.phoned(eve, number, otherNumber)
		token := ten.login(eve)
		ten.send(ten.ordering(token, phoneID(0))).ok(t)
		orders, code := ten.orders(), "12345678"
		if !late {
			code = ten.mailed(number)
		}
		ten.send(ten.changed("/authenticators/"+phoneID(0)+"/remove", "totp", p.code(0), nil)).want(t, 204, "")
		ten.deliver(orders)
		if sent := slices.ContainsFunc(ten.outbox.sent, func(m mail.Message) bool { return m.To == number }); sent == late {
			t.Errorf("ordered, then removed, then delivered %t: sent %t", late, sent)
		}
		ten.answer(token, "sms", code).want(t, 422, "code_refused")
	}
}

// Each code belongs to one number; that another was ordered voids it, and a minute lies between them.
func TestTwoNumbersAtALogin(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	ten.phoned(eve, number, otherNumber)
	token := ten.login(eve)
	if r := ten.send(ten.ordering(token, "")).ok(t); r.at("next", "sent_to") != "phone" {
		t.Errorf("sent to %v", r.at("next", "sent_to"))
	}
	first := ten.mailed(number)
	ten.send(ten.ordering(token, phoneID(1))).want(t, 429, "too_soon")
	ten.send(ten.ordering(token, "a1b2c3d4e5f60718")).want(t, 422, "authenticator_unknown") // the app
	ten.clock.Advance(user.SendInterval)
	ten.send(ten.ordering(token, phoneID(1))).ok(t)
	second := ten.mailed(otherNumber)
	ten.answer(token, "sms", first).want(t, 422, "code_refused")
	ten.answer(token, "email", second).want(t, 422, "method_not_enrolled")
	ten.answer(token, "sms", second).ok(t)
}

// textable makes n users, each with a number in another block, and has each order a code. The numbers are in order of users.
func (t *tenant) textable(from, n int, form string) []string {
	t.t.Helper()
	var numbers []string
	for i := from; i < from+n; i++ {
		id := fmt.Sprintf("user-%03d", i)
		numbers = append(numbers, strings.ReplaceAll(form, "###", fmt.Sprintf("%03d", i)))
		t.phoned(id, numbers[len(numbers)-1])
		t.send(t.ordering(t.login(id), "")).ok(t.t)
	}
	return numbers
}

// sms counts what was sent to numbers.
func (t *tenant) sms() int {
	t.t.Helper()
	n := 0
	for _, m := range t.outbox.sent {
		if strings.HasPrefix(m.To, "+") {
			n++
		}
	}
	return n
}

// Each budget: what lies beyond is not sent, now or when it is delivered again, and is said; mail and apps do not wait for it; and
// the next day begins anew.
func TestBudgetsOfSMS(t *testing.T) {
	for name, c := range map[string]struct {
		given func(ten *tenant)
		form  string
	}{
		"of the organisation": {func(ten *tenant) {
			ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE"}, "sms_per_day": 3}).ok(t)
		}, "+49170###4567"},
		"of a block":                     {func(ten *tenant) { ten.mailer.Budgets.Prefix = 3 }, "+491701###567"},
		"of a block and an organisation": {func(ten *tenant) { ten.mailer.Budgets.OrganizationPrefix = 3 }, "+491701###567"},
	} {
		ten := newProduct(t).tenant()
		ten.texts()
		c.given(ten)
		ten.textable(0, 5, c.form)
		orders := ten.orders()
		ten.deliver(orders)
		ten.deliver(orders)
		if ten.sms() != 3 || len(ten.outbox.lost) != 2 || ten.outbox.lost[0] != ten.id+": capped" {
			t.Errorf("%s: %d were sent, told of %v", name, ten.sms(), ten.outbox.lost)
		}
		if got := ten.states(); !slices.Equal(got, []string{"capped", "capped", "sent", "sent", "sent"}) {
			t.Errorf("%s: the deliveries are %v", name, got)
		}
		p := ten.enrolled("app")
		ten.answer(ten.login("app"), "totp", p.code(0)).ok(t)
		ten.call(ten.app, "/v1/logins/codes", fields{"login": ten.login("user-004"), "method": "recovery_email"}).want(t, 200, "")
		ten.mailed(recoveryAddress("user-004"))
		ten.clock.Advance(24 * time.Hour)
		ten.send(ten.ordering(ten.login("user-004"), "")).ok(t)
		if ten.post(); ten.sms() != 4 {
			t.Errorf("%s: the next day %d were sent in all", name, ten.sms())
		}
	}
}

// states are those of the deliveries of all users' codes under way.
func (p *product) states() []string {
	p.t.Helper()
	became := map[string]string{}
	var codes []string
	for _, row := range p.scan(nil) {
		if name, ok := strings.CutPrefix(textOf(row["pk"]), "DELIVERY#"); ok {
			became[name] = textOf(row["state"])
		}
		parts := strings.Split(textOf(row["pk"]), "#")
		if textOf(row["sk"]) != "FACTORS" || len(parts) != 3 {
			continue
		}
		_, _, f, err := p.store.Recipient(p.t.Context(), parts[1], parts[2])
		p.must(err)
		for _, c := range f.Challenges {
			codes = append(codes, delivery.OfCode(parts[1], parts[2], c.ID))
		}
	}
	var all []string
	for _, name := range codes {
		if state := became[name]; state != "" {
			all = append(all, state)
		}
	}
	slices.Sort(all)
	return all
}

// One number that many users of many organisations say is theirs gets ten SMS a day, and what is reserved for each organisation.
func TestOneNumberIsNotFlooded(t *testing.T) {
	p := newProduct(t)
	sent := 0
	for i := range 3 {
		ten := p.tenant()
		ten.texts()
		for u := range 10 {
			id := fmt.Sprintf("alias-%d-%d", i, u)
			ten.phoned(id, number)
			ten.send(ten.ordering(ten.login(id), "")).ok(t)
		}
		ten.post()
		sent += ten.sms() // each tenant begins with an empty mailbox
	}
	if want := 3*mail.NumberReserved + mail.PerNumber; sent != want {
		t.Errorf("one number got %d SMS, want %d", sent, want)
	}
}

// Deliveries by many instances at once keep within a budget, and every one of them ends.
func TestABudgetUnderParallelDeliveries(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	ten.mailer.Budgets.Prefix = 7
	ten.textable(0, 20, "+491701###567")
	orders := ten.orders()
	together(2*len(orders), func(i int) reply { // each by two instances
		for range 100 {
			err := ten.mailer.Deliver(t.Context(), orders[i%len(orders)])
			if err == nil || fault.As(err).Kind != fault.Unavailable {
				return reply{}
			}
		}
		return reply{}
	})
	ten.clock.Advance(mail.Lease)
	ten.deliver(orders)
	want := append(slices.Repeat([]string{"capped"}, 13), slices.Repeat([]string{"sent"}, 7)...)
	if got := ten.states(); ten.sms() != 7 || !slices.Equal(got, want) {
		t.Errorf("%d were sent; %v", ten.sms(), got)
	}
}

// The number stands nowhere in the table, whatever is done with it, nor in what is answered.
func TestNumbersAreNotInTheTable(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.texts()
	p := ten.phoned(eve, number)
	ten.send(ten.changed("/authenticators", "totp", p.code(0), fields{"method": "sms", "phone": otherNumber})).ok(t)
	ten.send(ten.confirming("/authenticators", ten.mailed(otherNumber))).ok(t)
	ten.clock.Advance(user.SendInterval)
	ten.send(ten.ordering(ten.login(eve), phoneID(0))).ok(t)
	ten.mailed(number)
	e := ten.enrolling("new", atChoose)
	ten.step(e.token, fields{"method": "sms", "phone": number}).ok(t)
	ten.post()
	said := ten.send(request{key: ten.app, method: "GET", path: ten.path("/users/eve/authenticators")}).ok(t).said()
	if !strings.Contains(said, "+49 ••• ••67") || !strings.Contains(said, "+43 ••• ••67") {
		t.Errorf("shown as %s", said)
	}
	for key, row := range ten.dump() {
		for _, digits := range []string{"701234567", "641234567"} {
			if strings.Contains(key+row+said, digits) {
				t.Errorf("the number stands at %s", key)
			}
		}
	}
}
