// Package template reads template.yaml, so that the local stack runs what would be deployed: the same routes,
// environment, stream filters and table. It understands the part of CloudFormation and SAM that the file uses and
// answers everything else with an error; it may not guess, may not hold a default of its own where SAM has one that
// the file could state, and starts nothing.
package template

import (
	"errors"
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// Values says what references stand for. Keys are written as the template writes them: a parameter or a resource by
// its logical id ("SenderAddress", "Table"), an attribute with a dot ("Key.Arn"), a pseudo parameter by its name
// ("AWS::Region").
type Values map[string]string

// Template is one parsed file together with the values given for its references.
type Template struct {
	root       *yaml.Node
	resources  *yaml.Node
	conditions *yaml.Node
	values     Values
}

// Load reads and parses the file at path.
func Load(path string, values Values) (*Template, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return Parse(data, values)
}

// Parse parses data. A reference without a value is no error until something that contains it is asked for.
func Parse(data []byte, values Values) (*Template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("template: the file is not one mapping")
	}
	t := &Template{root: doc.Content[0], values: Values{}}
	t.resources, t.conditions = child(t.root, "Resources"), child(t.root, "Conditions")
	if t.resources == nil {
		return nil, errors.New("template: no Resources")
	}
	t.takeDefaults()
	for k, v := range values {
		t.values[k] = v
	}
	return t, nil
}

// takeDefaults fills in what the file's parameters say for themselves.
func (t *Template) takeDefaults() {
	each(child(t.root, "Parameters"), func(name string, parameter *yaml.Node) {
		if def := child(parameter, "Default"); def != nil {
			t.values[name] = def.Value
		}
	})
}

// properties returns the Properties of the resource id, which must be of the given type.
func (t *Template) properties(id, kind string) (*yaml.Node, error) {
	res := child(t.resources, id)
	if res == nil {
		return nil, fmt.Errorf("template: no resource %s", id)
	}
	if typ := child(res, "Type"); typ == nil || typ.Value != kind {
		return nil, fmt.Errorf("template: %s is not an %s", id, kind)
	}
	props := child(res, "Properties")
	if props == nil {
		return nil, fmt.Errorf("template: %s has no Properties", id)
	}
	return props, nil
}

// idsOf lists, in the file's order, the resources of one type.
func (t *Template) idsOf(kind string) []string {
	var ids []string
	each(t.resources, func(id string, resource *yaml.Node) {
		if typ := child(resource, "Type"); typ != nil && typ.Value == kind {
			ids = append(ids, id)
		}
	})
	return ids
}

// child returns the value below key in a mapping, nil where there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// each calls f for every entry of a mapping, in its order.
func each(n *yaml.Node, f func(key string, value *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}
