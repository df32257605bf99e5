// Package iam holds the functions to the roles that template.yaml gives them, so that a permission that is missing
// there is missing here too and does not show first in production. It stands before the local services and judges
// each request by its access key id. It is a check of the template, not a defence: nothing is signed here. It may
// not be imported by anything that is deployed.
package iam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"twofold/infra/local/template"
)

// Policy is what one role may do.
type Policy []statement

type statement struct {
	actions, resources []*regexp.Regexp
	equals             map[string][]string // condition StringEquals
}

// Request is one use of a service. Context holds the condition keys.
type Request struct {
	Action   string // "dynamodb:GetItem"
	Resource string // an ARN
	Context  map[string]string
}

// Compile prepares a role's statements. A condition that is not understood is an error, never one that holds.
func Compile(statements []template.Statement) (Policy, error) {
	var p Policy
	for _, from := range statements {
		s := statement{actions: patterns(from.Actions, true), resources: patterns(from.Resources, false)}
		for operator, keys := range from.Conditions {
			if operator != "StringEquals" {
				return nil, fmt.Errorf("iam: %s: infra/local does not know the condition %s", from.Sid, operator)
			}
			s.equals = keys
		}
		p = append(p, s)
	}
	return p, nil
}

// Allows says whether one statement allows the request. What no statement allows is denied.
func (p Policy) Allows(r Request) bool {
	return slices.ContainsFunc(p, func(s statement) bool {
		return matches(s.actions, r.Action) && matches(s.resources, r.Resource) && s.holds(r.Context)
	})
}

// holds is false where the request lacks a key of a condition, as StringEquals is on AWS. Values have case, the names of
// keys have none, the encryption context's among them:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
func (s statement) holds(context map[string]string) bool {
	for key, permitted := range s.equals {
		met := false
		for name, value := range context {
			met = met || strings.EqualFold(name, key) && slices.Contains(permitted, value)
		}
		if !met {
			return false
		}
	}
	return true
}

// patterns understand * and ?; actions have no case.
func patterns(texts []string, anyCase bool) []*regexp.Regexp {
	var list []*regexp.Regexp
	for _, text := range texts {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(text))
		if anyCase {
			quoted = "(?i)" + quoted
		}
		list = append(list, regexp.MustCompile("^(?s:"+quoted+")$"))
	}
	return list
}

func matches(list []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(list, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}
