package template

import (
	"strings"
	"testing"
	"time"
)

// A message that the mailer holds must not become visible to another invocation: Lambda refuses the mapping otherwise.
func TestQueuesOutlastTheirFunctions(t *testing.T) {
	file, _ := committed(t)
	queues, err := file.Queues()
	if err != nil {
		t.Fatal(err)
	}
	functions, err := file.Functions()
	if err != nil {
		t.Fatal(err)
	}
	byID, sources := map[string]Queue{}, 0
	for _, q := range queues {
		byID[q.ID] = q
	}
	for _, f := range functions {
		for _, s := range f.Queues {
			sources++
			q, there := byID[s.Queue]
			if !there || q.Visibility < f.Timeout || q.MaxReceive < 1 || byID[q.DeadLetter].ID == "" || !s.ReportFailures {
				t.Errorf("%s reads %+v as %+v and may take %s", f.Name, q, s, f.Timeout)
			}
		}
	}
	if sources != 2 {
		t.Errorf("%d functions read queues", sources)
	}
}

const withQueue = `
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, Timeout: 10, MemorySize: 128 }
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 90
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { SqsManagedSseEnabled: true }
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/reader/
      Events:
        Work: { Type: SQS, Properties: { Queue: !GetAtt Work.Arn, BatchSize: 7, FunctionResponseTypes: [ReportBatchItemFailures] } }
`

func TestAQueueAndItsReader(t *testing.T) {
	file, err := Parse([]byte(withQueue), nil)
	if err != nil {
		t.Fatal(err)
	}
	queues, err := file.Queues()
	if err != nil || len(queues) != 2 || queues[0] != (Queue{"Work", 90 * time.Second, 5, "Dead"}) || queues[1] != (Queue{ID: "Dead", Visibility: 30 * time.Second}) {
		t.Errorf("queues: %+v, %v", queues, err)
	}
	functions, err := file.Functions()
	if err != nil || len(functions) != 1 || len(functions[0].Queues) != 1 || functions[0].Queues[0] != (QueueSource{"Work", "Work", 7, true, 2}) {
		t.Errorf("functions: %+v, %v", functions, err)
	}
}

func TestQueuesThatAreNotUnderstood(t *testing.T) {
	for name, change := range map[string][2]string{
		"a batch that needs a window":    {"BatchSize: 7", "BatchSize: 11"},
		"no batch":                       {"BatchSize: 7", "BatchSize: 0"},
		"a queue by its name":            {"!GetAtt Work.Arn, B", "Work, B"},
		"a property that is not known":   {"BatchSize: 7", "Enabled: false"},
		"another response":               {"[ReportBatchItemFailures]", "[Other]"},
		"less concurrency than there is": {"BatchSize: 7", "ScalingConfig: { MaximumConcurrency: 1 }"},
		"redrive without a count":        {", maxReceiveCount: 5", ""},
		"redrive to nowhere":             {"deadLetterTargetArn: !GetAtt Dead.Arn, ", ""},
		"a queue's unknown property":     {"SqsManagedSseEnabled: true", "FifoQueue: true"},
	} {
		file, err := Parse([]byte(strings.Replace(withQueue, change[0], change[1], 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, failed := file.Functions()
		if _, err := file.Queues(); err == nil && failed == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
