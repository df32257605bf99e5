package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestAdviceOnPortsInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = net.Listen("tcp", taken.Addr().String())
	said := advised(fmt.Errorf("stack: %w", err))
	if !errors.Is(said, err) || !strings.Contains(said.Error(), "-port") || !strings.Contains(said.Error(), "-mail-port") {
		t.Errorf("a port in use: %v", said)
	}
	if other := errors.New("another"); advised(other) != other {
		t.Errorf("another failure: %v", advised(other))
	}
}

func TestPrerequisites(t *testing.T) {
	if err := prerequisites(t.Context(), ""); err != nil {
		t.Errorf("tests run here, so nothing can be missing: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	err := prerequisites(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "java 17") || !strings.Contains(err.Error(), "-dynamodb http://127.0.0.1:8000") {
		t.Errorf("a bare machine: %v", err)
	}
	if err := prerequisites(t.Context(), "http://127.0.0.1:8000"); err == nil || strings.Contains(err.Error(), "java 17") {
		t.Errorf("with a container: %v", err)
	}
}
