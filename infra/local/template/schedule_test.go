package template

import (
	"reflect"
	"testing"
	"time"
)

// scheduled is the small template's function with one more event.
func scheduled(t *testing.T, kind, properties string) (Schedule, error) {
	t.Helper()
	event := "        Tick:\n          Type: " + kind + "\n          Properties: { " + properties + " }\n"
	list, err := parse(t, small+event, Values{"AWS::Region": "r", "Key.Arn": "arn"}).Functions()
	if err != nil {
		return Schedule{}, err
	}
	return list[0].Schedules[0], nil
}

// TestSchedules reads the two events that SAM has:
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedule.html
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedulev2.html
func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		kind, properties string
		want             Schedule
	}{
		{"Schedule", "Schedule: rate(5 minutes)", Schedule{Every: 5 * time.Minute}},
		{"Schedule", "Schedule: rate(1 minute), Name: !Ref Nobody, Description: ticks, State: ENABLED", Schedule{Every: time.Minute}},
		{"Schedule", `Schedule: rate(2 days), State: DISABLED, Input: '{"a":1}'`, Schedule{Every: 48 * time.Hour, Disabled: true, Input: `{"a":1}`}},
		{"ScheduleV2", "ScheduleExpression: rate(1 hours), RoleArn: !GetAtt Nobody.Arn, ScheduleExpressionTimezone: UTC",
			Schedule{Scheduler: true, Every: time.Hour}},
		{"ScheduleV2", "ScheduleExpression: rate(12 hours), FlexibleTimeWindow: { Mode: 'OFF' }, RetryPolicy: { MaximumRetryAttempts: 5 }, State: DISABLED",
			Schedule{Scheduler: true, Every: 12 * time.Hour, Disabled: true}},
	} {
		c.want.Name = "Tick"
		if got, err := scheduled(t, c.kind, c.properties); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s { %s }: got %+v, %v", c.kind, c.properties, got, err)
		}
	}
}

func TestSchedulesThatAreRefused(t *testing.T) {
	for _, properties := range []string{
		"Schedule: 'cron(0 8 * * ? *)'", "Schedule: rate(0 minutes)", "Schedule: rate(1 minutes)", "Schedule: rate(2 minute)", "Schedule: rate(2 weeks)",
		"Schedule: rate(-1 minutes)", "Schedule: at(2026-11-20T13:00:00)", "Description: none", "Schedule: rate(5 minutes), State: OFF",
		"Schedule: rate(5 minutes), Input: text", "Schedule: rate(5 minutes), DeadLetterConfig: { Type: SQS }",
	} {
		if got, err := scheduled(t, "Schedule", properties); err == nil {
			t.Errorf("%s: accepted as %+v", properties, got)
		}
	}
	for _, more := range []string{
		"FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }", "StartDate: '2026-11-20T13:00:00Z'", "GroupName: other",
		`Input: '{"at":"<aws.scheduler.scheduled-time>"}'`,
	} {
		if got, err := scheduled(t, "ScheduleV2", "ScheduleExpression: rate(5 minutes), "+more); err == nil {
			t.Errorf("%s: accepted as %+v", more, got)
		}
	}
}

func TestReservedConcurrency(t *testing.T) {
	file := parse(t, small+"      ReservedConcurrentExecutions: 3\n", Values{"AWS::Region": "r", "Key.Arn": "arn"})
	if list, err := file.Functions(); err != nil || list[0].Reserved != 3 {
		t.Errorf("got %+v, %v", list, err)
	}
}
