package dynamo_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/dynamo"
	"twofold/pkg/mail"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// change is one of factors alone, or with all that can stand beside them.
func change(rev int64, whole bool) user.Change {
	f := user.Factors{Organization: "acme", User: "user", Rev: rev, Attempt: user.NewAttempt()}
	c := user.Change{Factors: &f}
	if whole {
		c.Profile = &user.Profile{Organization: "acme", User: "user", Rev: rev, RegisteredAt: now}
		c.Events = []audit.Event{{ID: rand.Text(), At: now, Kind: audit.UserEnrolled, Organization: "acme", User: "user"}}
	}
	return c
}

// TestLostAcknowledgement: DynamoDB carries a write out and the reply is lost, so the SDK sends it again and meets
// the condition that its own first try broke. That is a success, and was done once.
func TestLostAcknowledgement(t *testing.T) {
	for _, c := range []struct {
		operation string
		write     func(context.Context, *dynamo.Store) error
	}{
		{"UpdateItem", func(ctx context.Context, s *dynamo.Store) error { return s.Write(ctx, change(1, false)) }},
		{"TransactWriteItems", func(ctx context.Context, s *dynamo.Store) error { return s.Write(ctx, change(1, true)) }},
		{"UpdateItem", func(ctx context.Context, s *dynamo.Store) error {
			return s.WriteDocket(ctx, stepup.Docket{Organization: "acme", Administrator: "ann", Rev: 1, Attempt: user.NewAttempt()})
		}},
		{"PutItem", func(ctx context.Context, s *dynamo.Store) error {
			created, err := s.PutKeyset(ctx, "codes", []byte("wrapped"), now)
			if err == nil && !created {
				t.Error("a keyset that was written is reported as somebody else's")
			}
			return err
		}},
		{"UpdateItem", func(ctx context.Context, s *dynamo.Store) error {
			claim, err := s.Claim(ctx, "delivery", now)
			if err == nil && claim != mail.Granted {
				t.Errorf("a claim whose acknowledgement was lost: %d, want it granted", claim)
			}
			return err
		}},
	} {
		s, wire := wired(t)
		wire.set(func() { wire.drop[c.operation] = 1 })
		var err error
		sent := wire.requests(func() { err = c.write(t.Context(), s) })
		if err != nil {
			t.Errorf("%s: %v", c.operation, err)
		}
		if sent[c.operation] != 2 {
			t.Errorf("%s was sent %d times, want 2: the test shows nothing otherwise", c.operation, sent[c.operation])
		}
	}
}

func TestLostAcknowledgementOfAMark(t *testing.T) {
	s, wire := wired(t)
	for _, state := range []delivery.State{delivery.Failed, delivery.Sent} {
		if claim, err := s.Claim(t.Context(), "delivery", now); err != nil || claim != mail.Granted {
			t.Fatal(claim, err)
		}
		wire.set(func() { wire.drop["UpdateItem"] = 1 })
		if err := s.Mark(t.Context(), "delivery", state, now); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
	if claim, err := s.Claim(t.Context(), "delivery", now.Add(time.Hour)); err != nil || claim != mail.Done {
		t.Errorf("claim: %d, %v, want done", claim, err)
	}
}

// TestCutReply: a reply that ends in the middle may or may not be tried again by the SDK. Either way the
// same write again is a success, done once.
func TestCutReply(t *testing.T) {
	for operation, whole := range map[string]bool{"UpdateItem": false, "TransactWriteItems": true} {
		s, wire := wired(t)
		c := change(1, whole)
		wire.set(func() { wire.cut[operation] = 1 })
		_ = s.Write(t.Context(), c)
		if err := s.Write(t.Context(), c); err != nil {
			t.Errorf("%s, again: %v", operation, err)
		}
		snap, err := s.Read(t.Context(), access.Credential{ID: "key"}, "acme", "user")
		if err != nil || snap.Factors.Rev != 1 {
			t.Errorf("%s: revision %d, %v", operation, snap.Factors.Rev, err)
		}
		events, _, err := s.Events(t.Context(), "acme", report.EventQuery{Limit: 5})
		if err != nil || len(events) != len(c.Events) {
			t.Errorf("%s: %d events, %v", operation, len(events), err)
		}
	}
}

// forgetful is a DynamoDB that has forgotten every request token, as it does after ten minutes: a repeated
// transaction must then be recognised by what it wrote.
type forgetful struct{ *sdk.Client }

func (f forgetful) TransactWriteItems(
	ctx context.Context, in *sdk.TransactWriteItemsInput, o ...func(*sdk.Options),
) (*sdk.TransactWriteItemsOutput, error) {
	fresh := *in
	fresh.ClientRequestToken = aws.String(rand.Text())
	return f.Client.TransactWriteItems(ctx, &fresh, o...)
}

func TestContractWithoutTokens(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Contract {
		client, table := dynamodb.TableForTest(t)
		return dynamo.New(forgetful{client}, table)
	})
}
