package template

import (
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Queue is one AWS::SQS::Queue.
type Queue struct {
	ID         string        // logical id: "MailerRetries"
	Visibility time.Duration // for how long a message that was received is hidden
	MaxReceive int           // how often a message is received before it goes to DeadLetter; zero: without end
	DeadLetter string        // the logical id of another queue; empty: there is none
}

// QueueSource is one event source mapping from a queue.
type QueueSource struct {
	Name           string // of the event: "Retries"
	Queue          string // the logical id
	BatchSize      int
	ReportFailures bool // the answer may name the messages that failed
	AtOnce         int  // invocations at most
}

// Queues returns all queues in the file's order.
func (t *Template) Queues() ([]Queue, error) {
	var list []Queue
	for _, id := range t.idsOf("AWS::SQS::Queue") {
		props, err := t.properties(id, "AWS::SQS::Queue")
		if err != nil {
			return nil, err
		}
		var p struct {
			VisibilityTimeout      *int
			MessageRetentionPeriod int // of no consequence in the life of a local stack
			SqsManagedSseEnabled   bool
		}
		if err := t.decode(without(props, "RedrivePolicy"), &p, true); err != nil {
			return nil, err
		}
		q := Queue{ID: id, Visibility: 30 * time.Second} // SQS's default
		if p.VisibilityTimeout != nil {
			q.Visibility = time.Duration(*p.VisibilityTimeout) * time.Second
		}
		if redrive := child(props, "RedrivePolicy"); redrive != nil {
			var r struct{ MaxReceiveCount int }
			target := child(redrive, "deadLetterTargetArn")
			if err := t.decode(without(redrive, "deadLetterTargetArn"), &r, true); err != nil || target == nil || r.MaxReceiveCount < 1 {
				return nil, fmt.Errorf("template: line %d: a redrive policy has a target and a count", redrive.Line)
			}
			q.MaxReceive, q.DeadLetter = r.MaxReceiveCount, strings.TrimSuffix(target.Value, ".Arn")
		}
		list = append(list, q)
	}
	return list, nil
}

// queue reads an event of type SQS. The ranges are CreateEventSourceMapping's:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (t *Template) queue(name string, props *yaml.Node, f *Function) error {
	p := struct {
		BatchSize             int
		FunctionResponseTypes []string
		ScalingConfig         struct{ MaximumConcurrency int }
	}{BatchSize: 10}
	p.ScalingConfig.MaximumConcurrency = 2
	if err := t.decode(without(props, "Queue"), &p, true); err != nil {
		return err
	}
	of := child(props, "Queue")
	switch {
	case of == nil || of.Tag != "!GetAtt":
		return fmt.Errorf("template: line %d: event %s: name a queue of this file", props.Line, name)
	case p.BatchSize < 1 || p.BatchSize > 10: // more would need a window to fill
		return fmt.Errorf("template: line %d: event %s: BatchSize is %d, and infra/local knows 1 to 10", props.Line, name, p.BatchSize)
	case p.ScalingConfig.MaximumConcurrency < 2 || p.ScalingConfig.MaximumConcurrency > 1000:
		return fmt.Errorf("template: line %d: event %s: MaximumConcurrency is %d, which Lambda does not accept", props.Line, name, p.ScalingConfig.MaximumConcurrency)
	case len(p.FunctionResponseTypes) > 1 || len(p.FunctionResponseTypes) == 1 && p.FunctionResponseTypes[0] != "ReportBatchItemFailures":
		return fmt.Errorf("template: line %d: event %s: infra/local does not know these response types", props.Line, name)
	}
	f.Queues = append(f.Queues, QueueSource{
		Name: name, Queue: strings.TrimSuffix(of.Value, ".Arn"), BatchSize: p.BatchSize, ReportFailures: len(p.FunctionResponseTypes) > 0,
		AtOnce: p.ScalingConfig.MaximumConcurrency,
	})
	return nil
}
