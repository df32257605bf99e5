package sms

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	local "twofold/infra/local/sms"
	"twofold/pkg/mail"
)

var reported = time.Date(2026, 11, 27, 15, 0, 0, 123_000_000, time.UTC)

func TestFeedback(t *testing.T) {
	m := local.Message{ID: "m1", To: "+491701234567", From: pool, Context: map[string]string{"kind": "code-sign-in-sms", "delivery": "d1"}}
	others := m
	others.Context = map[string]string{"account": "bar"}
	for name, c := range map[string]struct {
		event string
		want  string // the delivery that did not arrive
		mine  bool
		err   error
	}{
		"delivered":            {local.Event(m, "TEXT_DELIVERED", true, reported), "", true, nil},
		"accepted":             {local.Event(m, "TEXT_SUCCESSFUL", true, reported), "", true, nil},
		"no number":            {local.Event(m, "TEXT_INVALID", true, reported), "d1", true, nil},
		"switched off":         {local.Event(m, "TEXT_UNREACHABLE", true, reported), "d1", true, nil},
		"not yet":              {local.Event(m, "TEXT_UNREACHABLE", false, reported), "", true, nil},
		"the carrier":          {local.Event(m, "TEXT_CARRIER_UNREACHABLE", true, reported), "d1", true, nil},
		"blocked":              {local.Event(m, "TEXT_BLOCKED", true, reported), "d1", true, nil},
		"blocked on the way":   {local.Event(m, "TEXT_CARRIER_BLOCKED", true, reported), "d1", true, nil},
		"too late":             {local.Event(m, "TEXT_TTL_EXPIRED", true, reported), "d1", true, nil},
		"nobody knows":         {local.Event(m, "TEXT_UNKNOWN", true, reported), "", true, nil},
		"under way":            {local.Event(m, "TEXT_PENDING", false, reported), "", true, nil},
		"somebody else's":      {local.Event(others, "TEXT_INVALID", true, reported), "", true, nil},
		"of SES":               {`{"eventType":"Bounce","mail":{"messageId":"x"}}`, "", false, nil},
		"no JSON":              {"Successfully validated SNS topic for Amazon SES event publishing.", "", false, nil},
		"nothing":              {"{}", "", false, nil},
		"another shape":        {`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":"yes"}`, "", true, errEvent},
		"no time":              {`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":true,"context":{"delivery":"d1"}}`, "", true, errEvent},
		"a delivery too long":  {`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":true,"eventTimestamp":1,"context":{"delivery":"` + strings.Repeat("d", 65) + `"}}`, "", true, errEvent},
		"a context of no text": {`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":true,"eventTimestamp":1,"context":{"delivery":["d1"]}}`, "", true, errEvent},
	} {
		got, mine, err := Feedback([]byte(c.event))
		if got.Of.Delivery != c.want || mine != c.mine || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %t, %v", name, got, mine, err)
		}
		if c.want != "" && (got.Outcome != mail.OutcomeDelayed || !got.At.Equal(reported) || got.Of.User != "" || len(got.Recipients) != 0) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Only what ends a message of ours is heard of, and what cannot be dealt with comes again.
func TestHearing(t *testing.T) {
	m := local.Message{ID: "m1", Context: map[string]string{"delivery": "d1"}}
	down := errors.New("down")
	var heard []mail.Feedback
	read := Hearing(func(_ context.Context, f mail.Feedback) error { heard = append(heard, f); return down })
	for _, c := range []struct {
		event string
		mine  bool
		err   error
		heard int
	}{
		{local.Event(m, "TEXT_PENDING", false, reported), true, nil, 0}, {`{"eventType":"Bounce"}`, false, nil, 0},
		{local.Event(m, "TEXT_INVALID", true, reported), true, down, 1}, {`{"eventType":"TEXT_INVALID","messageId":"m","isFinal":1}`, true, errEvent, 1},
	} {
		mine, err := read(t.Context(), []byte(c.event))
		if mine != c.mine || !errors.Is(err, c.err) || len(heard) != c.heard {
			t.Errorf("%s: %t, %v, heard %v", c.event, mine, err, heard)
		}
	}
}

func FuzzFeedback(f *testing.F) {
	m := local.Message{ID: "m1", To: "+491701234567", Context: map[string]string{"delivery": "d1"}}
	for _, kind := range []string{"TEXT_INVALID", "TEXT_DELIVERED"} {
		f.Add([]byte(local.Event(m, kind, true, reported)))
	}
	f.Add([]byte(`{"eventType":"Bounce","mail":{}}`))
	f.Add([]byte(`[{"eventType":1}]`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, mine, err := Feedback(message)
		if err != nil && (!mine || r.Outcome != "") || r.Outcome != "" && (!mine || r.At.IsZero() || r.Of.Delivery == "" || len(r.Of.Delivery) > maxDelivery) {
			t.Errorf("%q: %+v, %t, %v", message, r, mine, err)
		}
	})
}
