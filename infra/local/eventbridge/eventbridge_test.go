package eventbridge

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const good = `{"EventBusName":"vendor","Source":"twofold","DetailType":"user.reset","Detail":"{\"a\":1}","Time":1764255600.123}`

func sent(e *EventBridge, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Host = "127.0.0.1:9999"
	r.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func entries(all ...string) string { return `{"Entries":[` + strings.Join(all, ",") + `]}` }

func TestWhatTheServiceRefusesIsRefused(t *testing.T) {
	eleven := strings.Repeat(good+",", 10) + good
	large := strings.Replace(good, `{\"a\":1}`, `{\"a\":\"`+strings.Repeat("x", 999_970)+`\"}`, 1)
	for body, want := range map[string]string{
		`[`: "SerializationException", `{}`: "ValidationException", entries(): "ValidationException", entries(eleven): "ValidationException", entries(large): "ValidationException",
	} {
		e := New("vendor", time.Now)
		if w := sent(e, "/", body); w.Code != 400 || !strings.Contains(w.Body.String(), want) || len(e.Events()) != 0 {
			t.Errorf("%.40s: %d %s", body, w.Code, w.Body)
		}
	}
	e := New("vendor", time.Now)
	if w := sent(e, "/", entries(good), "X-Amz-Target", "AWSEvents.PutRule"); w.Code != 400 || !strings.Contains(w.Body.String(), "UnknownOperation") {
		t.Errorf("another operation: %d %s", w.Code, w.Body)
	}
}

// Of a call, each entry is taken or refused by itself.
func TestEntriesThatAreRefused(t *testing.T) {
	for old, with := range map[string][2]string{
		`"Source":"twofold",`:        {``, "InvalidArgument"},
		`"Detail":"{\"a\":1}",`:      {``, "InvalidArgument"},
		`"EventBusName":"vendor"`:    {`"EventBusName":"other"`, "InvalidArgument"},
		`"EventBusName":"vendor",`:   {``, "InvalidArgument"},
		`"user.reset"`:               {`"` + strings.Repeat("x", 129) + `"`, "InvalidArgument"},
		`"Detail":"{\"a\":1}"`:       {`"Detail":"[]"`, "MalformedDetail"},
		`"DetailType":"user.reset",`: {`"DetailType":"",`, "InvalidArgument"},
	} {
		e := New("vendor", time.Now)
		w := sent(e, "/", entries(strings.Replace(good, old, with[0], 1), good))
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"FailedEntryCount":1`) || !strings.Contains(w.Body.String(), `{"ErrorCode":"`+with[1]+`"`) || len(e.Events()) != 1 {
			t.Errorf("%s: %d %s", old, w.Code, w.Body)
		}
	}
	e := New("vendor", time.Now)
	byARN := strings.Replace(good, `"vendor"`, `"arn:aws:events:eu-west-1:000000000000:event-bus/vendor"`, 1)
	if sent(e, "/", entries(byARN)); len(e.Events()) != 1 || e.Events()[0].Time.UnixMilli() != 1764255600123 || e.Events()[0].Type != "user.reset" {
		t.Errorf("%+v", e.Events())
	}
}

func TestFaultsOnDemand(t *testing.T) {
	e := New("vendor", time.Now)
	for _, form := range []string{"", "fault=other", "fault=throttle&times=0", "fault=throttle&times=x"} {
		if w := sent(e, "/faults", form, "Content-Type", "application/x-www-form-urlencoded"); w.Code != 400 {
			t.Errorf("%q: %d", form, w.Code)
		}
	}
	for _, form := range []string{"fault=throttle&times=1", "fault=broken&times=1", "fault=entries&kind=user.reset&times=1", "fault=lose-reply&kind=user.locked"} {
		if w := sent(e, "/faults", form, "Content-Type", "application/x-www-form-urlencoded"); w.Code != 204 {
			t.Errorf("%q: %d", form, w.Code)
		}
	}
	other := strings.Replace(good, "user.reset", "user.deleted", 1)
	for i, want := range []struct {
		code, there int
		says        string
	}{{400, 0, "ThrottlingException"}, {500, 0, "InternalException"}, {200, 1, "InternalFailure"}, {200, 3, `"FailedEntryCount":0`}} {
		if w := sent(e, "/", entries(good, other)); w.Code != want.code || !strings.Contains(w.Body.String(), want.says) || len(e.Events()) != want.there {
			t.Errorf("%d: %d %s, %d there", i, w.Code, w.Body, len(e.Events()))
		}
	}
	func() {
		defer func() {
			if recover() == nil || len(e.Events()) != 4 {
				t.Errorf("the reply is not lost, or the event is; %d there", len(e.Events()))
			}
		}()
		sent(e, "/", entries(strings.Replace(good, "user.reset", "user.locked", 1)))
	}()
	r := httptest.NewRequest(http.MethodDelete, "/faults", nil)
	r.Host = "localhost"
	e.ServeHTTP(httptest.NewRecorder(), r)
	if w := sent(e, "/", entries(strings.Replace(good, "user.reset", "user.locked", 1))); w.Code != 200 {
		t.Errorf("healed: %d", w.Code)
	}
}

func TestForThisMachineOnly(t *testing.T) {
	e := New("vendor", time.Now)
	r := httptest.NewRequest(http.MethodGet, "/events", nil)
	r.Host = "rebound.example.com"
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, r); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("%d", w.Code)
	}
	if w := sent(e, "/faults", "fault=throttle", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
}

func TestTheOldestGoFirst(t *testing.T) {
	e := New("vendor", time.Now)
	for range capacity + 5 {
		e.keep(Event{})
	}
	if len(e.Events()) != capacity {
		t.Errorf("%d", len(e.Events()))
	}
}

func TestARN(t *testing.T) {
	for bus, want := range map[string]string{"": "p/default", "vendor": "p/vendor", "arn:aws:events:r:1:event-bus/x": "arn:aws:events:r:1:event-bus/x"} {
		if got := ARN("p/", bus); got != want {
			t.Errorf("%s: %s", bus, got)
		}
	}
}
