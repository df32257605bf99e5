package sns

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

var errBroken = errors.New("the message is broken")

// reading takes what begins with a word, and fails at what ends in "broken".
func reading(word string, got *[]string) Reader {
	return func(_ context.Context, message []byte) (bool, error) {
		text := string(message)
		if !strings.HasPrefix(text, word) {
			return false, nil
		}
		*got = append(*got, word+" reads "+text)
		if strings.HasSuffix(text, "broken") {
			return true, errBroken
		}
		return true, nil
	}
}

func TestEachIsReadByTheOneWhoseItIs(t *testing.T) {
	for _, c := range []struct {
		messages []string
		read     int
		err      error
	}{
		{[]string{"mail 1", "text 2", "mail 3"}, 3, nil},
		{[]string{"mail broken", "text 2"}, 2, errBroken},
		{[]string{"letter of ada@example.org", "text 2"}, 1, errNobodys},
		{nil, 0, nil},
	} {
		var got []string
		var log bytes.Buffer
		event := events.SNSEvent{}
		for _, m := range c.messages {
			event.Records = append(event.Records, events.SNSEventRecord{SNS: events.SNSEntity{MessageID: "m1", Message: m}})
		}
		err := Each(slog.New(slog.NewTextHandler(&log, nil)), reading("mail", &got), reading("text", &got))(t.Context(), event)
		if !errors.Is(err, c.err) || len(got) != c.read {
			t.Errorf("%q: %v, read %q", c.messages, err, got)
		}
		if (err == nil) != (log.Len() == 0) || strings.Contains(log.String(), "ada") || err != nil && !strings.Contains(log.String(), "m1") {
			t.Errorf("%q: logged %s", c.messages, &log)
		}
	}
}
