package browser

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// axe-core is Deque's engine of accessibility rules. Its licence is MPL-2.0, so it is fetched and not kept here.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
	// axeTimeout bounds the fetching, three megabytes.
	axeTimeout = 3 * time.Minute
)

// ErrNoAxe says how to get what is missing.
var ErrNoAxe = errors.New("axe-core is missing and cannot be fetched; npm fetches it once (Debian: apt-get install npm)")

var axeSource = sync.OnceValues(func() (string, error) {
	folder, err := build("axe-npm")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), axeTimeout)
	defer cancel()
	text, err := axe(ctx, folder)
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != axeSum {
		return "", fmt.Errorf("browser: axe.min.js below %s is not that of axe-core %s: remove the folder", folder, axeVersion)
	}
	return string(text), nil
})

// axe reads the engine, and fetches it first where it is not there. Processes that do so at the same time wait for each other.
func axe(ctx context.Context, folder string) ([]byte, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	lock, err := locked(filepath.Join(folder, "lock"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	home := filepath.Join(folder, axeVersion)
	name := filepath.Join(home, "node_modules", "axe-core", "axe.min.js")
	text, err := os.ReadFile(name)
	if !errors.Is(err, os.ErrNotExist) {
		return text, err
	}
	if err := install(ctx, home); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

func install(ctx context.Context, home string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return ErrNoAxe
	}
	cmd := exec.CommandContext(ctx, npm, "install", "--prefix", home, "--silent", "--no-fund", "--no-audit", "--ignore-scripts", "axe-core@"+axeVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: npm: %w\n%s", ErrNoAxe, err, bytes.TrimSpace(out))
	}
	return nil
}
