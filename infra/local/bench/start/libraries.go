package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"twofold/infra/local/template"
)

// cost is what one library adds to a function.
type cost struct {
	initMicros float64 // of its packages' initialization, before main
	bytes      float64 // of its code
}

// libraries prints what each library costs each function, largest first, those that cost next to nothing left out.
func libraries(ctx context.Context, functions []string) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "twofold-bench-libraries-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, name := range functions {
		binary := filepath.Join(folder, name)
		build := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-o", binary, "./functions/"+name)
		build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		costs := map[string]cost{}
		if err := inits(ctx, binary, costs); err != nil {
			return err
		}
		if err := sizes(ctx, binary, costs); err != nil {
			return err
		}
		printCosts(name, costs)
	}
	return nil
}

func printCosts(function string, costs map[string]cost) {
	fmt.Printf("\n%s\n\n| library | init, µs | code, KiB |\n| --- | ---: | ---: |\n", function)
	var names []string
	for name, c := range costs {
		if c.initMicros >= 20 || c.bytes >= 128<<10 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(costs[b].bytes, costs[a].bytes) })
	for _, name := range names {
		fmt.Printf("| %s | %.0f | %.0f |\n", name, costs[name].initMicros, costs[name].bytes/1024)
	}
}

// traces is how often a binary is started to learn what its initialization takes.
const traces = 20

var initLine = regexp.MustCompile(`^init (\S+) @\S+ ms, (\S+) ms clock`)

// inits starts the binary without an environment, so that it ends as soon as main begins.
func inits(ctx context.Context, binary string, into map[string]cost) error {
	for range traces {
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, binary)
		cmd.Env, cmd.Stderr = []string{"GODEBUG=inittrace=1"}, &out
		_ = cmd.Run() // it cannot start without an environment
		lines := bufio.NewScanner(&out)
		for lines.Scan() {
			found := initLine.FindStringSubmatch(lines.Text())
			if found == nil {
				continue
			}
			took, err := strconv.ParseFloat(found[2], 64)
			if err != nil {
				return err
			}
			c := into[library(found[1])]
			c.initMicros += took * 1000 / traces
			into[library(found[1])] = c
		}
	}
	return nil
}

func sizes(ctx context.Context, binary string, into map[string]cost) error {
	out, err := exec.CommandContext(ctx, "go", "tool", "nm", "-size", binary).Output()
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text()) // address, size, kind, name
		if len(f) < 4 || !strings.EqualFold(f[2], "t") || f[3] == "runtime.text" {
			continue // data has no owner that its name would tell
		}
		size, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			continue
		}
		name := library(packageOf(f[3]))
		c := into[name]
		c.bytes += size
		into[name] = c
	}
	return lines.Err()
}

// packageOf takes the package out of a symbol's name: "type:*a/b.T", "a/b.(*T).M", "go:itab.a/b.T,io.Reader".
func packageOf(symbol string) string {
	for _, prefix := range []string{"type:", "go:itab.", "go:"} {
		symbol = strings.TrimPrefix(symbol, prefix)
	}
	symbol = strings.TrimLeft(symbol, "*[].")
	end := strings.IndexAny(symbol, "([{,")
	if end < 0 {
		end = len(symbol)
	}
	slash := strings.LastIndexByte(symbol[:end], '/') + 1
	if dot := strings.IndexByte(symbol[slash:end], '.'); dot >= 0 {
		return symbol[:slash+dot]
	}
	return symbol[:end]
}

// library is the module that a package belongs to, in a few words.
func library(pkg string) string {
	parts := strings.Split(pkg, "/")
	switch {
	case parts[0] == "twofold" || parts[0] == "main":
		return "Twofold"
	case !strings.Contains(parts[0], "."):
		return "Go's own (with runtime, net/http, crypto)"
	case strings.HasPrefix(pkg, "github.com/aws/aws-sdk-go-v2/service/") && len(parts) > 4:
		return "aws-sdk-go-v2 " + parts[4]
	case len(parts) > 2 && strings.HasPrefix(pkg, "github.com/"):
		return parts[2]
	}
	return strings.Join(parts[:min(2, len(parts))], "/")
}
