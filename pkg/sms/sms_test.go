package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	local "twofold/infra/local/sms"
	"twofold/pkg/mail"
)

const pool = "arn:aws:sms-voice:eu-west-1:000000000000:pool/pool-1"

var (
	line    = Line{Origination: pool, MaxPrice: "0.20"}
	message = mail.Text{To: "+491701234567", Body: "Acme: 12345678 is your code to sign in.", Tag: "code-sign-in-sms", Of: "delivery-1"}
)

// talking is a sender whose service is handler.
func talking(t *testing.T, l Line, handler http.Handler) *Sender {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	return Open(cfg, &server.URL, l)
}

func TestAMessageArrivesAsItIs(t *testing.T) {
	var got []local.Message
	s := talking(t, line, local.New(pool, func(m local.Message) { got = append(got, m) }))
	if err := s.Text(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].To != message.To || got[0].Body != message.Body || got[0].From != pool || got[0].Context["kind"] != message.Tag {
		t.Errorf("arrived: %+v", got)
	}
}

// The request names everything that bounds it: what it may cost, how long it is worth anything, of what sort it is.
func TestWhatARequestSays(t *testing.T) {
	for name, set := range map[string]string{"without a configuration set": "", "with one": "events"} {
		var in map[string]any
		l := line
		l.ConfigurationSet = set
		s := talking(t, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "PinpointSMSVoiceV2.SendTextMessage" {
				t.Errorf("%s: %v", r.Header.Get("X-Amz-Target"), err)
			}
			_, _ = w.Write([]byte(`{"MessageId":"1"}`))
		}))
		if err := s.Text(context.Background(), message); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"DestinationPhoneNumber": message.To, "MessageBody": message.Body, "MessageType": "TRANSACTIONAL", "OriginationIdentity": pool,
			"MaxPrice": "0.20", "TimeToLive": 600.0, "Context": map[string]any{"kind": message.Tag, "delivery": message.Of},
		}
		if set != "" {
			want["ConfigurationSetName"] = set
		}
		if fmt.Sprint(in) != fmt.Sprint(want) {
			t.Errorf("%s: asked for %v, want %v", name, in, want)
		}
	}
}

func TestFailuresAreFinalOrTransient(t *testing.T) {
	for _, c := range []struct {
		code, reason string
		status       int
		final        bool
		calls        int32 // how often the service is asked
	}{
		{"ValidationException", "SENDER_ID_NOT_SUPPORTED", 400, true, 1},
		{"ValidationException", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", 400, true, 1},
		{"ConflictException", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", 400, true, 1},
		{"ConflictException", "NO_ORIGINATION_IDENTITIES_FOUND", 400, true, 1},
		{"ValidationException", "PRICE_OVER_THRESHOLD", 400, true, 1},
		{"ValidationException", "DESTINATION_COUNTRY_BLOCKED", 400, true, 1},
		{"ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", 400, true, 1},
		{"AccessDeniedException", "ACCOUNT_DISABLED", 400, true, 1},
		{"ResourceNotFoundException", "", 400, true, 1},
		{"ExpiredTokenException", "", 400, false, 1},
		{"SomethingNewException", "", 400, false, 1},
		{"InternalServerException", "", 500, false, 1},
		{"ServiceUnavailableException", "", 503, false, 1},
		{"ThrottlingException", "", 400, false, 3},
	} {
		var calls atomic.Int32
		s := talking(t, line, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.Header().Set("X-Amzn-Requestid", "req-1")
			w.WriteHeader(c.status)
			_, _ = fmt.Fprintf(w, `{"__type":"%s","Reason":"%s","Message":"+491701234567 got 12345678"}`, c.code, c.reason)
		}))
		err := s.Text(context.Background(), message)
		if err == nil || errors.Is(err, mail.ErrRejected) != c.final || calls.Load() != c.calls {
			t.Errorf("%s: final %t, asked %d times, %v", c.code, c.final, calls.Load(), err)
			continue
		}
		if said := err.Error(); !strings.Contains(said, c.code) || !strings.Contains(said, c.reason) || !strings.Contains(said, "req-1") || strings.Contains(said, "1234567") {
			t.Errorf("%s: said %v", c.code, err)
		}
	}
}

// The message may have gone out when the reply is lost: Text does not send it again by itself.
func TestALostReplyIsTransientAndNotRepeated(t *testing.T) {
	var calls atomic.Int32
	s := talking(t, line, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	}))
	if err := s.Text(context.Background(), message); err == nil || errors.Is(err, mail.ErrRejected) || calls.Load() != 1 || strings.Contains(err.Error(), "1234567") {
		t.Errorf("sent %d times, %v", calls.Load(), err)
	}
}

func TestWithoutALineNothingIsSent(t *testing.T) {
	s := talking(t, Line{MaxPrice: "0.20"}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the service was asked") }))
	if err := s.Text(context.Background(), message); !errors.Is(err, mail.ErrRejected) {
		t.Errorf("got %v", err)
	}
}

// Who has opted out is known by that, and not as one more refusal.
func TestAnOptedOutNumber(t *testing.T) {
	service := local.New(pool, func(local.Message) { t.Error("it is sent") })
	service.SetNumber(message.To, local.Number{OptedOut: true})
	s := talking(t, line, service)
	if err := s.Text(context.Background(), message); !errors.Is(err, mail.ErrOptedOut) || errors.Is(err, mail.ErrRejected) || strings.Contains(err.Error(), "1234567") {
		t.Errorf("got %v", err)
	}
}

// An organisation's own identity takes the place of the deployment's; where the deployment has none, nothing is sent at all.
func TestAMessageComesFromItsOwn(t *testing.T) {
	var got []local.Message
	service := local.New(pool, func(m local.Message) { got = append(got, m) })
	service.Define("arn:aws:sms-voice:eu-west-1:000000000000:sender-id/ACME/DE", nil)
	own := message
	own.From = "ACME"
	if err := talking(t, line, service).Text(context.Background(), own); err != nil || len(got) != 1 || got[0].From != "ACME" {
		t.Errorf("%v, %+v", err, got)
	}
	if err := talking(t, Line{MaxPrice: "0.20"}, service).Text(context.Background(), own); !errors.Is(err, mail.ErrRejected) || len(got) != 1 {
		t.Errorf("with SMS off: %v", err)
	}
}
