package stack

import (
	"path/filepath"
	"testing"

	"twofold/infra/local/iam"
	"twofold/infra/local/kms"
)

// The functions of this package's own template trespass on purpose. They are not the real ones and leave no record, whatever
// their names.
func TestOnlyTheRealTemplateIsRecorded(t *testing.T) {
	t.Setenv(iam.CallsVariable, t.TempDir())
	for path, recorded := range map[string]bool{"": true, "testdata/template.yaml": false} {
		o, err := Options{Root: "/repository", Template: path, InMemory: true}.complete()
		if err != nil {
			t.Fatal(err)
		}
		if got := recorder(o) != nil; got != recorded {
			t.Errorf("%q is recorded: %v", path, got)
		}
	}
	t.Setenv(iam.CallsVariable, "")
	if recorder(Options{Root: "/repository", Template: filepath.Join("/repository", "template.yaml")}) != nil {
		t.Error("there is a record without a folder for it")
	}
}

func TestNamesAreTheTemplates(t *testing.T) {
	key, err := kms.New("", region)
	if err != nil {
		t.Fatal(err)
	}
	names := (&Stack{TableName: "stack-x", KMS: key}).names()
	for arn, want := range map[string]string{
		"arn:aws:dynamodb:eu-west-1:000000000000:table/stack-x": "Table.Arn", key.ARN(): "Key.Arn",
		"arn:aws:ses:eu-west-1:000000000000:identity/" + Sender: "identity/SenderAddress", Sender: "SenderAddress", "stack-x": "Table",
		"arn:aws:events:eu-west-1:000000000000:event-bus/local": "EventBus",
	} {
		if names[arn] != want {
			t.Errorf("%s is recorded as %q", arn, names[arn])
		}
	}
}
