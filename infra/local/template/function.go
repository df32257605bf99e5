package template

import (
	"fmt"
	"path"
	"time"

	"gopkg.in/yaml.v3"
)

// Function is one AWS::Serverless::Function.
type Function struct {
	ID          string // logical id: "VerifyFunction"
	Name        string // last part of the code's folder: "verify"
	CodeURI     string // folder of its main package, relative to the template
	Handler     string // name of the binary
	Timeout     time.Duration
	MemoryMB    int
	LogFormat   string // "JSON" or "Text"
	Environment map[string]string
	Reserved    int // ReservedConcurrentExecutions; zero where none is stated
	Routes      []Route
	Streams     []StreamSource
	Schedules   []Schedule
	Queues      []QueueSource
	Topics      []Topic
	OnFailure   string // the template's name of where events go that nobody waits for and that failed too often: "MailerFailures.Arn"
}

// settings is what a function and Globals.Function both may state.
type settings struct {
	Runtime       string
	Architectures []string
	Handler       string
	Timeout       int
	MemorySize    int
	Environment   struct{ Variables map[string]string }
}

// Functions returns all functions in the file's order.
func (t *Template) Functions() ([]Function, error) {
	var globals settings
	if g := child(child(t.root, "Globals"), "Function"); g != nil {
		if err := t.decode(g, &globals, true); err != nil {
			return nil, err
		}
	}
	var list []Function
	for _, id := range t.idsOf("AWS::Serverless::Function") {
		f, err := t.function(id, globals)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		list = append(list, f)
	}
	return list, nil
}

// function reads one function; what it states itself wins over globals, variable by variable in its environment.
func (t *Template) function(id string, globals settings) (Function, error) {
	props, err := t.properties(id, "AWS::Serverless::Function")
	if err != nil {
		return Function{}, err
	}
	own := globals
	own.Environment.Variables = map[string]string{}
	for k, v := range globals.Environment.Variables {
		own.Environment.Variables[k] = v
	}
	if env := child(props, "Environment"); env != nil {
		if err := t.decode(env, &own.Environment, true); err != nil {
			return Function{}, err
		}
	}
	var p struct {
		CodeUri    string
		Handler    *string
		Timeout    *int
		MemorySize *int

		ReservedConcurrentExecutions *int
	}
	if err := t.decode(without(props, "Environment", "Events", "Role", "LoggingConfig", "EventInvokeConfig"), &p, true); err != nil {
		return Function{}, err
	}
	override(&own.Handler, p.Handler)
	override(&own.Timeout, p.Timeout)
	override(&own.MemorySize, p.MemorySize)
	if own.Runtime != "provided.al2023" || own.Timeout <= 0 || own.MemorySize <= 0 || own.Handler == "" || p.CodeUri == "" {
		return Function{}, fmt.Errorf("template: line %d: runtime, timeout, memory, handler or code is missing", props.Line)
	}
	if n := p.ReservedConcurrentExecutions; n != nil && *n < 1 {
		return Function{}, fmt.Errorf("template: line %d: infra/local runs no function that is switched off", props.Line)
	}
	format := "Text"
	if n := child(child(props, "LoggingConfig"), "LogFormat"); n != nil {
		format = n.Value
	}
	f := Function{
		ID: id, Name: path.Base(path.Clean(p.CodeUri)), CodeURI: p.CodeUri, Handler: own.Handler,
		Timeout: time.Duration(own.Timeout) * time.Second, MemoryMB: own.MemorySize, LogFormat: format,
		Environment: own.Environment.Variables,
	}
	override(&f.Reserved, p.ReservedConcurrentExecutions)
	if err := t.asynchronous(child(props, "EventInvokeConfig"), &f); err != nil {
		return Function{}, err
	}
	return f, t.events(child(props, "Events"), &f)
}

func override[T any](value *T, with *T) {
	if with != nil {
		*value = *with
	}
}

// without is n less the keys that are read elsewhere, or that have no meaning outside AWS and may hold references
// that only AWS can resolve.
func without(n *yaml.Node, keys ...string) *yaml.Node {
	kept := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Line: n.Line}
pairs:
	for i := 0; i+1 < len(n.Content); i += 2 {
		for _, k := range keys {
			if n.Content[i].Value == k {
				continue pairs
			}
		}
		kept.Content = append(kept.Content, n.Content[i], n.Content[i+1])
	}
	return kept
}
