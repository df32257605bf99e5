package dynamodb

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const release = "dynamodb-local-3.3.1"

//go:embed pom.xml
var pom []byte

//go:embed Loopback.java
var launcher []byte

// Missing names what a start needs and this machine lacks; nil when nothing is missing. Maven and the compiler are
// needed only until DynamoDB Local has been fetched.
func Missing(ctx context.Context) []string {
	fetched := false
	if dir, err := cacheDir(); err == nil {
		_, err = os.Stat(dir)
		fetched = err == nil
	}
	var missing []string
	modules, err := exec.CommandContext(ctx, "java", "--list-modules").Output()
	switch {
	case err != nil, older(string(modules), 17):
		missing = append(missing, "java 17 or later (a JDK)")
	case !fetched && !strings.Contains(string(modules), "jdk.compiler@"):
		missing = append(missing, "a JDK: the java that was found has no compiler")
	}
	if _, err := exec.LookPath("mvn"); err != nil && !fetched {
		missing = append(missing, "mvn (Maven), to fetch DynamoDB Local once")
	}
	return missing
}

// older compares the version in a line such as "java.base@17.0.15".
func older(modules string, want int) bool {
	_, version, found := strings.Cut(modules, "java.base@")
	var major int
	if !found {
		return true
	}
	if _, err := fmt.Sscanf(version, "%d", &major); err != nil {
		return true
	}
	return major < want
}

// cacheDir is where the jars are kept between runs. What they were made from is part of the name, so that a changed
// recipe never meets an old result.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("dynamodb: no cache folder: %w", err)
	}
	recipe := sha256.Sum256(append(append([]byte{}, pom...), launcher...))
	return filepath.Join(base, "twofold", release+"-"+hex.EncodeToString(recipe[:4])), nil
}

// fetch returns the folder with DynamoDB Local's jars and the compiled launcher; it fills it first where it does not
// exist, about 50 MB through Maven. Processes that do so at the same time wait for each other, and the folder appears
// only when it is complete.
func fetch(ctx context.Context) (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("dynamodb: %w", err)
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", fmt.Errorf("dynamodb: %w", err)
	}
	defer lock.Close() // which also lets go of the lock, as does the end of the process
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("dynamodb: locking the cache: %w", err)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("dynamodb: %w", err)
	}
	return dir, fill(ctx, dir)
}

// fill makes dir from the recipe in a folder beside it and renames that at the end.
func fill(ctx context.Context, dir string) error {
	work, err := os.MkdirTemp(filepath.Dir(dir), release+"-fetch-*")
	if err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	defer os.RemoveAll(work)
	lib := filepath.Join(work, "lib")
	for name, content := range map[string][]byte{"pom.xml": pom, "Loopback.java": launcher} {
		if err := os.WriteFile(filepath.Join(work, name), content, 0o644); err != nil {
			return fmt.Errorf("dynamodb: %w", err)
		}
	}
	if err := run(ctx, work, "mvn", "-q", "-B",
		"org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
		"-DoutputDirectory="+lib, "-DincludeScope=runtime"); err != nil {
		return err
	}
	jars, err := filepath.Glob(filepath.Join(lib, "*.jar")) // the compiler's module takes no "*" itself
	if err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	if err := run(ctx, work, "java", "--module", "jdk.compiler/com.sun.tools.javac.Main",
		"-cp", strings.Join(jars, string(filepath.ListSeparator)), "-d", lib, "Loopback.java"); err != nil {
		return err
	}
	if err := os.Rename(lib, dir); err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	return nil
}

func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("dynamodb: %s: %w\n%s", name, err, tail(out, 2000))
	}
	return nil
}

func tail(out []byte, n int) []byte {
	return out[max(0, len(out)-n):]
}
