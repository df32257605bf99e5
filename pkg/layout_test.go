// Package pkg_test holds the repository to its layout (design §10): what lies where, what may import
// what, and why. A rule that is broken fails with its reason.
package pkg_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// atTheTop is all that the repository's root holds.
var atTheTop = strings.Fields("functions pkg infra docs .ci template.yaml samconfig.toml go.mod go.sum Makefile README.md LICENSE .gitignore")

// ignored are the names that git passes over: its own folder and what .gitignore lists.
func ignored(t *testing.T, root string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	patterns := []string{".git"}
	for line := range strings.Lines(string(text)) {
		patterns = append(patterns, strings.Trim(strings.TrimSpace(line), "/"))
	}
	return patterns
}

func TestTheTopLevelHoldsWhatTheDesignNames(t *testing.T) {
	root := repository(t)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	passed := ignored(t, root)
	for _, e := range entries {
		skip := slices.ContainsFunc(passed, func(pattern string) bool { matched, _ := path.Match(pattern, e.Name()); return matched })
		if !skip && !slices.Contains(atTheTop, e.Name()) {
			t.Errorf("%s lies at the top level: design §10 names all that may; put it below functions, pkg, infra or docs", e.Name())
		}
	}
}

func TestEveryPackageHasOneComment(t *testing.T) {
	commented := map[string][]string{} // by folder, the files with a package comment
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if _, seen := commented[s.folder]; !seen {
			commented[s.folder] = nil
		}
		if s.doc == "" {
			continue
		}
		commented[s.folder] = append(commented[s.folder], s.path)
		if s.name != "main" && !strings.HasPrefix(s.doc, "Package "+s.name+" ") {
			t.Errorf("%s: the package comment does not begin with \"Package %s\", so godoc shows another", s.path, s.name)
		}
	}
	for folder, files := range commented {
		if len(files) != 1 {
			t.Errorf("%s has %d package comments %v: exactly one says what the package is for and what it may not do", folder, len(files), files)
		}
	}
}

func TestNoPackageIsADrawer(t *testing.T) {
	drawers := strings.Fields("util utils common helper helpers types misc shared base")
	for _, s := range sources(t) {
		name := strings.TrimSuffix(s.name, "_test")
		if slices.Contains(drawers, name) || slices.Contains(drawers, path.Base(s.folder)) {
			t.Errorf("%s: package %s says nothing of what it holds; names are domain nouns", s.path, name)
		}
	}
}

// A function's main is configuration, adapters, handler, start: what does not fit 50 lines is a rule in the wrong place.
func TestMainsAreShort(t *testing.T) {
	root := repository(t)
	folders, err := filepath.Glob(filepath.Join(root, "functions", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		text, err := os.ReadFile(filepath.Join(folder, "main.go"))
		if err != nil {
			t.Errorf("functions/%s: every folder here is one function with a main.go: %v", filepath.Base(folder), err)
			continue
		}
		if lines := bytes.Count(text, []byte("\n")); lines > 50 {
			t.Errorf("functions/%s/main.go has %d lines, more than 50: move rules to a workflow, wiring to boot", filepath.Base(folder), lines)
		}
	}
}
