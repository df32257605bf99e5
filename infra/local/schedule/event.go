package schedule

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// event is the payload: the schedule's input, or else the service's own event. The two services differ in the source, in
// the resource, and in that Scheduler sends the detail as a text. Of the latter AWS says only that there is "a default
// notification"; its form is that of events that others have recorded.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html
func (t *Timer) event(at time.Time) []byte {
	if t.o.Source.Input != "" {
		return []byte(t.o.Source.Input)
	}
	source, resource, detail := "aws.events", "arn:aws:events:"+t.o.Region+":"+t.o.Account+":rule/", json.RawMessage(`{}`)
	if t.o.Source.Scheduler {
		source, resource, detail = "aws.scheduler", "arn:aws:scheduler:"+t.o.Region+":"+t.o.Account+":schedule/default/", json.RawMessage(`"{}"`)
	}
	payload, _ := json.Marshal(struct { // texts only: it cannot fail
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{
		"0", uuid.NewString(), "Scheduled Event", source, t.o.Account, at.UTC().Format(time.RFC3339), t.o.Region,
		[]string{resource + t.o.Reader + t.o.Source.Name}, detail,
	})
	return payload
}
