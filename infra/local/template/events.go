package template

import (
	"fmt"

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
	case "SQS":
		return t.queue(name, props, f)
	case "Schedule":
		return t.rule(name, props, f)
	case "ScheduleV2":
		return t.scheduler(name, props, f)
	case "SNS":
		return t.topic(name, props, f)
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
