package template

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"
)

// Route is one route of the HTTP API. The zero value is $default.
type Route struct {
	Method string // "ANY" or a method
	Path   string // "/v1/organizations/{organization}"
}

// Key is the route as API Gateway writes it in requestContext.routeKey.
func (r Route) Key() string {
	if r == (Route{}) {
		return "$default"
	}
	return r.Method + " " + r.Path
}

// StreamSource is one event source mapping from the table's stream.
type StreamSource struct {
	Name           string // of the event: "Stream"
	Filters        []string
	BatchSize      int
	Window         time.Duration // how long a batch may wait to fill; zero does not wait
	MaxRetries     int           // -1: until the record is too old
	MaxAge         time.Duration // -1 second: no limit
	Bisect         bool          // halve a batch that failed
	ReportFailures bool          // the answer may name the records that failed
	OnFailure      string        // the template's name of where exhausted records go
}

func (t *Template) events(events *yaml.Node, f *Function) error {
	var failed error
	each(events, func(name string, event *yaml.Node) {
		if failed == nil {
			failed = t.event(name, event, f)
		}
	})
	return failed
}

func (t *Template) event(name string, event *yaml.Node, f *Function) error {
	kind, props := child(event, "Type"), child(event, "Properties")
	if kind == nil || props == nil {
		return fmt.Errorf("template: line %d: event %s has no Type or Properties", event.Line, name)
	}
	switch kind.Value {
	case "HttpApi":
		return t.route(props, f)
	case "DynamoDB":
		return t.stream(name, props, f)
	}
	return fmt.Errorf("template: line %d: infra/local does not know events of type %s", event.Line, kind.Value)
}

func (t *Template) route(props *yaml.Node, f *Function) error {
	var p struct{ Path, Method, PayloadFormatVersion string }
	if err := t.decode(without(props, "ApiId"), &p, true); err != nil {
		return err
	}
	if p.PayloadFormatVersion != "2.0" {
		return fmt.Errorf("template: line %d: state PayloadFormatVersion '2.0'", props.Line)
	}
	if (p.Path == "") != (p.Method == "") {
		return fmt.Errorf("template: line %d: state both path and method, or neither for $default", props.Line)
	}
	f.Routes = append(f.Routes, Route{Method: p.Method, Path: p.Path})
	return nil
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
	if p.StartingPosition != "TRIM_HORIZON" || p.ParallelizationFactor != 1 {
		return fmt.Errorf("template: line %d: infra/local reads from TRIM_HORIZON, one batch of a shard at a time", props.Line)
	}
	s := StreamSource{
		Name: name, BatchSize: p.BatchSize, MaxRetries: p.MaximumRetryAttempts, Bisect: p.BisectBatchOnFunctionError,
		Window: time.Duration(p.MaximumBatchingWindowInSeconds) * time.Second,
		MaxAge: time.Duration(p.MaximumRecordAgeInSeconds) * time.Second,
	}
	for _, kind := range p.FunctionResponseTypes {
		if kind != "ReportBatchItemFailures" {
			return fmt.Errorf("template: line %d: infra/local does not know the response type %s", props.Line, kind)
		}
		s.ReportFailures = true
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
