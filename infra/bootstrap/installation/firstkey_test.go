package installation

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"twofold/pkg/access"
)

func TestALostFileIsRefused(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	install(t, a, file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := run(a, file); !errors.Is(err, errFileLost) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) || len(a.keys) != 1 {
		t.Errorf("%d keys, file: %v", len(a.keys), err)
	}
}

// Whoever deletes the mark alone, because every key is lost, is told what else stands in the way, and is given no key that opens nothing.
func TestAnAdministratorWhoIsThereKeepsTheKey(t *testing.T) {
	a, dir := newAccount(), t.TempDir()
	install(t, a, filepath.Join(dir, "keys.json"))
	a.mark = Mark{}
	if _, err := run(a, filepath.Join(dir, "other.json")); !errors.Is(err, errHolderThere) || len(a.keys) != 1 || a.mark.Issued {
		t.Fatalf("got %v, %d keys, %+v", err, len(a.keys), a.mark)
	}
	delete(a.holders, firstHolder)
	if _, err := run(a, filepath.Join(dir, "other.json")); err != nil || len(a.keys) != 2 || !a.mark.Issued {
		t.Errorf("got %v, %d keys", err, len(a.keys))
	}
}

// A revoked first key, its item tidied away, must not come back because its file is still there.
func TestAnIssuedKeyIsNeverStoredAgain(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	install(t, a, file)
	clear(a.keys)
	install(t, a, file)
	if len(a.keys) != 0 {
		t.Error("the key is back")
	}
}

func TestAnotherInstallationsKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.json"), filepath.Join(dir, "second.json")
	a, b := newAccount(), newAccount()
	install(t, a, first)
	install(t, b, second)
	before := a.keys
	if _, err := run(a, second); !errors.Is(err, errOtherFile) {
		t.Errorf("another key's file: %v", err)
	}
	if len(a.keys) != len(before) {
		t.Error("another key was stored")
	}

	// A test installation's file given to a new one, under another KMS key.
	raw, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.json")
	if err := os.WriteFile(foreign, []byte(strings.Replace(string(raw), "111122223333", "444455556666", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := newAccount()
	if _, err := run(fresh, foreign); !errors.Is(err, errOtherFile) || len(fresh.keys) != 0 || fresh.mark != (Mark{}) {
		t.Errorf("%d keys, mark %+v, %v", len(fresh.keys), fresh.mark, err)
	}
}

func TestABrokenFileIsRefusedAndKept(t *testing.T) {
	system, text := access.NewKey(access.SystemAdministrator, now)
	reader, readers := access.NewKey(access.Reader, now)
	with := func(id, key string) string {
		return `{"system_admin":{"id":"` + id + `","key":"` + key + `"},"installation":"` + keyARN + `"}`
	}
	good := with(system.ID, text)
	for name, content := range map[string]string{
		"empty": "", "cut off": good[:60], "no JSON": "tfk_canary", "something after it": good + "{}", "another shape": `{"admin":{}}`,
		"another role": with(reader.ID, readers), "another id": with(reader.ID, text), "a typing error": with(system.ID, text[:len(text)-1]+"x"),
		"no key": with(system.ID, ""),
	} {
		a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := run(a, file)
		if !errors.Is(err, errKeyFile) || len(a.keys) != 0 || a.mark != (Mark{}) {
			t.Errorf("%s: %d keys, mark %+v, %v", name, len(a.keys), a.mark, err)
		} else if strings.Contains(report+err.Error(), "tfk_") {
			t.Errorf("%s: the file's content came out", name)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != content {
			t.Errorf("%s: the file changed, %v", name, err)
		}
	}
}

func TestAFileThatCannotBeMadeClaimsNothing(t *testing.T) {
	dir := t.TempDir()
	dangling := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "elsewhere.json"), dangling); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "missing", "keys.json"), dir, dangling} {
		a := newAccount()
		if _, err := run(a, file); err == nil || len(a.keys) != 0 || a.mark != (Mark{}) {
			t.Errorf("%s: %d keys, mark %+v, %v", file, len(a.keys), a.mark, err)
		}
	}
}

// Runs on several machines at once issue one key between them, and only the winner's file stays.
func TestRunsAtOnceIssueOneKey(t *testing.T) {
	a, dir := newAccount(), t.TempDir()
	files, errs := make([]string, 20), make([]error, 20)
	var wait sync.WaitGroup
	start := make(chan struct{})
	for n := range files {
		files[n] = filepath.Join(dir, string(rune('a'+n)))
		wait.Go(func() {
			<-start
			_, errs[n] = run(a, files[n])
		})
	}
	close(start)
	wait.Wait()
	var winner string
	for n, file := range files {
		_, err := os.Stat(file)
		if (err == nil) != (errs[n] == nil) {
			t.Errorf("run %d: %v, its file: %v", n, errs[n], err)
		}
		if errs[n] == nil {
			winner = file
		}
	}
	complete(t, a, winner)
}

func TestRunsAtOnceOnOneFileIssueOneKey(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	var wait sync.WaitGroup
	for range 20 {
		// One that reads the file half written, or finds it made meanwhile, may refuse.
		wait.Go(func() { _, _ = run(a, file) })
	}
	wait.Wait()
	install(t, a, file)
	complete(t, a, file)
}

// Whoever loses the race without having made its file leaves the file alone.
func TestAnOvertakenOldFileIsKept(t *testing.T) {
	a, file := newAccount(), filepath.Join(t.TempDir(), "keys.json")
	a.failAt = newCallsUntilClaim(t)
	if _, err := run(a, file); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	_, text := keyIn(t, file)
	other := filepath.Join(t.TempDir(), "other.json")
	install(t, a, other)
	if _, err := run(a, file); !errors.Is(err, errOtherFile) {
		t.Errorf("got %v", err)
	}
	if _, after := keyIn(t, file); after != text {
		t.Error("the file changed")
	}
	complete(t, a, other)
}

// newCallsUntilClaim counts the calls of a whole run up to the claim: the last three are claim, create, issued.
func newCallsUntilClaim(t *testing.T) int {
	t.Helper()
	whole := newAccount()
	install(t, whole, filepath.Join(t.TempDir(), "keys.json"))
	return whole.calls - 2
}
