package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine says what this was measured on. Where Linux does not tell, it says less.
func machine() string {
	line := fmt.Sprintf("%s %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if model := field("/proc/cpuinfo", "model name"); model != "" {
		line += ", " + model
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		line += ", load before " + strings.Fields(string(load))[0]
	}
	return line + "; DynamoDB Local in memory, on the same processors"
}

// field is the value of the first line of a name in a file of /proc; empty where there is none.
func field(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
