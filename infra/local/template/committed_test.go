package template

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// committed is the repository's template.yaml with values for every reference.
func committed(t *testing.T) (file *Template, root string) {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err = Load(filepath.Join(root, "template.yaml"), Values{
		"AWS::Region": "r", "AWS::AccountId": "1", "AWS::StackName": "s", "SenderAddress": "a@example.com",
		"MailerRetries": "https://sqs/retries", "MailerFailures": "https://sqs/failures",
		"OutgoingCalls": "https://sqs/calls", "ProjectorFailures": "https://sqs/failed",
		"Table": "t", "Api": "api", "Key.Arn": "key", "MailConfigurationSet": "set", "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	return file, root
}

func TestOnlyKnownFunctionsOfCloudFormation(t *testing.T) {
	file, _ := committed(t)
	known := []string{"!Ref", "!GetAtt", "!Sub", "!If", "!Equals", "!Not"}
	walk(file.root, func(n *yaml.Node) {
		if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") && !slices.Contains(known, n.Tag) {
			t.Errorf("line %d: %s", n.Line, n.Tag)
		}
		if n.Kind == yaml.AliasNode || n.Anchor != "" {
			t.Errorf("line %d: CloudFormation knows no YAML aliases", n.Line)
		}
	})
}

func TestFunctionsAndRoutes(t *testing.T) {
	file, root := committed(t)
	list, err := file.Functions()
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, f := range list {
		if _, err := os.Stat(filepath.Join(root, f.CodeURI, "main.go")); err != nil {
			t.Errorf("%s: %v", f.ID, err)
		}
		if f.Timeout > 29*time.Second && len(f.Routes) > 0 {
			t.Errorf("%s may take longer than the gateway waits", f.ID)
		}
		if f.LogFormat != "JSON" {
			t.Errorf("%s logs %s", f.ID, f.LogFormat)
		}
		want := []string{"GOGC", "ISSUER", "KMS_KEY_ARN", "TABLE_NAME"}
		switch f.Name {
		case "mailer":
			want = []string{
				"ANNOUNCEMENT_RATE", "FAILURES_URL", "GOGC", "ISSUER", "KMS_KEY_ARN", "MAIL_CONFIGURATION_SET", "MAIL_FROM", "MAIL_PER_ORGANIZATION", "PUBLIC_ADDRESS", "RETRIES_URL",
				"SMS_CONFIGURATION_SET", "SMS_MAX_PRICE", "SMS_ORIGINATION", "SMS_PER_PREFIX",
				"SMS_PER_PREFIX_AND_ORGANIZATION", "TABLE_NAME",
			}
		case "projector":
			want = []string{"CALLS_URL", "EVENT_BUS", "FAILURES_URL", "GOGC", "ISSUER", "KMS_KEY_ARN", "TABLE_NAME"}
		case "verify", "enroll", "prompt", "account":
			want = []string{"GOGC", "ISSUER", "KMS_KEY_ARN", "PUBLIC_ADDRESS", "TABLE_NAME"}
		case "console":
			want = []string{"GOGC", "ISSUER", "KMS_KEY_ARN", "PUBLIC_ADDRESS", "RESERVED_SENDERS", "TABLE_NAME"}
		case "policy":
			want = []string{"GOGC", "ISSUER", "KMS_KEY_ARN", "RESERVED_SENDERS", "TABLE_NAME"}
		}
		if got := slices.Sorted(maps.Keys(f.Environment)); !slices.Equal(got, want) {
			t.Errorf("%s: environment %v", f.ID, got)
		}
		for _, r := range f.Routes {
			if other := owner[r.Key()]; other != "" {
				t.Errorf("%s belongs to %s and %s", r.Key(), other, f.Name)
			}
			owner[r.Key()] = f.Name
		}
	}
	if owner["$default"] != "policy" || owner["ANY /v1/logins"] != "verify" {
		t.Errorf("routes %v", owner)
	}
	for key := range owner {
		if key != "$default" && !strings.HasPrefix(key, "ANY /") {
			t.Errorf("%s: the mux in the function answers wrong methods, so routes are ANY", key)
		}
	}
}

func TestStreamReaders(t *testing.T) {
	file, _ := committed(t)
	list, err := file.Functions()
	if err != nil {
		t.Fatal(err)
	}
	readers := map[string]StreamSource{}
	for _, f := range list {
		for _, s := range f.Streams {
			readers[f.Name] = s
			if !s.ReportFailures || !s.Bisect || s.OnFailure == "" || len(s.Filters) == 0 || len(s.Filters) > 5 || s.MaxRetries < 1 || s.MaxAge <= 0 {
				t.Errorf("%s: %+v", f.Name, s)
			}
		}
	}
	if len(readers) != 2 {
		t.Errorf("a shard stands two readers, there are %d", len(readers))
	}
	// Codes live ten minutes; what is older than fifteen need not be tried.
	if readers["mailer"].MaxAge > 15*time.Minute {
		t.Errorf("the mailer tries for %v", readers["mailer"].MaxAge)
	}
}

// What becomes of mails comes back to the mailer alone; and what a function without routes cannot deal with is kept.
func TestTheMailerHearsOfItsMails(t *testing.T) {
	file, _ := committed(t)
	list, err := file.Functions()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		hears := len(f.Topics) == 1 && f.Topics[0].ID == "DeliveryEvents"
		kept := map[string]string{"mailer": "MailerFailures.Arn", "projector": "ProjectorFailures.Arn"}[f.Name]
		if hears != (f.Name == "mailer") || f.OnFailure != kept {
			t.Errorf("%s: %+v, %q", f.ID, f.Topics, f.OnFailure)
		}
	}
}
