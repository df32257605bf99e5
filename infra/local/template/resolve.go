package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// resolve turns a node into plain Go values with every reference replaced.
func (t *Template) resolve(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return nil, fmt.Errorf("template: line %d: CloudFormation knows no YAML aliases", n.Line)
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		return t.call(n)
	case n.Kind == yaml.MappingNode:
		return t.resolveMap(n)
	case n.Kind == yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := t.resolve(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, fmt.Errorf("template: line %d: %w", n.Line, err)
	}
	return v, nil
}

func (t *Template) resolveMap(n *yaml.Node) (any, error) {
	m := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return nil, fmt.Errorf("template: line %d: write %s in its short form", n.Line, key)
		}
		v, err := t.resolve(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		m[key] = v
	}
	return m, nil
}

// call evaluates one intrinsic function.
func (t *Template) call(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!Ref", "!GetAtt":
		return t.value(n.Value, n.Line)
	case "!Sub":
		return t.substitute(n)
	case "!If":
		return t.choose(n)
	case "!Equals":
		return t.equal(n)
	case "!Not":
		return t.not(n)
	}
	return nil, fmt.Errorf("template: line %d: infra/local does not know %s", n.Line, n.Tag)
}

func (t *Template) value(name string, line int) (string, error) {
	v, ok := t.values[name]
	if !ok {
		return "", fmt.Errorf("template: line %d: no value was given for %s", line, name)
	}
	return v, nil
}

var placeholder = regexp.MustCompile(`\$\{([^}!][^}]*)\}`)

// substitute evaluates both forms of !Sub: a string, or a string and a mapping of names of its own.
func (t *Template) substitute(n *yaml.Node) (any, error) {
	text, own := n, map[string]any{}
	if n.Kind == yaml.SequenceNode {
		if len(n.Content) != 2 {
			return nil, fmt.Errorf("template: line %d: !Sub takes a string, or a string and a mapping", n.Line)
		}
		resolved, err := t.resolve(n.Content[1])
		if err != nil {
			return nil, err
		}
		var ok bool
		if own, ok = resolved.(map[string]any); !ok {
			return nil, fmt.Errorf("template: line %d: !Sub's second part is not a mapping", n.Line)
		}
		text = n.Content[0]
	}
	var failed error
	result := placeholder.ReplaceAllStringFunc(text.Value, func(match string) string {
		name := match[2 : len(match)-1]
		if v, ok := own[name]; ok {
			return fmt.Sprint(v)
		}
		v, err := t.value(name, text.Line)
		if err != nil {
			failed = err
		}
		return v
	})
	return result, failed
}

func (t *Template) choose(n *yaml.Node) (any, error) {
	if len(n.Content) != 3 {
		return nil, fmt.Errorf("template: line %d: !If takes three parts", n.Line)
	}
	cond := child(t.conditions, n.Content[0].Value)
	if cond == nil {
		return nil, fmt.Errorf("template: line %d: no condition %s", n.Line, n.Content[0].Value)
	}
	v, err := t.resolve(cond)
	if err != nil {
		return nil, err
	}
	holds, ok := v.(bool)
	if !ok {
		return nil, fmt.Errorf("template: line %d: the condition is not a truth value", cond.Line)
	}
	if holds {
		return t.resolve(n.Content[1])
	}
	return t.resolve(n.Content[2])
}

func (t *Template) equal(n *yaml.Node) (any, error) {
	if len(n.Content) != 2 {
		return nil, fmt.Errorf("template: line %d: !Equals takes two parts", n.Line)
	}
	a, err := t.resolve(n.Content[0])
	if err != nil {
		return nil, err
	}
	b, err := t.resolve(n.Content[1])
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(a) == fmt.Sprint(b), nil
}

// decode resolves n into the struct at out. Field names are CloudFormation's. With strict, a property that out does
// not have is an error, so that nothing in the template is silently without effect here.
func (t *Template) decode(n *yaml.Node, out any, strict bool) error {
	v, err := t.resolve(n)
	if err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("template: line %d: %w", n.Line, err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("template: line %d: %w", n.Line, err)
	}
	return nil
}

func (t *Template) not(n *yaml.Node) (any, error) {
	if len(n.Content) != 1 {
		return nil, fmt.Errorf("template: line %d: !Not takes one part", n.Line)
	}
	holds, err := t.resolve(n.Content[0])
	if err != nil {
		return nil, err
	}
	if b, ok := holds.(bool); ok {
		return !b, nil
	}
	return nil, fmt.Errorf("template: line %d: !Not takes a condition", n.Line)
}
