package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twofold/infra/local/template"
)

func read(t *testing.T, name ...string) string {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(append([]string{root}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tablesIn are the Markdown tables of a text: runs of lines that begin with a bar.
func tablesIn(text string) (found []string) {
	inside := false
	for line := range strings.Lines(text) {
		row := strings.HasPrefix(line, "|")
		switch {
		case row && inside:
			found[len(found)-1] += line
		case row:
			found = append(found, line)
		}
		inside = row
	}
	return found
}

// docs/cost.md holds what `go run ./infra/cost` prints, and no other table.
func TestTheDocumentHoldsTheseTables(t *testing.T) {
	got, want := tablesIn(read(t, "docs", "cost.md")), tables()
	if len(got) != len(want) {
		t.Errorf("docs/cost.md has %d tables, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("table %d of docs/cost.md is not that of `go run ./infra/cost`, which is:\n%s", i+1, want[i])
		}
	}
}

// What the prose of docs/cost.md says in numbers is what the tables were computed with.
func TestTheDocumentNamesTheAssumptions(t *testing.T) {
	prose := strings.Join(strings.Fields(read(t, "docs", "cost.md")), " ")
	u := stored().times(gigabyte)
	most := stored().times(sizes[2])
	for _, want := range []string{
		fmt.Sprintf("%d logins for each user and month", loginsAUser),
		fmt.Sprintf("%.0f %% of the users enrol", newUsers*100),
		fmt.Sprintf("%s bytes of items and %s of index entries", dollars(u[protectedGB]), dollars(u[storedGB]-u[protectedGB])),
		fmt.Sprintf("for 10 million is $%.0f a month", most.cost()),
		fmt.Sprintf("one invocation in %.0f", 1/coldShare),
		fmt.Sprintf("%d ms", coldMS),
		fmt.Sprintf("%s bytes of log for a request and %s for a batch", dollars(requestLog), short(recordLog, 4)),
		fmt.Sprintf("%s bytes sent for an answer and %s for a mail", dollars(answerBytes), dollars(mailBytes)),
		fmt.Sprintf("$%.2f instead of $%.2f for a thousand mails", essentials*1000, prices[mailSent].Each*1000),
	} {
		if !strings.Contains(prose, want) {
			t.Errorf("docs/cost.md does not say %q", want)
		}
	}
}

// What the model takes from the template still stands there.
func TestTheTemplateIsAsPriced(t *testing.T) {
	lines := strings.FieldsFunc(read(t, "template.yaml"), func(r rune) bool { return r == '\n' })
	for _, want := range []string{
		fmt.Sprintf("MemorySize: %.0f", memoryGB*1024), "Architectures: [arm64]", "BillingMode: PAY_PER_REQUEST",
		"PointInTimeRecoveryEnabled: true", "EnableKeyRotation: true", fmt.Sprintf("Default: %d", logMonths*30),
	} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.TrimSpace(line) == want }) {
			t.Errorf("template.yaml does not say %q any more: the tables are of another deployment", want)
		}
	}
}
