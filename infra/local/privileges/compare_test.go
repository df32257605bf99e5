package privileges

import (
	"slices"
	"strings"
	"testing"

	"twofold/infra/local/iam"
)

const purpose = "kms:EncryptionContext:purpose"

func with(key, value string) map[string]string { return map[string]string{key: value} }

// small are the grants of two functions, and the calls and exceptions that fit them.
func small() ([]Grant, []iam.Call, []Exception) {
	grants := []Grant{
		{"one", "OneFunction", "Items", "dynamodb:GetItem", "Table.Arn", nil},
		{"one", "OneFunction", "Keysets", "kms:Decrypt", "Key.Arn", with(purpose, "codes")},
		{"one", "OneFunction", "Keysets", "kms:Decrypt", "Key.Arn", with(purpose, "sign")},
		{"one", "OneFunction", "Logs", "logs:PutLogEvents", "OneLogs.Arn", nil},
		{"two", "TwoFunction", "Index", "dynamodb:Query", "Table.Arn/index/byUser", nil},
		{"two", "TwoFunction", "Logs", "logs:PutLogEvents", "TwoLogs.Arn", nil},
	}
	calls := []iam.Call{
		{Function: "one", Action: "dynamodb:GetItem", Resource: "Table.Arn"},
		{Function: "one", Action: "kms:Decrypt", Resource: "Key.Arn", Context: with(purpose, "codes")},
		{Function: "one", Action: "kms:Decrypt", Resource: "Key.Arn", Context: with(purpose, "sign")},
		{Function: "two", Action: "dynamodb:Query", Resource: "Table.Arn/index/byUser"},
		{Function: "two", Action: "dynamodb:Query", Resource: "Table.Arn/index/byUser"}, // of another process
	}
	return grants, calls, []Exception{{Actions: []string{"logs:PutLogEvents"}, Resource: "{Function}Logs.Arn", Why: "w", Page: "p"}}
}

func TestWhatFitsIsNotComplainedOf(t *testing.T) {
	if complaints := Compare(small()); len(complaints) > 0 {
		t.Errorf("%q", complaints)
	}
}

// Each change breaks the fit in one way, and is told of in the words that say what to do.
func TestComplaints(t *testing.T) {
	call := func(function, action, resource string, context map[string]string) func(*[]Grant, *[]iam.Call, *[]Exception) {
		return func(_ *[]Grant, calls *[]iam.Call, _ *[]Exception) {
			*calls = append(*calls, iam.Call{Function: function, Action: action, Resource: resource, Context: context})
		}
	}
	grant := func(g Grant) func(*[]Grant, *[]iam.Call, *[]Exception) {
		return func(grants *[]Grant, _ *[]iam.Call, _ *[]Exception) { *grants = append(*grants, g) }
	}
	for _, c := range []struct {
		name   string
		change func(*[]Grant, *[]iam.Call, *[]Exception)
		want   []string
	}{
		{"an action that is missing", call("one", "dynamodb:PutItem", "Table.Arn", nil), []string{
			"one calls dynamodb:PutItem on Table.Arn, which its role does not grant: add the action to statement Items of the role of OneFunction, or stop calling it."}},
		{"another function's action", call("two", "dynamodb:GetItem", "Table.Arn", nil), []string{
			"two calls dynamodb:GetItem on Table.Arn, which its role does not grant: add a statement for it to the role of TwoFunction, or stop calling it."}},
		{"another index", call("two", "dynamodb:Query", "Table.Arn/index/byEmail", nil), []string{
			"two calls dynamodb:Query on Table.Arn/index/byEmail, which its role does not grant: add a statement for it to the role of TwoFunction, or stop calling it."}},
		{"the table, not its index", call("two", "dynamodb:Query", "Table.Arn", nil), []string{
			"two calls dynamodb:Query on Table.Arn, which its role does not grant: add a statement for it to the role of TwoFunction, or stop calling it."}},
		{"a purpose that is missing", call("one", "kms:Decrypt", "Key.Arn", with(purpose, "contacts")), []string{
			"one calls kms:Decrypt on Key.Arn with kms:EncryptionContext:purpose = contacts, which its role does not grant: statement Keysets of the role of OneFunction allows it under kms:EncryptionContext:purpose = codes only; permit this too, or stop calling it."}},
		{"a context that no condition names", call("one", "kms:Decrypt", "Key.Arn", map[string]string{purpose: "sign", "kms:EncryptionContext:more": "x"}), []string{
			"one calls kms:Decrypt on Key.Arn with kms:EncryptionContext:more = x, kms:EncryptionContext:purpose = sign, which its role does not grant: statement Keysets of the role of OneFunction allows it under kms:EncryptionContext:purpose = codes only; permit this too, or stop calling it."}},
		{"a context where the grant is wide", call("one", "dynamodb:GetItem", "Table.Arn", with("dynamodb:LeadingKeys", "x")), []string{
			"one calls dynamodb:GetItem on Table.Arn with dynamodb:LeadingKeys = x, which its role does not grant: statement Items of the role of OneFunction allows it without a condition; narrow it to this, or stop calling it."}},
		{"a function without a role", call("three", "dynamodb:GetItem", "Table.Arn", nil), []string{
			"three calls dynamodb:GetItem on Table.Arn, but template.yaml has no function of that name with a role."}},
		{"an action that nobody calls", grant(Grant{"one", "OneFunction", "Items", "dynamodb:DeleteItem", "Table.Arn", nil}), []string{
			"Statement Items of the role of OneFunction grants dynamodb:DeleteItem on Table.Arn, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"a purpose that nobody opens", grant(Grant{"one", "OneFunction", "Keysets", "kms:Decrypt", "Key.Arn", with(purpose, "contacts")}), []string{
			"Statement Keysets of the role of OneFunction grants kms:Decrypt on Key.Arn with kms:EncryptionContext:purpose = contacts, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"a grant for every purpose", grant(Grant{"one", "OneFunction", "Wide", "kms:Decrypt", "Key.Arn", nil}), []string{
			"Statement Wide of the role of OneFunction grants kms:Decrypt on Key.Arn, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"a wildcard instead of the index", grant(Grant{"two", "TwoFunction", "Wide", "dynamodb:Query", "Table.Arn/index/*", nil}), []string{
			"Statement Wide of the role of TwoFunction grants dynamodb:Query on Table.Arn/index/* by a wildcard: name each action and each resource."}},
		{"a wildcard of the kind that customers make, and nobody calls", grant(Grant{"one", "OneFunction", "Own", "ses:SendEmail", "identity/*", nil}), []string{
			"Statement Own of the role of OneFunction grants ses:SendEmail on identity/*, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"a wildcard of actions on it", grant(Grant{"one", "OneFunction", "Own", "ses:*", "identity/*", nil}), []string{
			"Statement Own of the role of OneFunction grants ses:* on identity/* by a wildcard: name each action and each resource."}},
		{"another's log group", grant(Grant{"one", "OneFunction", "Logs", "logs:PutLogEvents", "TwoLogs.Arn", nil}), []string{
			"Statement Logs of the role of OneFunction grants logs:PutLogEvents on TwoLogs.Arn, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"an exception that a call replaces", call("one", "logs:PutLogEvents", "OneLogs.Arn", nil), []string{
			"The exception for logs:PutLogEvents on OneLogs.Arn is not needed, since one calls it itself: remove it from infra/local/privileges/exception.go."}},
		{"an exception without a grant", func(grants *[]Grant, _ *[]iam.Call, _ *[]Exception) { *grants = (*grants)[:5] }, []string{
			"The exception for logs:PutLogEvents on TwoLogs.Arn of two fits no grant any more: remove it from infra/local/privileges/exception.go."}},
		{"an exception for one function", func(_ *[]Grant, _ *[]iam.Call, exceptions *[]Exception) { (*exceptions)[0].Functions = []string{"one"} }, []string{
			"Statement Logs of the role of TwoFunction grants logs:PutLogEvents on TwoLogs.Arn, which nothing in the whole test run needs: remove it, or test what needs it."}},
		{"nothing was called by one", func(_ *[]Grant, calls *[]iam.Call, _ *[]Exception) { *calls = (*calls)[:3] }, []string{
			"Statement Index of the role of TwoFunction grants dynamodb:Query on Table.Arn/index/byUser, which nothing in the whole test run needs: remove it, or test what needs it."}},
	} {
		grants, calls, exceptions := small()
		c.change(&grants, &calls, &exceptions)
		if got := Compare(grants, calls, exceptions); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s", c.name, strings.Join(got, "\n"))
		}
	}
}

// IAM's actions and the names of condition keys have no case; values and resources have.
func TestFits(t *testing.T) {
	g := Grant{"one", "OneFunction", "S", "kms:Decrypt", "Key.Arn", with(purpose, "sign")}
	for _, c := range []struct {
		call iam.Call
		want bool
	}{
		{iam.Call{Function: "one", Action: "KMS:decrypt", Resource: "Key.Arn", Context: with("kms:encryptioncontext:Purpose", "sign")}, true},
		{iam.Call{Function: "one", Action: "kms:Decrypt", Resource: "Key.Arn", Context: with(purpose, "Sign")}, false},
		{iam.Call{Function: "one", Action: "kms:Decrypt", Resource: "Key.Arn", Context: with("kms:EncryptionContext:other", "sign")}, false},
		{iam.Call{Function: "one", Action: "kms:Decrypt", Resource: "Key.Arn"}, false},
		{iam.Call{Function: "one", Action: "kms:Decrypt", Resource: "key.arn", Context: with(purpose, "sign")}, false},
		{iam.Call{Function: "two", Action: "kms:Decrypt", Resource: "Key.Arn", Context: with(purpose, "sign")}, false},
		{iam.Call{Function: "one", Action: "kms:Encrypt", Resource: "Key.Arn", Context: with(purpose, "sign")}, false},
	} {
		if got := g.fits(c.call); got != c.want {
			t.Errorf("%+v: %v", c.call, got)
		}
	}
}
