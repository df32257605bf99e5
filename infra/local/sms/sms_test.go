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
