// Command auditcheck checks an export of an organisation's audit against a checkpoint, offline: it needs the two and the log's key, which you noted
// down before, and neither Twofold nor a network. It names the first event that was changed, removed, inserted or moved.
//
//	go run ./infra/auditcheck -key 'auth.example/audit/acme+1a2b3c4d+AX…' -checkpoint checkpoint.txt entries.ndjson…
//
// A file holds entries as the operations get-audit-entries and get-system-audit-entries give them: one after the other, or whole answers.
// A checkpoint is a signed note, or such an answer. -earlier is a checkpoint that you kept before: the log must
// have grown from it. Without -part, the files must hold the whole log from its first entry, in its order; with it, a stretch of it.
//
// Where the organisation does not keep its audit for ever, -since is from when on it does (RFC 3339; kept_since of the answers, which must be what its
// policy says): before it, entries may be without their events. Their hashes are still proven.
//
// It ends with 0 where all is proven, with 1 where something is not, and with 2 where it could not check.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"twofold/infra/auditcheck/check"
)

func main() {
	verdict, err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "auditcheck:", err)
		os.Exit(2)
	case !verdict:
		os.Exit(1)
	}
}

type request struct {
	key, checkpoint, earlier string
	part                     bool
	since                    time.Time
	files                    []string
}

func parse(arguments []string, usage io.Writer) (request, error) {
	var r request
	flags := flag.NewFlagSet("auditcheck", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&r.key, "key", "", "the log's `key`, as you noted it down")
	flags.StringVar(&r.checkpoint, "checkpoint", "", "`file` with the checkpoint that the export was made for")
	flags.StringVar(&r.earlier, "earlier", "", "`file` with a checkpoint that you kept before")
	flags.BoolVar(&r.part, "part", false, "the files hold a stretch of the log")
	flags.Func("since", "the `time` from which on the organisation keeps its audit", func(text string) (err error) {
		r.since, err = time.Parse(time.RFC3339, text)
		return err
	})
	if err := flags.Parse(arguments); err != nil {
		return r, err
	}
	r.files = flags.Args()
	if r.key == "" || r.checkpoint == "" || len(r.files) == 0 {
		return r, errors.New("-key, -checkpoint and a file of entries are needed")
	}
	return r, nil
}

// run reports whether all is proven.
func run(arguments []string, out, usage io.Writer) (bool, error) {
	r, err := parse(arguments, usage)
	if err != nil {
		return false, err
	}
	export := check.Export{Key: r.key, Part: r.part, Since: r.since}
	if export.Checkpoint, err = note(r.checkpoint); err != nil {
		return false, err
	}
	if r.earlier != "" {
		if export.Earlier, err = note(r.earlier); err != nil {
			return false, err
		}
	}
	for _, file := range r.files {
		content, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		if export.Entries, err = check.Read(export.Entries, content); err != nil {
			return false, fmt.Errorf("%s: %w", file, err)
		}
	}
	finding, err := export.Check()
	if err != nil {
		return false, err
	}
	fmt.Fprintln(out, finding)
	return finding.Proven(), nil
}

func note(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return check.Note(content), nil
}
