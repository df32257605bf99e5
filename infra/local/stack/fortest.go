package stack

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/template"
)

// startTimeout is generous: the functions may have to be compiled, by two processors that do other things too.
const startTimeout = 10 * time.Minute

var built struct {
	sync.Mutex
	done bool
}

// ForTest starts the real functions on a table of their own, in memory, on free ports, and stops them at the end of
// the test. The binaries are compiled once for each test process. It never skips. more changes what it is started with.
func ForTest(t testing.TB, more ...func(*Options)) *Stack {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	built.Lock()
	defer built.Unlock()
	o := Options{Root: root, Bootstrap: "infra/bootstrap", Build: !built.done}
	for _, change := range more {
		change(&o)
	}
	s := startForTest(t, o)
	built.done = true
	return s
}

// startForTest adds to o what all tests want.
func startForTest(t testing.TB, o Options) *Stack {
	t.Helper()
	logs := &buffer{}
	o.InMemory, o.Logs = true, logs
	o.DynamoDB, o.TableName = dynamodb.ForTest(t), "stack-"+rand.Text()
	o.DataDir = filepath.Join(t.TempDir(), "data")
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s, err := Start(ctx, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, logs)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("what the stack printed:\n%s", logs)
		}
	})
	return s
}
