package template

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// Topic is one subscription of the function to a topic of SNS.
type Topic struct {
	Name string // of the event: "Feedback"
	ID   string // the topic's logical id: "DeliveryEvents"
}

// topic reads an SNS event. A filter would keep notifications from the function, and is not known here.
func (t *Template) topic(name string, props *yaml.Node, f *Function) error {
	to := child(props, "Topic")
	if len(props.Content) != 2 || to == nil || to.Tag != "!Ref" {
		return fmt.Errorf("template: line %d: event %s: infra/local knows an SNS event with the topic's !Ref, and nothing besides", props.Line, name)
	}
	if res := child(t.resources, to.Value); res == nil || child(res, "Type") == nil || child(res, "Type").Value != "AWS::SNS::Topic" {
		return fmt.Errorf("template: line %d: event %s: %s is no topic of this file", props.Line, name, to.Value)
	}
	f.Topics = append(f.Topics, Topic{Name: name, ID: to.Value})
	return nil
}

// asynchronous reads what becomes of events that nobody waits for: after the retries that Lambda makes by itself, the destination.
func (t *Template) asynchronous(config *yaml.Node, f *Function) error {
	if config == nil {
		return nil
	}
	failure := child(child(config, "DestinationConfig"), "OnFailure")
	kind, to := child(failure, "Type"), child(failure, "Destination")
	if len(config.Content) != 2 || kind == nil || kind.Value != "SQS" || to == nil {
		return fmt.Errorf("template: line %d: infra/local knows an EventInvokeConfig with an on-failure queue, and nothing besides", config.Line)
	}
	f.OnFailure = to.Value
	return nil
}
