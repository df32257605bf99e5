package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "twofold/infra/local/dynamodb"
	"twofold/pkg/delivery"
	store "twofold/pkg/dynamo"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// anID is as long as the ids that applications commonly have: a UUID's text.
const anID = "0193547a-8c1e-7b52-9d3f-5a6b7c8d9e0f"

// The sizes that storage is priced with are those of a user who enrolled and logged in twice, measured in the table:
// at least as much as lies there, and not more than a third above.
func TestStorageIsPricedAsMeasured(t *testing.T) {
	client, table := local.TableForTest(t)
	live(t, store.New(client, table))
	measured := map[string]int{}
	for _, i := range scan(t, client, table, "") {
		if of := i["sk"].(*types.AttributeValueMemberS).Value; strings.Contains(string(keyOf(i)), anID) {
			measured[of] += size(i)
		} else if strings.HasPrefix(keyOf(i), "AUDIT#") && holds(i, "user", anID) {
			measured["AUDIT"] = max(measured["AUDIT"], size(i))
		}
	}
	for name, index := range map[string]string{"ACTIVITY": "activity", "ACTOR": "byActor"} {
		for _, i := range scan(t, client, table, index) {
			if holds(i, "user", anID) {
				measured[name] = max(measured[name], size(i))
			}
		}
	}
	for name, prefix := range map[string]string{"LEAF": "LEAF#", "ENTRY": "EVENT#"} {
		for _, i := range scan(t, client, table, "") {
			if strings.HasPrefix(i["sk"].(*types.AttributeValueMemberS).Value, prefix) {
				measured[name] = max(measured[name], size(i))
			}
		}
	}
	for _, index := range []string{"byUser", "byEmail", "byEnrolled"} {
		for _, i := range scan(t, client, table, index) {
			measured["INDEX"] = max(measured["INDEX"], size(i))
		}
	}
	for _, part := range append(perUser, deliveryItem) {
		got := measured[part.Item]
		t.Logf("%s: %d bytes measured, %.0f priced", part.Item, got, part.Bytes)
		if priced := int(part.Bytes); got == 0 || priced < got || priced > got*4/3 {
			t.Errorf("%s: priced with %d bytes, measured %d", part.Item, priced, got)
		}
	}
}

// live registers and enrols a user, lets it log in twice and delivers one mail.
func live(t *testing.T, s *store.Store) {
	t.Helper()
	w := storetest.NewWorld(t, s)
	secret := w.Enrolled(t, anID)
	for range 2 {
		w.Clock.Advance(time.Minute)
		if _, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
			Login: w.Login(t, anID), Way: string(org.TOTP), Code: w.Code(t, secret), IdempotencyKey: "once",
		}); err != nil {
			t.Fatal(err)
		}
	}
	organization, profile, _, err := s.Recipient(t.Context(), storetest.Organization, anID)
	if err != nil || organization == nil {
		t.Fatal(organization, err)
	}
	counter := report.Counter{Store: s, Now: w.Clock.Now}
	if err := counter.Observe(t.Context(), *profile); err != nil {
		t.Fatal(err)
	}
	events, _, err := s.Events(t.Context(), storetest.Organization, report.EventQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range storetest.Notary(s, w.Clock.Now).Append(t.Context(), events) {
		if err != nil {
			t.Fatal(err)
		}
	}
	name := strings.Join([]string{"code", storetest.Organization, user.NewID(), anID}, "#")
	if _, err := s.Claim(t.Context(), name, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.Mark(t.Context(), name, delivery.Sent, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
}

func scan(t *testing.T, client *dynamodb.Client, table, index string) []map[string]types.AttributeValue {
	t.Helper()
	in := &dynamodb.ScanInput{TableName: aws.String(table)}
	if index != "" {
		in.IndexName = aws.String(index)
	}
	out, err := client.Scan(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}

func keyOf(i map[string]types.AttributeValue) string {
	return i["pk"].(*types.AttributeValueMemberS).Value
}

func holds(i map[string]types.AttributeValue, name, value string) bool {
	s, ok := i[name].(*types.AttributeValueMemberS)
	return ok && s.Value == value
}

// size is an item's by the published rules (DynamoDB developer guide, "Item sizes and formats").
func size(i map[string]types.AttributeValue) (n int) {
	for name, value := range i {
		n += len(name) + valueSize(value)
	}
	return n
}

func valueSize(value types.AttributeValue) (n int) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return (len(v.Value)+1)/2 + 1
	case *types.AttributeValueMemberL:
		for _, element := range v.Value {
			n += 1 + valueSize(element)
		}
		return n + 3
	case *types.AttributeValueMemberM:
		for name, element := range v.Value {
			n += 1 + len(name) + valueSize(element)
		}
		return n + 3
	}
	return 1
}
