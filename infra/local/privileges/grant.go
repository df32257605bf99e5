// Package privileges holds the roles of template.yaml to what the functions do: what the tests saw a function call needs a
// grant, what a role grants needs a call, and what neither rule can fit stands in a list with its reason. `make test` compares
// at its end. It reads the template and the records and judges nobody at run time, which is what package iam is for; it may
// not be imported by anything that is deployed.
package privileges

import (
	"fmt"
	"slices"
	"strings"

	"twofold/infra/local/template"
)

// Grant is one action on one resource that a role allows, under conditions of one value each.
type Grant struct {
	Function   string // "verify"
	FunctionID string // the template's: "VerifyFunction"
	Sid        string // of the statement
	Action     string // "dynamodb:Query"
	Resource   string // as the template writes it: "Table.Arn/index/byUser"
	Conditions map[string]string
}

// values leave in place of every reference the reference itself. What is of SES, of the SMS service and of EventBridge is all that the template
// names by its ARN, so region and account are empty there.
var values = template.Values{
	"AWS::Partition": "aws", "AWS::Region": "", "AWS::AccountId": "", "AWS::StackName": "stack", "AWS::URLSuffix": "amazonaws.com",
	"SenderAddress": "SenderAddress", "SmsOrigination": "SmsOrigination", "TextConfigurationSet": "TextConfigurationSet", "EventBus": "EventBus",
	"PublicAddress": "PublicAddress", "Table": "Table", "Key.Arn": "Key.Arn",
	"MailConfigurationSet": "MailConfigurationSet", "DeliveryEvents": "DeliveryEvents", "MailerRetries": "MailerRetries", "MailerFailures": "MailerFailures", "OutgoingCalls": "OutgoingCalls", "ProjectorFailures": "ProjectorFailures",
}

// ReadGrants gives everything that the roles of the template at path grant, in its order.
func ReadGrants(path string) ([]Grant, error) { return readGrants(path, values) }

func readGrants(path string, values template.Values) ([]Grant, error) {
	file, err := template.Load(path, values)
	if err != nil {
		return nil, err
	}
	functions, err := file.Functions()
	if err != nil {
		return nil, err
	}
	var all []Grant
	for _, f := range functions {
		statements, err := file.Policy(f.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range statements {
			grants, err := expand(f, s)
			if err != nil {
				return nil, err
			}
			all = append(all, grants...)
		}
	}
	return all, nil
}

// expand multiplies a statement out. A condition with several values grants once for each.
func expand(f template.Function, s template.Statement) ([]Grant, error) {
	alternatives := []map[string]string{{}}
	for operator, keys := range s.Conditions {
		if operator != "StringEquals" {
			return nil, fmt.Errorf("privileges: %s: statement %s: the condition %s cannot be compared with calls", f.ID, s.Sid, operator)
		}
		for key, permitted := range keys {
			alternatives = multiply(alternatives, key, permitted)
		}
	}
	var grants []Grant
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			for _, conditions := range alternatives {
				grants = append(grants, Grant{f.Name, f.ID, s.Sid, action, asWritten(resource), conditions})
			}
		}
	}
	return grants, nil
}

func multiply(alternatives []map[string]string, key string, permitted []string) []map[string]string {
	var all []map[string]string
	for _, value := range slices.Sorted(slices.Values(permitted)) {
		for _, conditions := range alternatives {
			more := map[string]string{key: value}
			for k, v := range conditions {
				more[k] = v
			}
			all = append(all, more)
		}
	}
	return all
}

// asWritten turns the stand-ins of package template back into the names that stand in the file.
func asWritten(resource string) string {
	for _, service := range []string{"ses", "sms-voice", "events"} {
		if name, ok := strings.CutPrefix(resource, "arn:aws:"+service+":::"); ok {
			return name
		}
	}
	name, ok := strings.CutPrefix(resource, "arn:local:")
	if !ok {
		return resource
	}
	if id, ok := strings.CutSuffix(name, "/stream/local"); ok {
		return id + ".StreamArn"
	}
	id, rest, below := strings.Cut(name, "/")
	if below {
		return id + ".Arn/" + rest
	}
	return id + ".Arn"
}
