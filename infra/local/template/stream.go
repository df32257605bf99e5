package template

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"
)

// StreamSource is one event source mapping from the table's stream.
type StreamSource struct {
	Name           string // of the event: "Stream"
	Latest         bool   // begin with what comes; otherwise with the oldest record there is
	Filters        []string
	BatchSize      int
	Window         time.Duration // how long a batch may wait to fill; zero does not wait
	MaxRetries     int           // -1: until the record has left the stream
	MaxAge         time.Duration // -1 second: no limit of its own
	Bisect         bool          // halve a batch that failed
	ReportFailures bool          // the answer may name the records that failed
	OnFailure      string        // the template's name of where exhausted records go
}

// streamProperties are SAM's names, with Lambda's defaults filled in by stream.
type streamProperties struct {
	StartingPosition               string
	BatchSize                      int
	MaximumBatchingWindowInSeconds int
	ParallelizationFactor          int
	MaximumRetryAttempts           int
	MaximumRecordAgeInSeconds      int
	BisectBatchOnFunctionError     bool
	FunctionResponseTypes          []string
	FilterCriteria                 struct{ Filters []struct{ Pattern string } }
}

func (t *Template) stream(name string, props *yaml.Node, f *Function) error {
	p := streamProperties{BatchSize: 100, ParallelizationFactor: 1, MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: -1}
	if err := t.decode(without(props, "Stream", "DestinationConfig"), &p, true); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("template: line %d: event %s: %w", props.Line, name, err)
	}
	s := StreamSource{
		Name: name, Latest: p.StartingPosition == "LATEST", BatchSize: p.BatchSize,
		MaxRetries: p.MaximumRetryAttempts, Bisect: p.BisectBatchOnFunctionError, ReportFailures: len(p.FunctionResponseTypes) > 0,
		Window: time.Duration(p.MaximumBatchingWindowInSeconds) * time.Second,
		MaxAge: time.Duration(p.MaximumRecordAgeInSeconds) * time.Second,
	}
	for _, filter := range p.FilterCriteria.Filters {
		s.Filters = append(s.Filters, filter.Pattern)
	}
	if to := child(child(child(props, "DestinationConfig"), "OnFailure"), "Destination"); to != nil {
		s.OnFailure = to.Value
	}
	f.Streams = append(f.Streams, s)
	return nil
}

// check refuses what Lambda would refuse, and what is not known here. The ranges are CreateEventSourceMapping's:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (p streamProperties) check() error {
	if p.StartingPosition != "TRIM_HORIZON" && p.StartingPosition != "LATEST" {
		return fmt.Errorf("infra/local does not know the starting position %q", p.StartingPosition)
	}
	if p.ParallelizationFactor != 1 {
		return fmt.Errorf("infra/local reads one batch of a shard at a time: ParallelizationFactor must be 1")
	}
	for _, kind := range p.FunctionResponseTypes {
		if kind != "ReportBatchItemFailures" {
			return fmt.Errorf("infra/local does not know the response type %s", kind)
		}
	}
	for _, r := range []struct {
		name               string
		value, least, most int
		endless            bool
	}{
		{"BatchSize", p.BatchSize, 1, 10_000, false},
		{"MaximumBatchingWindowInSeconds", p.MaximumBatchingWindowInSeconds, 0, 300, false},
		{"MaximumRetryAttempts", p.MaximumRetryAttempts, 0, 10_000, true},
		{"MaximumRecordAgeInSeconds", p.MaximumRecordAgeInSeconds, 60, 604_800, true},
		{"the number of filters", len(p.FilterCriteria.Filters), 0, 5, false},
	} {
		if (r.value < r.least || r.value > r.most) && (!r.endless || r.value != -1) {
			return fmt.Errorf("%s is %d, which Lambda does not accept", r.name, r.value)
		}
	}
	return nil
}
