package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Lambda gives one vCPU at 1,769 MB and less in proportion, by a quota in each period:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const (
	memoryMB      = 256
	oneProcessor  = 1769 // MB
	periodMicros  = 20_000
	quotaMicros   = periodMicros * memoryMB / oneProcessor
	controllersV1 = "/sys/fs/cgroup/cpu"
	controllersV2 = "/sys/fs/cgroup"
)

// share is a control group in which processes get the share of 256 MB.
type share struct{ folder string }

var errNoShare = errors.New("no control group can be made here (it takes root, and Linux's cpu controller)")

func newShare() (*share, error) {
	for _, c := range []struct {
		parent string
		limits map[string]string
	}{
		{controllersV1, map[string]string{"cpu.cfs_period_us": fmt.Sprint(periodMicros), "cpu.cfs_quota_us": fmt.Sprint(quotaMicros)}},
		{controllersV2, map[string]string{"cpu.max": fmt.Sprintf("%d %d", quotaMicros, periodMicros)}},
	} {
		folder := filepath.Join(c.parent, fmt.Sprintf("twofold-bench-%d", os.Getpid()))
		if os.Mkdir(folder, 0o755) != nil {
			continue
		}
		s := &share{folder}
		if s.limit(c.limits) == nil {
			return s, nil
		}
		s.close()
	}
	return nil, errNoShare
}

// limit writes to files that the kernel made: where the controller is missing they are not there, and nothing is created.
func (s *share) limit(limits map[string]string) error {
	for name, value := range limits {
		file, err := os.OpenFile(filepath.Join(s.folder, name), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString(value)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// take moves a process, with all its threads, into the group.
func (s *share) take(pid int) error {
	return s.limit(map[string]string{"cgroup.procs": strconv.Itoa(pid)})
}

// close removes the group; its processes must be gone.
func (s *share) close() { _ = os.Remove(s.folder) }
