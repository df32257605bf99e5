package main

import (
	"strings"
	"testing"
)

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
