// Command importusers registers the users of a file, of any size, with an organisation:
//
//	TWOFOLD_KEY=tfk_… go run ./infra/importusers -api https://….amazonaws.com -organization acme -file users.csv
//
// The file is CSV with the header user,email or user,email,otpauth, or NDJSON of objects with these names; one line, one user. It may be
// interrupted and run again: what is done already is unchanged then. Lines that were refused are in a file of their own afterwards, and the
// command ends with 1; with 2 where it could not go on.
//
// The key is an application's or, for lines with otpauth, an administrator's with users:write and users:reset. It is read from the
// environment only: arguments can be seen by others.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"twofold/infra/importusers/upload"
	"twofold/pkg/access"
)

const keyVariable = "TWOFOLD_KEY"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv(keyVariable), os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "importusers:", err)
	}
	os.Exit(status(err))
}

func status(err error) int {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, upload.ErrRefused):
		return 1
	}
	return 2
}

// request is what the flags ask for.
type request struct {
	url, file, refused string
	format             upload.Format
	mails              int
}

var organizations = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$`)

func parse(arguments []string, usage io.Writer) (request, error) {
	var r request
	flags := flag.NewFlagSet("importusers", flag.ContinueOnError)
	flags.SetOutput(usage)
	api := flags.String("api", "", "`address` of the API")
	organization := flags.String("organization", "", "the organisation's `id`")
	flags.StringVar(&r.file, "file", "", "`file` of users, .csv or .ndjson")
	format := flags.String("format", "", "csv or ndjson; empty: what the file's name ends with")
	flags.StringVar(&r.refused, "refused", "", "`file` for refused lines; empty: beside the file, with .refused")
	flags.IntVar(&r.mails, "mails", 10, "`number` of mails a second that users with an authenticator may cause; 0: no limit")
	if err := flags.Parse(arguments); err != nil {
		return request{}, err
	}
	if flags.NArg() > 0 {
		return request{}, errors.New("there are arguments that belong to no flag")
	}
	switch cmp.Or(*format, strings.TrimPrefix(strings.ToLower(filepath.Ext(r.file)), ".")) {
	case "csv":
		r.format = upload.CSV
	case "ndjson", "jsonl":
		r.format = upload.NDJSON
	default:
		return request{}, errors.New("-file must end with .csv or .ndjson, or -format say which it is")
	}
	if r.mails < 0 {
		return request{}, errors.New("-mails is a number, or 0 for no limit")
	}
	if !organizations.MatchString(*organization) {
		return request{}, errors.New("-organization must be an organisation's id")
	}
	address, err := url.Parse(strings.TrimSuffix(*api, "/"))
	if err != nil || !safe(address) {
		return request{}, errors.New("-api must be an https address, or one of this machine: the key is sent there")
	}
	r.url = address.String() + "/v1/organizations/" + *organization + "/imports"
	r.refused = cmp.Or(r.refused, r.file+".refused")
	return r, nil
}

// safe reports whether a key may be sent to an address.
func safe(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func run(ctx context.Context, arguments []string, key string, report io.Writer) error {
	r, err := parse(arguments, report)
	if err != nil {
		return err
	}
	if _, err := access.Parse(key); err != nil {
		return errors.New(keyVariable + " must hold an API key")
	}
	file, err := os.Open(r.file)
	if err != nil {
		return err
	}
	defer file.Close()
	u := upload.Upload{
		Client: upload.Client{
			URL: r.url, Key: key, Format: r.format, HTTP: client(), Wait: wait,
			Note: func(what string, pause time.Duration) {
				fmt.Fprintf(report, "waiting %s: %s\n", pause.Round(time.Second), what)
			},
		},
		Progress: report, Refusals: &upload.Refusals{Path: free(r.refused)}, Now: time.Now, Mails: r.mails,
	}
	t, err := u.Run(ctx, file)
	if closed := u.Refusals.Close(); err == nil {
		err = closed
	}
	if t.Refused > 0 {
		fmt.Fprintf(report, "refused lines are in %s, and why in %s\n", u.Refusals.Path, u.Refusals.ReasonsPath())
	}
	if err != nil && !errors.Is(err, upload.ErrRefused) {
		err = fmt.Errorf("%w (%s; run it again to go on)", err, t)
	}
	return err
}

// free is a path that nothing has: lines that were refused before may be under correction.
func free(path string) string {
	candidate := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(candidate); errors.Is(err, os.ErrNotExist) {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", path, n)
	}
}

// client follows no redirect: the key goes where it was meant to go.
func client() *http.Client {
	return &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
