package dynamo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// record makes the stream record of a write, from the JSON that Lambda gives to a function.
func record(t *testing.T, i item) events.DynamoDBEventRecord {
	t.Helper()
	image := map[string]events.DynamoDBAttributeValue{}
	for name, value := range i {
		image[name] = wire(t, value)
	}
	return events.DynamoDBEventRecord{EventName: "MODIFY", Change: events.DynamoDBStreamRecord{
		Keys:     map[string]events.DynamoDBAttributeValue{"pk": image["pk"], "sk": image["sk"]},
		NewImage: image, SequenceNumber: i.key().pk + i.key().sk,
	}}
}

func wire(t *testing.T, value types.AttributeValue) events.DynamoDBAttributeValue {
	t.Helper()
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return events.NewStringAttribute(v.Value)
	case *types.AttributeValueMemberN:
		return events.NewNumberAttribute(v.Value)
	case *types.AttributeValueMemberBOOL:
		return events.NewBooleanAttribute(v.Value)
	case *types.AttributeValueMemberB:
		// On the wire it is base64; reading it back is the library's part.
		var back events.DynamoDBAttributeValue
		if err := back.UnmarshalJSON([]byte(`{"B":"` + base64.StdEncoding.EncodeToString(v.Value) + `"}`)); err != nil {
			t.Fatal(err)
		}
		return back
	case *types.AttributeValueMemberL:
		list := []events.DynamoDBAttributeValue{}
		for _, element := range v.Value {
			list = append(list, wire(t, element))
		}
		return events.NewListAttribute(list)
	case *types.AttributeValueMemberM:
		m := map[string]events.DynamoDBAttributeValue{}
		for name, entry := range v.Value {
			m[name] = wire(t, entry)
		}
		return events.NewMapAttribute(m)
	}
	t.Fatalf("an item holds a %T", value)
	return events.DynamoDBAttributeValue{}
}

func TestOrders(t *testing.T) {
	ordering := user.Factors{Organization: "acme", User: "u#1", Rev: 1, Attempt: []byte("a"), Deliver: "challenge", From: user.Origin{Address: "192.0.2.7", Browser: 1, System: 2}}
	factors, err := encodeFactors(ordering)
	if err != nil {
		t.Fatal(err)
	}
	ordering.Deliver = user.DeliverCodes
	saved, err := encodeFactors(ordering)
	if err != nil {
		t.Fatal(err)
	}
	ordering.Deliver = ""
	quiet, err := encodeFactors(ordering)
	if err != nil {
		t.Fatal(err)
	}
	ordering.Authenticators = []user.Authenticator{{ID: "a", CreatedAt: now}}
	ordering.Throttle.Failures = []time.Time{now.Add(-time.Hour), now}
	ordering.Alarm("203.0.113.7")
	alarmed, err := encodeFactors(ordering)
	if err != nil {
		t.Fatal(err)
	}
	event := audit.Event{
		ID: "e", At: now, Kind: audit.UserReset, Organization: "acme", User: "u#1", Details: map[string]string{"a": "b"}, Notify: true,
	}
	quietly := event
	quietly.Kind, quietly.Notify = audit.UserDeleted, false
	system := audit.Event{ID: "e", At: now, Kind: audit.SystemBootstrapped}
	for name, c := range map[string]struct {
		item item
		want mail.Order
	}{
		"a code":   {factors, mail.Order{Kind: mail.CodeOrder, Organization: "acme", User: "u#1", Reference: "challenge", From: ordering.From}},
		"an alarm": {alarmed, mail.OfFactors("acme", "u#1", "locked 203.0.113.7", now)},
		"a step-up": {
			encodeDocket(stepup.Docket{Organization: "acme", Administrator: "a#n", Rev: 1, Deliver: "p"}),
			mail.Order{Kind: mail.StepUpOrder, Organization: "acme", Administrator: "a#n", Reference: "p"},
		},
		"a code for the console": {
			encodeArrival(admission.Arrival{ID: "0a", Organization: "acme", Administrator: "a#n", Rev: 1, Deliver: "c", EndsAt: now}),
			mail.Order{Kind: mail.ArrivalOrder, Organization: "acme", Administrator: "a#n", Reference: "0a.c"},
		},
		"nobody knocks": {encodeArrival(admission.Arrival{ID: "0a", Organization: "acme", Rev: 1, EndsAt: now}), mail.Order{}},
		"a notice": {encodeEvent(event), mail.Order{
			Kind: mail.NoticeOrder, Organization: "acme", User: "u#1", Reference: "e", Event: event,
		}},
		"a notice with addresses of its own": {
			encodeNotice(user.Notice{Organization: "acme", User: "u#1", Event: quietly, To: []byte("sealed"), ExpiresAt: now}),
			mail.Order{Kind: mail.NoticeOrder, Organization: "acme", User: "u#1", Reference: "e", Event: quietly, To: []byte("sealed"), Named: true},
		},
		"saved codes":    {saved, mail.Order{Kind: mail.SavedCodesOrder, Organization: "acme", User: "u#1", Reference: user.DeliverCodes}},
		"no code":        {quiet, mail.Order{}},
		"a tombstone":    {encodeProfile(user.Profile{Organization: "acme", User: "u", Rev: 2, DeletedAt: now}), mail.Order{}},
		"a quiet event":  {encodeEvent(system), mail.Order{}},
		"a profile":      {encodeProfile(user.Profile{Organization: "acme", User: "u", Rev: 1, RegisteredAt: now}), mail.Order{}},
		"a removed item": {item{}, mail.Order{}},
	} {
		got, wanted, err := OrderOf(record(t, c.item))
		if err != nil || wanted != (c.want.Kind != "") || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v, %v, want %+v", name, got, wanted, err, c.want)
		}
	}
}

func TestPoisonousOrdersAreErrors(t *testing.T) {
	broken := encodeEvent(audit.Event{ID: "e", At: now, Kind: audit.UserReset, Organization: "acme", Notify: true})
	broken["at"] = text("yesterday")
	for name, i := range map[string]item{
		"another item":         {"pk": text("DELIVERY#x"), "sk": text("DELIVERY"), "deliver": text("x")},
		"no key":               {"deliver": text("x")},
		"an alarm of no time":  {"pk": text("USER#acme#u"), "sk": text("FACTORS"), "deliver": text("locked"), "f": &types.AttributeValueMemberB{Value: []byte{9}}},
		"a number":             {"pk": text("USER#acme#u"), "sk": text("FACTORS"), "deliver": number(1)},
		"another notice":       {"pk": text("AUDIT#acme"), "sk": text("x"), "deliver": text("x")},
		"an event that is not": broken,
		"a notice to nobody":   encodeNotice(user.Notice{Organization: "acme", User: "u", Event: audit.Event{ID: "e", At: now, Kind: audit.UserDeleted}}),
		"a notice of nothing":  {"pk": text("USER#acme#u"), "sk": text("NOTICE#e"), "deliver": text("notice"), "to": &types.AttributeValueMemberB{Value: []byte("x")}},
	} {
		if order, _, err := OrderOf(record(t, i)); err == nil {
			t.Errorf("%s: was read as %+v", name, order)
		}
	}
	set := events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{
		NewImage: map[string]events.DynamoDBAttributeValue{"deliver": events.NewStringSetAttribute([]string{"x"})},
	}}
	if _, _, err := OrderOf(set); err == nil {
		t.Error("an attribute of a type that we never write was read")
	}
}

func TestProfileOf(t *testing.T) {
	want := user.Profile{
		Organization: "acme", User: "u#1", Rev: 3, Email: "u@acme.example", RegisteredAt: now, EnrolledAt: now,
		RecoveryEmail: []byte("sealed"), RecoveryDigest: []byte("digest"),
	}
	got, ok, err := ProfileOf(record(t, encodeProfile(want)))
	if err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v, want %+v", got, ok, err, want)
	}
	want = want.Bury(now)
	if got, ok, err := ProfileOf(record(t, encodeProfile(want))); err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("a tombstone: got %+v, %v, %v, want %+v", got, ok, err, want)
	}
	if _, ok, err := ProfileOf(events.DynamoDBEventRecord{EventName: "REMOVE"}); ok || err != nil {
		t.Errorf("a removal: %v, %v", ok, err)
	}
	broken := encodeProfile(want)
	delete(broken, "rev")
	if _, ok, err := ProfileOf(record(t, broken)); ok || err == nil {
		t.Errorf("a broken profile: %v, %v", ok, err)
	}
}

// TestFactsOf: a record tells the facts before a write and after it; the first has none before.
func TestFactsOf(t *testing.T) {
	f := user.Factors{Organization: "acme", User: "u#1", Rev: 3, RecoveryCodes: user.RecoveryCodes{Generation: 1, Used: 1}}
	before := encoded(t, f)
	f.Remember(user.Success{ID: "s", At: now})
	after := record(t, encoded(t, f))
	none := report.FactsSeen{Organization: "acme", User: "u#1", After: f.Facts()}
	if got, ok, err := FactsOf(after); err != nil || !ok || got != none {
		t.Errorf("a first write: %+v, %v, %v", got, ok, err)
	}
	after.Change.OldImage = record(t, before).Change.NewImage
	want := none
	want.Before = user.Facts{CodesGeneration: 1, CodesLeft: 9}
	if got, ok, err := FactsOf(after); err != nil || !ok || got != want {
		t.Errorf("got %+v, %v, %v, want %+v", got, ok, err, want)
	}
	for name, other := range map[string]events.DynamoDBEventRecord{
		"a removal": {EventName: "REMOVE"}, "a profile": record(t, encodeProfile(user.Profile{Organization: "acme", User: "u", Rev: 1, RegisteredAt: now})),
	} {
		if _, ok, err := FactsOf(other); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	delete(before, "rev")
	broken := after
	broken.Change.OldImage = record(t, before).Change.NewImage
	if _, ok, err := FactsOf(broken); ok || err == nil {
		t.Errorf("broken before: %v, %v", ok, err)
	}
	if _, ok, err := FactsOf(record(t, before)); ok || err == nil {
		t.Errorf("broken after: %v, %v", ok, err)
	}
}

func encoded(t *testing.T, f user.Factors) item {
	t.Helper()
	i, err := encodeFactors(f)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestProjectGoesOnAfterAFailure: a poisonous record is reported, the others are handled all the same.
func TestProjectGoesOnAfterAFailure(t *testing.T) {
	profile := func(id string) events.DynamoDBEventRecord {
		return record(t, encodeProfile(user.Profile{Organization: "acme", User: id, Rev: 1, RegisteredAt: now}))
	}
	poison := encodeProfile(user.Profile{Organization: "acme", User: "poison", Rev: 1, RegisteredAt: now})
	poison["rev"] = text("a value not to be told")
	batch := events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{
		profile("a"), record(t, poison), profile("failing"), {EventName: "REMOVE"}, profile("b"),
	}}
	var handled []string
	var logged bytes.Buffer
	handler := Project(slog.New(slog.NewJSONHandler(&logged, nil)), Each(ProfileOf, func(_ context.Context, p user.Profile) error {
		if p.User == "failing" {
			return errors.New("a failure")
		}
		handled = append(handled, p.User)
		return nil
	}))
	response, err := handler(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(handled, []string{"a", "b"}) {
		t.Errorf("handled %v", handled)
	}
	var failed []string
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	if want := []string{"USER#acme#poisonPROFILE", "USER#acme#failingPROFILE"}; !reflect.DeepEqual(failed, want) {
		t.Errorf("reported %v, want %v", failed, want)
	}
	if strings.Contains(logged.String(), "not to be told") || !strings.Contains(logged.String(), "a failure") {
		t.Errorf("logged: %s", logged.String())
	}
}

// TestTogetherHandsOverWhatConcernsEachOther: in one call, in order, and what failed is said of the right records.
func TestTogetherHandsOverWhatConcernsEachOther(t *testing.T) {
	profile := func(id string) events.DynamoDBEventRecord {
		return record(t, encodeProfile(user.Profile{Organization: "acme", User: id, Rev: 1, RegisteredAt: now}))
	}
	poison := encodeProfile(user.Profile{Organization: "acme", User: "poison", Rev: 1, RegisteredAt: now})
	delete(poison, "rev")
	var calls [][]string
	project := Together(ProfileOf, func(_ context.Context, all []user.Profile) []error {
		var names []string
		failed := make([]error, len(all))
		for i, p := range all {
			names = append(names, p.User)
			if p.User == "failing" {
				failed[i] = errors.New("a failure")
			}
		}
		calls = append(calls, names)
		return failed
	})
	failed := project(t.Context(), []events.DynamoDBEventRecord{{EventName: "REMOVE"}, profile("a"), record(t, poison), profile("failing"), profile("b")})
	if !reflect.DeepEqual(calls, [][]string{{"a", "failing", "b"}}) {
		t.Errorf("called with %v", calls)
	}
	for i, want := range []bool{false, false, true, true, false} {
		if (failed[i] != nil) != want {
			t.Errorf("record %d: %v", i, failed[i])
		}
	}
	if project(t.Context(), []events.DynamoDBEventRecord{{EventName: "REMOVE"}}); len(calls) != 1 {
		t.Error("nothing concerned it, and it was called")
	}
}

// Events of an audit come out of the stream as they were written, and nothing else does; a removal is nothing.
func TestEventsOfTheStream(t *testing.T) {
	want := audit.Event{
		ID: "e", At: at.Truncate(time.Microsecond), Kind: audit.UserReset, Organization: "acme", User: "u", Role: "org_admin", Actor: "ann", Key: "k", Subject: "bob", Session: "s",
		Reason: "why", Seen: "192.0.2.1", Claimed: "2001:db8::7", RequestID: "r", Details: map[string]string{"before": "", "after": "x"}, Notify: true,
	}
	for _, organization := range []string{"acme", ""} {
		want.Organization = organization
		if got, is, err := EventOf(record(t, encodeEvent(want))); err != nil || !is || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, %v", got, is, err)
		}
	}
	for name, i := range map[string]item{"a profile": encodeProfile(user.Profile{Organization: "acme", User: "u", Rev: 1, RegisteredAt: at}), "nothing": {}} {
		if _, is, err := EventOf(record(t, i)); is || err != nil {
			t.Errorf("%s: %v, %v", name, is, err)
		}
	}
	broken := encodeEvent(want)
	delete(broken, "at")
	if _, is, err := EventOf(record(t, broken)); is || err == nil {
		t.Errorf("an event without a time: %v, %v", is, err)
	}
}
