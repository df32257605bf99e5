//go:build unix && !linux

package child

import "os/exec"

// start begins cmd below a shell that watches this process, since only Linux has a parent-death signal.
func start(cmd *exec.Cmd) (release func(), err error) { return startWatched(cmd) }
