package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twofold/infra/local/iam"
	"twofold/infra/local/privileges"
	"twofold/infra/local/template"
)

// needed are calls that need just what the committed roles grant, as a whole run would have recorded them.
func needed(t *testing.T) []iam.Call {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	grants, err := privileges.ReadGrants(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	excused := func(g privileges.Grant) bool {
		return slices.ContainsFunc(privileges.Exceptions, func(e privileges.Exception) bool {
			return slices.Contains(e.Actions, g.Action) && (e.Functions == nil || slices.Contains(e.Functions, g.Function)) &&
				strings.HasSuffix(g.Resource, strings.TrimPrefix(e.Resource, "{Function}"))
		})
	}
	var calls []iam.Call
	for _, g := range grants {
		if !excused(g) {
			calls = append(calls, iam.Call{Function: g.Function, Action: g.Action, Resource: g.Resource, Context: g.Conditions})
		}
	}
	return calls
}

func compare(t *testing.T, calls []iam.Call) (string, error) {
	t.Helper()
	folder := t.TempDir()
	var lines strings.Builder
	for _, c := range calls {
		if err := json.NewEncoder(&lines).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "calls-1.jsonl"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := run(&out, []string{folder})
	return out.String(), err
}

func TestRun(t *testing.T) {
	calls := needed(t)
	if out, err := compare(t, calls); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := compare(t, calls[1:]); err == nil || !strings.Contains(out, "nothing in the whole test run needs") {
		t.Errorf("a grant without a call: %v\n%s", err, out)
	}
	more := append(calls, iam.Call{Function: "report", Action: "dynamodb:PutItem", Resource: "Table.Arn"})
	if out, err := compare(t, more); err == nil || !strings.Contains(out, "report calls dynamodb:PutItem") {
		t.Errorf("a call without a grant: %v\n%s", err, out)
	}
}

// A run that recorded nothing must not pass for one that needs nothing, nor be drowned in complaints.
func TestRunWithoutRecords(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {t.TempDir()}} {
		var out strings.Builder
		if err := run(&out, args); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, %s", args, err, &out)
		}
	}
}
