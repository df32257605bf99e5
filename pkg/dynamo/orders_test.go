package dynamo

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/mail"
)

// intake is a mail.Service whose orders fail by their users.
type intake struct {
	mu    sync.Mutex
	taken []string
	kept  []mail.Poison
	err   error
	free  chan struct{} // who hangs waits for it
}

func (i *intake) Take(_ context.Context, o mail.Order) error {
	switch o.User {
	case "fails":
		return errors.New("neither carried out nor kept")
	case "stumbles":
		panic("a secret")
	case "hangs":
		<-i.free
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.taken = append(i.taken, o.User)
	if o.User == "last" && i.free != nil {
		close(i.free)
	}
	return nil
}

func (i *intake) Isolate(_ context.Context, p mail.Poison) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kept = append(i.kept, p)
	return i.err
}

func asking(sequence, user string, deliver events.DynamoDBAttributeValue) events.DynamoDBEventRecord {
	keys := map[string]events.DynamoDBAttributeValue{
		"pk": events.NewStringAttribute("USER#acme#" + user), "sk": events.NewStringAttribute("FACTORS"),
	}
	image := map[string]events.DynamoDBAttributeValue{"pk": keys["pk"], "sk": keys["sk"], "deliver": deliver}
	return events.DynamoDBEventRecord{EventID: "event " + sequence, Change: events.DynamoDBStreamRecord{
		SequenceNumber: sequence, Keys: keys, NewImage: image,
	}}
}

func failures(r events.DynamoDBEventResponse) (failed []string) {
	for _, f := range r.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

var ordered = events.NewStringAttribute("00112233445566aa")

func mixed() events.DynamoDBEvent {
	return events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{
		asking("1", "first", ordered), asking("2", "poison", events.NewNumberAttribute("7")), asking("3", "fails", ordered),
		asking("4", "stumbles", ordered), asking("5", "last", ordered),
	}}
}

func TestPoisonIsPutAwayAndTheOthersProceed(t *testing.T) {
	var logged bytes.Buffer
	i := &intake{}
	got, err := EachOrder(slog.New(slog.NewJSONHandler(&logged, nil)), i)(t.Context(), mixed())
	if err != nil || !slices.Equal(failures(got), []string{"3"}) {
		t.Errorf("reported as failed: %v, %v", failures(got), err)
	}
	if slices.Sort(i.taken); !slices.Equal(i.taken, []string{"first", "last"}) {
		t.Errorf("carried out: %v", i.taken)
	}
	kept := map[string]mail.Poison{}
	for _, p := range i.kept {
		kept[p.ID] = p
	}
	if p := kept["event 2"]; len(kept) != 2 || p.Source != "stream" || p.Keys["pk"] != "USER#acme#poison" || p.Keys["sk"] != "FACTORS" || p.Cause == "" {
		t.Errorf("put away: %+v", i.kept)
	}
	if p := kept["event 4"]; !strings.Contains(p.Cause, "panic") || strings.Contains(p.Cause, "secret") || strings.Contains(logged.String(), "a secret") {
		t.Errorf("what made it stumble: %+v", p)
	}
}

func TestPoisonThatCannotBePutAwayComesAgain(t *testing.T) {
	got, err := EachOrder(slog.New(slog.DiscardHandler), &intake{err: errors.New("down")})(t.Context(), mixed())
	if err != nil || !slices.Equal(failures(got), []string{"2", "3", "4"}) {
		t.Errorf("reported as failed: %v, %v", failures(got), err)
	}
}

// One that takes long holds up nobody behind it: here it would wait for ever for the last.
func TestOneOrderDoesNotWaitForAnother(t *testing.T) {
	i := &intake{free: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = EachOrder(slog.New(slog.DiscardHandler), i)(t.Context(), events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{
			asking("1", "hangs", ordered), asking("2", "last", ordered),
		}})
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the last waits for the first")
	}
	if len(i.taken) != 2 {
		t.Errorf("carried out: %v", i.taken)
	}
}
