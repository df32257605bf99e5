package child

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets this binary play the parent that dies: see TestChildDiesWithItsParent.
func TestMain(m *testing.M) {
	if how := os.Getenv("TWOFOLD_CHILD_TEST_PARENT"); how != "" {
		actParent(how)
	}
	os.Exit(m.Run())
}

// actParent starts a program that itself starts another one, prints the process ids and waits to be killed.
func actParent(how string) {
	cmd := exec.Command("sh", "-c", "sleep 600 & echo $$ $!; wait")
	cmd.Stdout = os.Stdout
	var err error
	if how == "watched" {
		if _, err = startWatched(cmd); err == nil {
			err = cmd.Wait()
		}
	} else {
		var p *Process
		if p, err = Start(cmd); err == nil {
			err = p.Err()
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func TestChildDiesWithItsParent(t *testing.T) {
	for _, how := range []string{"start", "watched"} {
		t.Run(how, func(t *testing.T) {
			parent := exec.Command(os.Args[0])
			parent.Env = append(os.Environ(), "TWOFOLD_CHILD_TEST_PARENT="+how)
			out, err := parent.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			program, _ := readIDs(t, out)
			if err := parent.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = parent.Wait() // "signal: killed"
			awaitGone(t, program)
		})
	}
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	for _, script := range []string{
		"sleep 600 & echo $$ $!; wait",
		"trap '' TERM; sleep 600 & echo $$ $!; while :; do wait; done", // deaf to a polite request
	} {
		cmd := exec.Command("sh", "-c", script)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		p, err := Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		program, grandchild := readIDs(t, out)
		p.Stop(200 * time.Millisecond)
		p.Stop(0) // a second time does no harm
		awaitGone(t, program)
		awaitGone(t, grandchild)
	}
}

func TestErrSaysHowItEnded(t *testing.T) {
	p, err := Start(exec.Command("sh", "-c", "exit 3"))
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := p.Err(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Fatalf("got %v, want exit code 3", err)
	}
}

func TestStartOfNothing(t *testing.T) {
	if _, err := Start(exec.Command("/nonexistent/program")); err == nil {
		t.Fatal("no error")
	}
}

// readIDs reads the line with the ids of the program and of what it started.
func readIDs(t *testing.T, out io.Reader) (program, grandchild int) {
	t.Helper()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(line)
	if len(fields) != 2 {
		t.Fatalf("unexpected line %q", line)
	}
	if program, err = strconv.Atoi(fields[0]); err != nil {
		t.Fatal(err)
	}
	if grandchild, err = strconv.Atoi(fields[1]); err != nil {
		t.Fatal(err)
	}
	return program, grandchild
}

// awaitGone waits until no running process has the id. A dead process that nobody has waited for yet counts as gone:
// whether its adopter collects it is not ours to say.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if err := syscall.Kill(pid, 0); err == syscall.ESRCH {
			return
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Fatalf("process %d is still running", pid)
}
