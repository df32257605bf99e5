package stack

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// binaries names the variable that makes this test binary play the process that dies; see TestNothingOutlivesItsParent.
const binaries = "TWOFOLD_STACK_TEST_BINARIES"

func TestMain(m *testing.M) {
	if dir := os.Getenv(binaries); dir != "" {
		fmt.Println(actParent(dir))
		select {} // to be killed
	}
	os.Exit(m.Run())
}

// actParent runs a whole stack with a DynamoDB Local of its own and with instances of two functions. It answers
// "running", or what went wrong.
func actParent(dir string) string {
	root := os.Getenv("TWOFOLD_STACK_TEST_ROOT")
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s, err := Start(ctx, Options{
		Root: root, Template: filepath.Join(root, "infra/local/stack/testdata/failing.yaml"), BinDir: dir, InMemory: true, Logs: os.Stderr,
	})
	if err != nil {
		return err.Error()
	}
	for _, path := range []string{"/do/pid", "/slow/ok"} {
		res, err := http.Get(s.APIURL + path)
		if err != nil {
			return err.Error()
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return path + ": " + res.Status
		}
	}
	return "running"
}

// TestNothingOutlivesItsParent kills the process that a stack runs in, which leaves it no time to do anything about it:
// the functions' processes and DynamoDB Local's go with it.
func TestNothingOutlivesItsParent(t *testing.T) {
	o := failing(t)
	startForTest(t, o).Stop() // for its binaries
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), binaries+"="+o.BinDir, "TWOFOLD_STACK_TEST_ROOT="+o.Root)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill() }) // where the test ends early
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "running\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	before := descendants(t, parent.Process.Pid)
	var programs []string
	for _, p := range before {
		programs = append(programs, p.program)
	}
	slices.Sort(programs)
	if java := slices.Contains(programs, "java"); !java || len(programs) < 3 {
		t.Fatalf("below the stack run %q; two functions and java are wanted", programs)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // "signal: killed"
	await(t, func() bool {
		return !slices.ContainsFunc(processes(t), func(p process) bool { return slices.Contains(before, p) })
	})
}

// process is one that runs. The program makes a stranger with the same id improbable.
type process struct {
	id, parent int
	program    string
}

// processes lists all that run; those that are dead and that nobody has waited for yet do not. The parent is left out of
// what it returns, since it changes when a parent dies.
func processes(t *testing.T) []process {
	t.Helper()
	list := table(t)
	for i := range list {
		list[i].parent = 0
	}
	return list
}

func descendants(t *testing.T, of int) []process {
	t.Helper()
	all := table(t)
	family := map[int]bool{of: true}
	var found []process
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if family[p.parent] && !family[p.id] {
				family[p.id], grown = true, true
				found = append(found, process{id: p.id, program: p.program})
			}
		}
	}
	return found
}

// table reads /proc, and asks ps where there is none.
func table(t *testing.T) []process {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, name := range names {
		// 17 (name of the program) S 1 …; an error is a process that has ended meanwhile.
		if text, err := os.ReadFile(name); err == nil {
			before, after, _ := strings.Cut(string(text), " (")
			program, rest, _ := strings.Cut(after, ") ")
			if fields := strings.Fields(rest); len(fields) > 1 {
				lines = append(lines, before+" "+fields[1]+" "+fields[0]+" "+program)
			}
		}
	}
	if len(names) == 0 {
		out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "stat=", "-o", "comm=").Output()
		if err != nil {
			t.Fatal(err)
		}
		lines = strings.Split(string(out), "\n")
	}
	var list []process
	for _, line := range lines {
		var p process
		var state string
		if _, err := fmt.Sscan(line, &p.id, &p.parent, &state, &p.program); err == nil && !strings.HasPrefix(state, "Z") {
			p.program = filepath.Base(p.program)
			list = append(list, p)
		}
	}
	return list
}
