package sms

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const pool = "arn:aws:sms-voice:eu-west-1:000000000000:pool/local"

func sent(s *SMS, operation, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Host = "127.0.0.1:9999"
	r.Header.Set("X-Amz-Target", "PinpointSMSVoiceV2."+operation)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// request is a good one, with a member replaced or added.
func request(member, value string) string {
	members := map[string]string{
		"DestinationPhoneNumber": `"+491701234567"`, "OriginationIdentity": `"` + pool + `"`, "MessageBody": `"12345678"`,
		"MessageType": `"TRANSACTIONAL"`, "MaxPrice": `"0.20"`, "TimeToLive": "600",
	}
	members[member] = value
	var all []string
	for name, text := range members {
		all = append(all, `"`+name+`":`+text)
	}
	return "{" + strings.Join(all, ",") + "}"
}

func TestWhatTheServiceRefusesIsRefused(t *testing.T) {
	for _, c := range []struct{ operation, member, value, exception, reason string }{
		{"SendTextMessage", "DestinationPhoneNumber", `"0170 1234567"`, "ValidationException", "FIELD_VALIDATION_FAILED"},
		{"SendTextMessage", "DestinationPhoneNumber", `""`, "ValidationException", "MISSING_PARAMETER"},
		{"SendTextMessage", "DestinationPhoneNumber", `["+491701234567"]`, "ValidationException", "CANNOT_PARSE"},
		{"SendTextMessage", "MessageBody", `"` + strings.Repeat("x", 1601) + `"`, "ValidationException", "FIELD_VALIDATION_FAILED"},
		{"SendTextMessage", "MessageType", `"URGENT"`, "ValidationException", "FIELD_VALIDATION_FAILED"},
		{"SendTextMessage", "MaxPrice", `"20 cents"`, "ValidationException", "FIELD_VALIDATION_FAILED"},
		{"SendTextMessage", "TimeToLive", "1", "ValidationException", "FIELD_VALIDATION_FAILED"},
		{"SendTextMessage", "OriginationIdentity", `"+15550100"`, "ResourceNotFoundException", ""},
		{"SendVoiceMessage", "MessageBody", `"x"`, "ValidationException", "UNKNOWN_OPERATION"},
	} {
		s := New(pool, func(Message) { t.Errorf("%s %s is accepted", c.member, c.value) })
		w := sent(s, c.operation, request(c.member, c.value))
		if w.Code != 400 || !strings.Contains(w.Body.String(), "#"+c.exception+`"`) || !strings.Contains(w.Body.String(), `"Reason":"`+c.reason+`"`) {
			t.Errorf("%s %s: %d %s", c.member, c.value, w.Code, w.Body)
		}
	}
}

func TestFaultsOnDemand(t *testing.T) {
	accepted := 0
	s := New(pool, func(Message) { accepted++ })
	s.SetFault(func(to string) Failure { return Failure{"ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT"} })
	if w := sent(s, "SendTextMessage", request("", "0")); w.Code != 400 || accepted != 0 || !strings.Contains(w.Body.String(), "OPTED_OUT") {
		t.Errorf("opted out: %d %s", w.Code, w.Body)
	}
	s.SetFault(func(string) Failure { return Failure{Name: "InternalServerException"} })
	if w := sent(s, "SendTextMessage", request("", "0")); w.Code != 500 || accepted != 0 {
		t.Errorf("broken: %d", w.Code)
	}
	s.SetFault(func(string) Failure { return Failure{Name: LoseReply} })
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler || accepted != 1 {
				t.Errorf("a lost reply: %d accepted", accepted)
			}
		}()
		sent(s, "SendTextMessage", request("", "0"))
	}()
	s.SetFault(nil)
	if w := sent(s, "SendTextMessage", request("", "0")); w.Code != 200 || accepted != 2 {
		t.Errorf("after that: %d", w.Code)
	}
}

func TestWhatMessagesComeFrom(t *testing.T) {
	const account = "arn:aws:sms-voice:eu-west-1:000000000000:"
	s := New(pool, func(Message) {})
	s.Define(account+"phone-number/phone-1", map[string]string{"twofold-table": "t"})
	s.Define(account+"sender-id/ACME/DE", nil)
	s.DefineSet("events", func(string) {})
	for _, c := range []struct{ from, to, set, exception, reason string }{
		{pool, "+491701234567", "events", "", ""}, {account + "phone-number/phone-1", "+15550100000", "", "", ""},
		{account + "sender-id/ACME/DE", "+491701234567", "", "", ""}, {"ACME", "+491701234567", "", "", ""},
		{account + "sender-id/ACME/DE", "+436641234567", "", "ValidationException", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY"},
		{"ACME", "+436641234567", "", "ValidationException", "SENDER_ID_NOT_REGISTERED"},
		{"ACME", "+12015550123", "", "ValidationException", "SENDER_ID_NOT_SUPPORTED"},
		{account + "pool/other", "+491701234567", "", "ResourceNotFoundException", ""},
		{pool, "+491701234567", "other", "ResourceNotFoundException", ""},
	} {
		body := `{"DestinationPhoneNumber":"` + c.to + `","OriginationIdentity":"` + c.from + `","MessageBody":"x","MessageType":"TRANSACTIONAL","ConfigurationSetName":"` + c.set + `"}`
		w := sent(s, "SendTextMessage", body)
		if said := w.Body.String(); (w.Code == 200) != (c.exception == "") || !strings.Contains(said, c.exception) || !strings.Contains(said, c.reason) {
			t.Errorf("%s to %s: %d %s", c.from, c.to, w.Code, said)
		}
	}
	if arn, tags := s.From(account+"phone-number/phone-1", "+491701234567"); arn != account+"phone-number/phone-1" || tags["twofold-table"] != "t" {
		t.Errorf("%s %v", arn, tags)
	}
	if arn, tags := s.From("ACME", "+491701234567"); arn != account+"sender-id/ACME/DE" || len(tags) != 0 {
		t.Errorf("%s %v", arn, tags)
	}
}

func TestWhatANumberDoesIsPlayed(t *testing.T) {
	var events []string
	s := New(pool, func(Message) {})
	s.DefineSet("events", func(event string) { events = append(events, event) })
	var told string
	play := func(host, form string) int {
		r := httptest.NewRequest(http.MethodPost, "/numbers", strings.NewReader(form))
		r.Host = host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		told = w.Body.String()
		return w.Code
	}
	send := func() string {
		w := sent(s, "SendTextMessage", request("ConfigurationSetName", `"events"`))
		return w.Body.String()
	}
	for _, c := range []struct{ form, said, ends string }{
		{"", "MessageId", "TEXT_DELIVERED"}, {"&opted_out=true", "OPTED_OUT", ""}, {"&ends=TEXT_INVALID", "MessageId", "TEXT_INVALID"},
		{"&fails=ValidationException+PRICE_OVER_THRESHOLD", "PRICE_OVER_THRESHOLD", ""}, {"&opted_out=false", "MessageId", "TEXT_DELIVERED"},
	} {
		events = nil
		if code := play("localhost:1", "number=%2B491701234567"+c.form); code != http.StatusNoContent {
			t.Fatalf("%q: %d", c.form, code)
		}
		if said := send(); !strings.Contains(said, c.said) {
			t.Errorf("%q: %s", c.form, said)
		}
		if len(events) == 0 != (c.ends == "") || c.ends != "" && !strings.Contains(events[1], `"eventType":"`+c.ends+`"`) {
			t.Errorf("%q: %v", c.form, events)
		}
	}
	for _, form := range []string{"", "number=0170", "number=+491701234567", "number=%2B49+1701234567", "number=%2B491701234567&ends=text", "number=%2B491701234567&fails=%0A"} {
		if code := play("localhost:1", form); code != http.StatusBadRequest {
			t.Errorf("%q: %d", form, code)
		}
		if blank := strings.Contains(form, "+"); blank != strings.Contains(told, "--data-urlencode") {
			t.Errorf("%q: told %s", form, told)
		}
	}
	if code := play("elsewhere.example", "number=%2B491701234567&opted_out=true"); code != http.StatusMisdirectedRequest || !strings.Contains(send(), "MessageId") {
		t.Errorf("a page of elsewhere: %d", code)
	}
}
