package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Schedule is one Schedule event, which is a rule of EventBridge, or one ScheduleV2 event, which is a schedule of
// EventBridge Scheduler. The two have different default payloads.
type Schedule struct {
	Name      string // of the event: "Tick"
	Scheduler bool   // ScheduleV2
	Every     time.Duration
	Input     string // JSON; empty: the service's own event
	Disabled  bool
}

// scheduleProperties are what both kinds of event may state. RetryPolicy is of no consequence here: it counts attempts
// to hand an event over to Lambda, which succeed on one machine; a function that fails is retried by Lambda.
type scheduleProperties struct {
	State       string
	Input       string
	Description any
	RetryPolicy any
}

func (t *Template) rule(name string, props *yaml.Node, f *Function) error {
	var p struct {
		scheduleProperties
		Schedule string
	}
	if err := t.decode(without(props, "Name"), &p, true); err != nil {
		return err
	}
	every, err := rate(p.Schedule, true)
	if err != nil {
		return fmt.Errorf("template: line %d: event %s: %w", props.Line, name, err)
	}
	return p.add(f, Schedule{Name: name, Every: every}, props.Line)
}

func (t *Template) scheduler(name string, props *yaml.Node, f *Function) error {
	var p struct {
		scheduleProperties
		ScheduleExpression         string
		ScheduleExpressionTimezone any // a rate has none
		FlexibleTimeWindow         struct{ Mode string }
	}
	if err := t.decode(without(props, "Name", "RoleArn", "PermissionsBoundary"), &p, true); err != nil {
		return err
	}
	if p.FlexibleTimeWindow.Mode != "" && p.FlexibleTimeWindow.Mode != "OFF" {
		return fmt.Errorf("template: line %d: event %s: infra/local knows no flexible time window", props.Line, name)
	}
	every, err := rate(p.ScheduleExpression, false)
	if err != nil {
		return fmt.Errorf("template: line %d: event %s: %w", props.Line, name, err)
	}
	return p.add(f, Schedule{Name: name, Scheduler: true, Every: every}, props.Line)
}

// add completes s with what both kinds state in the same way.
func (p scheduleProperties) add(f *Function, s Schedule, line int) error {
	switch p.State {
	case "", "ENABLED":
	case "DISABLED":
		s.Disabled = true
	default:
		return fmt.Errorf("template: line %d: event %s: %q is no state of a schedule", line, s.Name, p.State)
	}
	if p.Input != "" && !json.Valid([]byte(p.Input)) {
		return fmt.Errorf("template: line %d: event %s: the input of a function is JSON", line, s.Name)
	}
	if strings.Contains(p.Input, "<aws.scheduler.") {
		return fmt.Errorf("template: line %d: event %s: infra/local fills in no context attributes", line, s.Name)
	}
	s.Input = p.Input
	f.Schedules = append(f.Schedules, s)
	return nil
}

var rateExpression = regexp.MustCompile(`^rate\((\d{1,6}) (minute|hour|day)(s?)\)$`)

// rate reads "rate(5 minutes)". A rule insists on "1 minute" and "2 minutes".
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
func rate(expression string, strict bool) (time.Duration, error) {
	parts := rateExpression.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("infra/local knows rate(…) only, not %q", expression)
	}
	value, err := strconv.Atoi(parts[1])
	if err != nil || value < 1 {
		return 0, fmt.Errorf("a rate is a positive number: %q", expression)
	}
	if strict && (value == 1) != (parts[3] == "") {
		return 0, fmt.Errorf("one is singular, more are plural: %q", expression)
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[parts[2]]
	return time.Duration(value) * unit, nil
}
