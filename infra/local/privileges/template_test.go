package privileges

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// resources are those of the committed template as they are written, without any reference followed.
func resources(t *testing.T) map[string]resource {
	t.Helper()
	text, err := os.ReadFile(committed(t))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Resources map[string]resource `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Resources
}

type resource struct {
	Type       string         `yaml:"Type"`
	Properties map[string]any `yaml:"Properties"`
}

// Lambda, and nobody else, may take a role on. There is no condition: Lambda's page asks for the service principal alone and
// promises no aws:SourceAccount in that call, and a key that is absent would shut the function out. What the condition would
// guard against, iam:PassRole does: it cannot hand a role to another account.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
func TestOnlyLambdaTakesARoleOn(t *testing.T) {
	trust := map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
		}},
	}
	roles := 0
	for id, r := range resources(t) {
		if r.Type != "AWS::IAM::Role" {
			if strings.HasPrefix(r.Type, "AWS::IAM::") {
				t.Errorf("%s is an %s: what a function may do stands in its role", id, r.Type)
			}
			continue
		}
		roles++
		if got := r.Properties["AssumeRolePolicyDocument"]; !reflect.DeepEqual(got, trust) {
			t.Errorf("%s may be taken on as %v", id, got)
		}
		for name := range r.Properties {
			if name != "AssumeRolePolicyDocument" && name != "Policies" {
				t.Errorf("%s has %s", id, name)
			}
		}
	}
	if roles != len(opens) {
		t.Errorf("%d roles for %d functions", roles, len(opens))
	}
}

// No two functions share a role: each has the one of its own name.
func TestEachFunctionHasARoleOfItsOwn(t *testing.T) {
	all, functions := resources(t), 0
	for id, r := range all {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		functions++
		name := strings.TrimSuffix(id, "Function")
		if r.Properties["Role"] != name+"Role.Arn" || all[name+"Role"].Type != "AWS::IAM::Role" {
			t.Errorf("%s has the role %v", id, r.Properties["Role"])
		}
	}
	if functions != len(opens) {
		t.Errorf("%d functions, not %d", functions, len(opens))
	}
}

// The key's own policy hands its government to the account and to nobody directly, so that the roles say all there is to say.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func TestTheKeyIsGovernedByRolesAlone(t *testing.T) {
	policy, _ := resources(t)["Key"].Properties["KeyPolicy"].(map[string]any)
	want := []any{map[string]any{
		"Sid": "AccountGoverns", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": map[string]any{"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
	}}
	if !reflect.DeepEqual(policy["Statement"], want) {
		t.Errorf("the key's policy is %v", policy)
	}
}

// Mail goes out as the one sender, by the identity that the deployer names, and by identities that this deployment has made;
// no other function sends, and none is deleted that another has made.
func TestMailHasTheSystemsSenderAndOrganisations(t *testing.T) {
	for _, c := range []struct{ identity, resource string }{{"", "identity/SenderAddress"}, {"example.com", "identity/example.com"}} {
		named := map[string]string{}
		for k, v := range values {
			named[k] = v
		}
		named["SesIdentity"] = c.identity
		grants, err := readGrants(committed(t), named)
		if err != nil {
			t.Fatal(err)
		}
		var mail []Grant
		for _, g := range grants {
			if strings.HasPrefix(g.Action, "ses:") {
				mail = append(mail, g)
			}
		}
		made, ours := with("aws:RequestTag/twofold-table", "Table"), with("aws:ResourceTag/twofold-table", "Table")
		want := []Grant{
			{"policy", "PolicyFunction", "SenderIdentities", "ses:CreateEmailIdentity", "identity/*", made},
			{"policy", "PolicyFunction", "SenderIdentities", "ses:TagResource", "identity/*", made},
			{"policy", "PolicyFunction", "SenderStatus", "ses:GetEmailIdentity", "identity/*", map[string]string{}},
			{"policy", "PolicyFunction", "SenderRemoval", "ses:DeleteEmailIdentity", "identity/*", ours},
			{"console", "ConsoleFunction", "SenderIdentities", "ses:CreateEmailIdentity", "identity/*", made},
			{"console", "ConsoleFunction", "SenderIdentities", "ses:TagResource", "identity/*", made},
			{"console", "ConsoleFunction", "SenderStatus", "ses:GetEmailIdentity", "identity/*", map[string]string{}},
			{"console", "ConsoleFunction", "SenderRemoval", "ses:DeleteEmailIdentity", "identity/*", ours},
			{"mailer", "MailerFunction", "Mail", "ses:SendEmail", c.resource, with("ses:FromAddress", "SenderAddress")},
			{"mailer", "MailerFunction", "Mail", "ses:SendBulkEmail", c.resource, with("ses:FromAddress", "SenderAddress")},
			{"mailer", "MailerFunction", "OwnSenders", "ses:SendEmail", "identity/*", ours},
			{"mailer", "MailerFunction", "OwnSenders", "ses:SendBulkEmail", "identity/*", ours},
			{"mailer", "MailerFunction", "MailConfiguration", "ses:SendEmail", "configuration-set/MailConfigurationSet", map[string]string{}},
			{"mailer", "MailerFunction", "MailConfiguration", "ses:SendBulkEmail", "configuration-set/MailConfigurationSet", map[string]string{}},
			{"mailer", "MailerFunction", "Quota", "ses:GetAccount", "*", map[string]string{}},
		}
		if !reflect.DeepEqual(mail, want) {
			t.Errorf("with the identity %q: %+v", c.identity, mail)
		}
	}
}

// SMS go out from the one identity that the deployer names, and from what bears the deployment's tag, by the mailer alone; where none is
// named, from none, and with no configuration set.
func TestWhatSMSComeFrom(t *testing.T) {
	for origination, resources := range map[string][2]string{
		"": {"pool/none", "configuration-set/none"}, "arn:pool": {"arn:pool", "configuration-set/TextConfigurationSet"},
	} {
		named := map[string]string{}
		for k, v := range values {
			named[k] = v
		}
		named["SmsOrigination"] = origination
		grants, err := readGrants(committed(t), named)
		if err != nil {
			t.Fatal(err)
		}
		var texts []Grant
		for _, g := range grants {
			if strings.HasPrefix(g.Action, "sms-voice:") {
				texts = append(texts, g)
			}
		}
		const send = "sms-voice:SendTextMessage"
		ours := with("aws:ResourceTag/twofold-table", "Table")
		want := []Grant{
			{"mailer", "MailerFunction", "Texts", send, resources[0], map[string]string{}},
			{"mailer", "MailerFunction", "OwnTexts", send, "pool/*", ours},
			{"mailer", "MailerFunction", "OwnTexts", send, "phone-number/*", ours},
			{"mailer", "MailerFunction", "OwnTexts", send, "sender-id/*", ours},
			{"mailer", "MailerFunction", "TextConfiguration", send, resources[1], map[string]string{}},
		}
		if !reflect.DeepEqual(texts, want) {
			t.Errorf("with the origination %q: %+v", origination, texts)
		}
	}
}

// Events go to the one bus that the deployer names, by the projector alone; where none is named, to none.
func TestWhereEventsGo(t *testing.T) {
	for bus, resource := range map[string]string{"": "event-bus/none", "arn:bus": "arn:bus"} {
		named := maps.Clone(values)
		named["EventBus"] = bus
		grants, err := readGrants(committed(t), named)
		if err != nil {
			t.Fatal(err)
		}
		events := slices.DeleteFunc(grants, func(g Grant) bool { return !strings.HasPrefix(g.Action, "events:") })
		want := []Grant{{"projector", "ProjectorFunction", "Events", "events:PutEvents", resource, map[string]string{}}}
		if !reflect.DeepEqual(events, want) {
			t.Errorf("with the bus %q: %+v", bus, events)
		}
	}
}

// An exception says why it is one, and where AWS says so.
func TestExceptionsAreExplained(t *testing.T) {
	for _, e := range Exceptions {
		if len(e.Why) < 40 || !strings.HasSuffix(e.Why, ".") && !strings.HasSuffix(e.Why, ")") || !strings.HasPrefix(e.Page, "https://docs.aws.amazon.com/") {
			t.Errorf("the exception for %v on %s is not explained", e.Actions, e.Resource)
		}
	}
	for _, o := range Openings {
		if len(o.Why) < 40 || !strings.HasPrefix(o.Page, "https://docs.aws.amazon.com/") {
			t.Errorf("the opening of %s is not explained", o.Resource)
		}
	}
}
