package template

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Statement is one statement of a role's policy. All of them allow; the template has no others.
type Statement struct {
	Sid       string
	Actions   []string
	Resources []string // resources without a value are "arn:local:" and their logical id
	// Conditions hold by operator ("StringEquals"), key and permitted values.
	Conditions map[string]map[string][]string
}

// oneOrMany is a JSON string or a list of them; IAM takes both.
type oneOrMany []string

func (o *oneOrMany) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMany{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}

// Policy returns the statements of the role that the function has. The role must be written out in the template:
// a managed policy is an error, since nobody here can say what it allows.
func (t *Template) Policy(functionID string) ([]Statement, error) {
	props, err := t.properties(functionID, "AWS::Serverless::Function")
	if err != nil {
		return nil, err
	}
	role := child(props, "Role")
	if role == nil || role.Tag != "!GetAtt" || child(props, "Policies") != nil {
		return nil, fmt.Errorf("template: %s has no role of its own", functionID)
	}
	roleProps, err := t.properties(strings.TrimSuffix(role.Value, ".Arn"), "AWS::IAM::Role")
	if err != nil {
		return nil, err
	}
	var r struct {
		AssumeRolePolicyDocument any
		Policies                 []struct {
			PolicyName     string
			PolicyDocument struct {
				Version   string
				Statement []struct {
					Sid, Effect      string
					Action, Resource oneOrMany
					Condition        map[string]map[string]oneOrMany
				}
			}
		}
	}
	if err := t.withStandIns().decode(roleProps, &r, true); err != nil {
		return nil, err
	}
	var list []Statement
	for _, p := range r.Policies {
		for _, s := range p.PolicyDocument.Statement {
			if s.Effect != "Allow" {
				return nil, fmt.Errorf("template: %s: infra/local knows statements that allow only", role.Value)
			}
			conditions := map[string]map[string][]string{}
			for operator, keys := range s.Condition {
				conditions[operator] = map[string][]string{}
				for key, values := range keys {
					conditions[operator][key] = values
				}
			}
			list = append(list, Statement{s.Sid, s.Action, s.Resource, conditions})
		}
	}
	return list, nil
}

// withStandIns gives every resource an ARN that has none: policies name resources that exist on AWS only.
func (t *Template) withStandIns() *Template {
	values := Values{}
	each(t.resources, func(id string, _ *yaml.Node) {
		values[id+".Arn"], values[id+".StreamArn"] = "arn:local:"+id, "arn:local:"+id+"/stream/local"
	})
	for k, v := range t.values {
		values[k] = v
	}
	return &Template{root: t.root, resources: t.resources, conditions: t.conditions, values: values}
}
