// Package child runs the processes that the local stack is made of, and makes sure that none outlives the process
// that started it. It knows nothing of what it runs. It may not be used by anything that is deployed.
package child

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Process is one running program with everything it started itself.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs cmd in a process group of its own. On Linux the kernel kills it when this process dies in whatever way;
// elsewhere a small shell waits for the death of this process and then does the same.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("child: %w", err)
	}
	return p, nil
}

// run keeps its thread to itself until the program has ended: Linux sends the parent-death signal when the thread
// that started a child ends, and Go ends idle threads as it likes.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	release, err := start(p.cmd)
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	p.signal(syscall.SIGKILL) // whatever it started itself must not outlive it
	release()
	close(p.done)
}

// Done is closed when the program has ended; Err may be called from then on.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the program ended, nil for exit code zero. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// PID is the process id, which is also that of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks the whole group to end, kills it after grace and returns when the program has ended. It may be called
// more than once.
func (p *Process) Stop(grace time.Duration) {
	select {
	case <-p.done:
		return
	default:
	}
	if grace > 0 {
		p.signal(syscall.SIGTERM)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.done:
		case <-timer.C:
		}
	}
	select {
	case <-p.done:
	default:
		p.signal(syscall.SIGKILL)
		<-p.done
	}
}

// signal reaches the whole group. It is never called once the end of the program is old news, because the group's id
// may belong to a stranger by then.
func (p *Process) signal(s syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, s) // ESRCH: already gone, which is what was wanted
}
