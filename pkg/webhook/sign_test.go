package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"twofold/pkg/webhook"
)

// asked is a post as a server sees it.
func asked(header map[string]string) http.Header {
	h := http.Header{}
	for name, value := range header {
		h.Set(name, value)
	}
	return h
}

// The published vector of Standard Webhooks.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/go/webhook_test.go
func TestTheSignatureOfThePublishedVector(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Signature("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), [][]byte{secret})
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

// What goes out is accepted by the library that receivers use, with the secret that was shown, and holds the event.
func TestAnIndependentReceiverAccepts(t *testing.T) {
	f := newFixture(t)
	v := f.set()
	f.happen(5)
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	if !strings.HasPrefix(v.Secret, "whsec_") || len(f.receiver.got) != 6 {
		t.Fatalf("a secret of %d characters, and %d posts", len(v.Secret), len(f.receiver.got))
	}
	wh, err := standardwebhooks.NewWebhook(v.Secret)
	f.must(err)
	for _, p := range f.receiver.got {
		if err := wh.VerifyIgnoringTimestamp([]byte(p.body), asked(p.header)); err != nil {
			t.Errorf("refused: %v", err)
		}
		if wh.VerifyIgnoringTimestamp([]byte(p.body+" "), asked(p.header)) == nil {
			t.Error("another body is accepted")
		}
		if p.url != address {
			t.Errorf("posted to %s", p.url)
		}
		var body struct {
			Type, Timestamp string
			Leaf            uint64
			Data            struct{ ID, Organization string }
		}
		f.must(json.Unmarshal([]byte(p.body), &body))
		if body.Data.ID != p.header["webhook-id"] || body.Data.Organization != acme || body.Leaf < v.Position || body.Type == "" {
			t.Errorf("posted %s", p.body)
		}
		if _, err := time.Parse(time.RFC3339Nano, body.Timestamp); err != nil {
			t.Error(err)
		}
	}
}

// Two secrets sign for a day, so that a receiver changes without a gap, and none ends before its time, however many are made.
func TestSecretsOverlap(t *testing.T) {
	f := newFixture(t)
	first := f.set()
	verifies := func(secret string) bool {
		t.Helper()
		f.happen(1)
		if _, err := f.deliver("m"); err != nil {
			t.Fatal(err)
		}
		wh, err := standardwebhooks.NewWebhook(secret)
		f.must(err)
		p := f.receiver.got[len(f.receiver.got)-1]
		return wh.VerifyIgnoringTimestamp([]byte(p.body), asked(p.header)) == nil
	}
	second, err := f.Renew(t.Context(), f.Administrator, acme)
	f.must(err)
	if first.Secret == second.Secret || !verifies(first.Secret) || !verifies(second.Secret) {
		t.Error("both must verify after a change")
	}
	f.Clock.Advance(webhook.Overlap)
	if verifies(first.Secret) || !verifies(second.Secret) {
		t.Error("after a day the new one alone must verify")
	}
	kept := second.Secret
	for range webhook.MaxSecrets - 1 {
		_, err = f.Renew(t.Context(), f.Administrator, acme)
		f.must(err)
	}
	if _, err := f.Renew(t.Context(), f.Administrator, acme); !errors.Is(err, webhook.ErrSecrets) {
		t.Errorf("one more than may sign: %v", err)
	}
	if f.Clock.Advance(webhook.Overlap - time.Second); !verifies(kept) {
		t.Error("a secret ends before its time")
	}
	f.Clock.Advance(time.Second)
	v, err := f.Renew(t.Context(), f.Administrator, acme)
	if err != nil || len(v.Signing) != 2 || verifies(kept) || !verifies(v.Secret) {
		t.Errorf("after a day: %d sign, %v", len(v.Signing), err)
	}
}
