package template

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestStreams(t *testing.T) {
	source := func(more string) (StreamSource, error) { return streamOf(t, more) }
	got, err := source("")
	if want := (StreamSource{Name: "In", BatchSize: 100, MaxRetries: -1, MaxAge: -time.Second}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Lambda's defaults: %+v, %v", got, err)
	}
	got, err = source(`            BatchSize: 10
            MaximumBatchingWindowInSeconds: 2
            MaximumRetryAttempts: 5
            MaximumRecordAgeInSeconds: 900
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"a":["b"]}' }, { Pattern: '{}' }] }
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Failures.Arn } }
`)
	want := StreamSource{
		Name: "In", Filters: []string{`{"a":["b"]}`, `{}`}, BatchSize: 10, Window: 2 * time.Second, MaxRetries: 5,
		MaxAge: 15 * time.Minute, Bisect: true, ReportFailures: true, OnFailure: "Failures.Arn",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for more, want := range map[string]StreamSource{
		"MaximumRetryAttempts: 0":             {MaxRetries: 0, BatchSize: 100, MaxAge: -time.Second},
		"MaximumRecordAgeInSeconds: 60":       {MaxRetries: -1, BatchSize: 100, MaxAge: time.Minute},
		"BatchSize: 10000":                    {MaxRetries: -1, BatchSize: 10000, MaxAge: -time.Second},
		"MaximumRecordAgeInSeconds: -1":       {MaxRetries: -1, BatchSize: 100, MaxAge: -time.Second},
		"MaximumRetryAttempts: 10000":         {MaxRetries: 10000, BatchSize: 100, MaxAge: -time.Second},
		"StartingPosition: LATEST":            {MaxRetries: -1, BatchSize: 100, MaxAge: -time.Second, Latest: true},
		"ParallelizationFactor: 1":            {MaxRetries: -1, BatchSize: 100, MaxAge: -time.Second},
		"MaximumBatchingWindowInSeconds: 300": {MaxRetries: -1, BatchSize: 100, MaxAge: -time.Second, Window: 5 * time.Minute},
	} {
		want.Name = "In"
		if got, err := source("            " + more + "\n"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", more, got, err)
		}
	}
}

// TestStreamsThatAreRefused: what Lambda would not accept, and what infra/local does not do.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func TestStreamsThatAreRefused(t *testing.T) {
	const filter = "{ Pattern: '{}' }"
	for _, more := range []string{
		"ParallelizationFactor: 2", "FunctionResponseTypes: [Other]", "TumblingWindowInSeconds: 1", "StartingPosition: AT_TIMESTAMP",
		"BatchSize: 0", "BatchSize: 10001", "MaximumBatchingWindowInSeconds: 301", "MaximumBatchingWindowInSeconds: -1",
		"MaximumRetryAttempts: -2", "MaximumRetryAttempts: 10001", "MaximumRecordAgeInSeconds: 59", "MaximumRecordAgeInSeconds: 604801",
		"FilterCriteria: { Filters: [" + strings.Repeat(filter+", ", 5) + filter + "] }",
	} {
		if _, err := streamOf(t, "            "+more+"\n"); err == nil {
			t.Errorf("accepted: %s", more)
		}
	}
}

// streamOf is the small template's function with a stream; more stands among its properties and wins.
func streamOf(t *testing.T, more string) (StreamSource, error) {
	t.Helper()
	events := `        In:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
`
	if !strings.Contains(more, "StartingPosition") {
		events += "            StartingPosition: TRIM_HORIZON\n"
	}
	list, err := parse(t, small+events+more, Values{"AWS::Region": "r", "Key.Arn": "arn"}).Functions()
	if err != nil {
		return StreamSource{}, err
	}
	return list[0].Streams[0], nil
}
