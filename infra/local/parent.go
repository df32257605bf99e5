package main

import (
	"os"
	"time"
)

// stopWithParent calls stop when the process that started this one is gone. `go run` dies of a SIGTERM without passing
// it on, and the stack would stay behind with its ports taken.
func stopWithParent(stop func()) {
	parent := os.Getppid()
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	stop()
}
