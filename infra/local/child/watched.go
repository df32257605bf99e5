package child

import (
	"fmt"
	"os/exec"
	"syscall"
)

// watcher runs its arguments and kills its whole group when its standard input ends, which happens when the process
// that holds the other end of the pipe is no more.
const watcher = `exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(cat <&3 >/dev/null; kill -9 0) >/dev/null 2>&1 &
exec 3<&-
wait $program`

// startWatched begins cmd below the watcher. Its group is the watcher's, so a signal to the group reaches it.
// It serves systems without a parent-death signal and is compiled everywhere so that it is tested everywhere.
func startWatched(cmd *exec.Cmd) (release func(), err error) {
	if cmd.Err != nil {
		return nil, cmd.Err
	}
	cmd.Args = append([]string{"sh", "-c", watcher, "sh", cmd.Path}, cmd.Args[1:]...)
	if cmd.Path, err = exec.LookPath("sh"); err != nil {
		return nil, fmt.Errorf("child: %w", err)
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("child: %w", err)
	}
	return func() { _ = pipe.Close() }, cmd.Start()
}
