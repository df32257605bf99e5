package fetch

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/exports.md gives to whoever wants none of our code is what this runs: openssl and python agree with us, and find what was tampered with.
func TestTheStepsByHand(t *testing.T) {
	for _, tool := range []string{"bash", "openssl", "python3", "base64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is needed: %v", tool, err)
		}
	}
	text, err := os.ReadFile("../../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh check\n(.*?)```").FindStringSubmatch(string(text))
	if block == nil {
		t.Fatal("docs/exports.md has no steps")
	}
	d := deploy(t)
	d.lines = d.lines[:5]
	f, _, _ := d.fetch()
	if _, err := f.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(f.Files.Path)
	script := filepath.Join(folder, "check.sh")
	write(t, script, []byte(block[1]))
	check := func() (string, error) {
		c := exec.CommandContext(t.Context(), "bash", script, f.Files.Path)
		c.Dir = folder
		said, err := c.CombinedOutput()
		return string(said), err
	}
	if said, err := check(); err != nil || strings.Count(said, "Verified OK") != 3 || !strings.HasSuffix(said, "whole\n") {
		t.Errorf("%v: %s", err, said)
	}
	pages, _ := os.ReadFile(f.Files.Path)
	lines, _ := os.ReadFile(f.Files.Path + signatures)
	half := strings.SplitAfter(string(lines), "\n")
	for name, c := range map[string][2]string{
		"edited": {strings.Replace(string(pages), "cy", "di", 1), string(lines)}, "the last left out": {string(pages[:24]), strings.Join(half[:2], "")},
		"one left out": {string(pages[:15]) + string(pages[24:]), half[0] + half[2]}, "more": {string(pages) + "\n", string(lines)},
	} {
		write(t, f.Files.Path, []byte(c[0]))
		write(t, f.Files.Path+signatures, []byte(c[1]))
		if said, err := check(); err == nil || strings.HasSuffix(said, "whole\n") {
			t.Errorf("%s: taken for whole: %s", name, said)
		}
	}
}
