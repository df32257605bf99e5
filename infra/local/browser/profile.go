package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"twofold/infra/local/template"
)

// build is where things lie that tests fetch and leave behind.
func build(parts ...string) (string, error) {
	root, err := template.Root()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{root, ".build"}, parts...)...), nil
}

// newProfile makes the folder that Chromium wants. Chromium ends with the test process, however that ends, and then nobody is left to remove it: the next
// process does. A lock tells whose process lives.
func newProfile() (string, error) {
	all, err := build("chromium")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(all, 0o700); err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	one, err := locked(filepath.Join(all, "one-at-a-time"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer one.Close()
	if err := sweep(all); err != nil {
		return "", err
	}
	profile, err := os.MkdirTemp(all, "profile-*")
	if err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	mine, err := locked(profile+lockSuffix, syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	held = append(held, mine)
	return profile, nil
}

const lockSuffix = ".lock"

// held are the locks of this process: a file that nobody refers to is closed at some time, and its lock is gone.
var held []*os.File

// sweep removes the profiles of processes that are no more.
func sweep(all string) error {
	locks, err := filepath.Glob(filepath.Join(all, "profile-*"+lockSuffix))
	if err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	for _, name := range locks {
		file, err := locked(name, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // in use
		}
		err = os.RemoveAll(strings.TrimSuffix(name, lockSuffix))
		if err == nil {
			err = os.Remove(name)
		}
		file.Close()
		if err != nil {
			return fmt.Errorf("browser: %w", err)
		}
	}
	return nil
}

// locked opens a file and locks it; closing it, or the end of the process, lets go.
func locked(name string, how int) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), how); err != nil {
		file.Close()
		return nil, fmt.Errorf("browser: locking %s: %w", name, err)
	}
	return file, nil
}
