package installation

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/seal"
)

var root = Administrator{Name: "Root", Email: "root@twofold.test"}

// run runs the installation once, and gives what it reported.
func run(a *account, file string) (string, error) {
	var report bytes.Buffer
	i := Installation{Store: a, Marker: a, KMS: a, KeyARN: keyARN, Now: func() time.Time { return now }, Report: &report}
	err := i.Run(context.Background(), root, file)
	return report.String(), err
}

func install(t *testing.T, a *account, file string) string {
	t.Helper()
	report, err := run(a, file)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// keyIn reads the file as an operator's script would.
func keyIn(t *testing.T, file string) (id, text string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var content map[string]json.RawMessage
	var admin map[string]string
	if err := json.Unmarshal(raw, &content); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content["system_admin"], &admin); err != nil {
		t.Fatal(err)
	}
	return admin["id"], admin["key"]
}

// complete demands the one end that every history of runs must come to.
func complete(t *testing.T, a *account, file string) {
	t.Helper()
	id, text := keyIn(t, file)
	credential, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.keys) != 1 || len(a.events) != 1 || len(a.people) != 1 {
		t.Fatalf("%d keys, %d events, %d administrators", len(a.keys), len(a.events), len(a.people))
	}
	key := a.keys[id]
	if !key.Valid(credential, now) || !key.Everywhere || key.Role != access.SystemAdministrator || !key.CreatedAt.Equal(now) || key.Holder == "" {
		t.Errorf("the stored key is not the one in the file, or not what it should be")
	}
	event := a.events[0]
	if event.Kind != audit.SystemBootstrapped || event.Key != id || event.Actor != key.Holder || event.Organization != "" || !event.At.Equal(now) || event.ID == "" {
		t.Errorf("event %+v", event)
	}
	if a.people[0] != "Root <root@twofold.test>" {
		t.Errorf("administrator %s", a.people[0])
	}
	if a.mark != (Mark{KeyID: id, Issued: true}) {
		t.Errorf("mark %+v", a.mark)
	}
	for _, p := range seal.Purposes() {
		raw, err := seal.Unwrap(context.Background(), a, keyARN, p, a.keysets[string(p)])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(p, raw); err != nil {
			t.Error(err)
		}
	}
}

func TestARunMakesEverything(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	report := install(t, a, file)
	complete(t, a, file)

	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	for _, line := range []string{"keyset sign: made", "keyset secrets: made", "keyset contacts: made", "keyset codes: made", "system administrator: key "} {
		if !strings.Contains(report, line) {
			t.Errorf("the report lacks %q: %s", line, report)
		}
	}
	if _, text := keyIn(t, file); strings.Contains(report, text) || strings.Contains(report, "tfk_") {
		t.Error("the report holds the key")
	}
}

func TestAnotherRunChangesNothing(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	install(t, a, file)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keysets, encrypted := len(a.keysets), a.encrypted
	wrapped := bytes.Clone(a.keysets["sign"])
	report := install(t, a, file)
	complete(t, a, file)
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed, %v", err)
	}
	if len(a.keysets) != keysets || a.encrypted != encrypted || !bytes.Equal(wrapped, a.keysets["sign"]) {
		t.Error("keysets were made again")
	}
	if strings.Count(report, "exists, left alone") != len(seal.Purposes()) || !strings.Contains(report, "nothing done") || strings.Contains(report, "tfk_") {
		t.Errorf("report %s", report)
	}
}

// A purpose that a later version adds gets its keyset by running this again.
func TestAMissingKeysetIsAdded(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	install(t, a, file)
	delete(a.keysets, "codes")
	report := install(t, a, file)
	complete(t, a, file)
	if strings.Count(report, ": made") != 1 || !strings.Contains(report, "keyset codes: made") {
		t.Errorf("report %s", report)
	}
}

// However a run is cut off, the next one finishes it: with the key that is in the file.
func TestEveryCrashIsFinishedByTheNextRun(t *testing.T) {
	whole := newAccount()
	install(t, whole, filepath.Join(t.TempDir(), "keys.json"))
	if whole.calls < 8 {
		t.Fatalf("only %d calls to fail", whole.calls)
	}
	for at := 1; at <= whole.calls; at++ {
		for _, persisted := range []bool{false, true} {
			a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
			a.failAt, a.persisted = at, persisted
			report, err := run(a, file)
			if err == nil {
				t.Errorf("call %d failed (persisted %t), and the run says nothing", at, persisted)
			} else if strings.Contains(report+err.Error(), "tfk_") {
				t.Errorf("call %d: a key came out", at)
			}
			var left string
			if _, err := os.Stat(file); err == nil {
				_, left = keyIn(t, file)
			}
			install(t, a, file)
			complete(t, a, file)
			if _, text := keyIn(t, file); left != "" && text != left {
				t.Errorf("call %d (persisted %t): the file's key changed", at, persisted)
			}
		}
	}
}
