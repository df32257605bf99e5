// Command export fetches a report as a file that can be checked, and checks it:
//
//	TWOFOLD_KEY=tfk_… go run ./infra/export -api https://….amazonaws.com -organization acme -out acme.csv
//	go run ./infra/export -verify -out acme.csv
//
// The first follows the pages to the last, verifies the signature of each and that none is missing, and leaves acme.csv, acme.csv.jws with
// the pages' signatures and acme.csv.jwks.json with the keys. The second needs nothing but these, and no network. What is not whole and right ends with .part.
//
// It ends with 0 if all is as it should be, with 1 where a page is not, which it names, and with 2 where it could not find out. The key is a reader's, or an
// administrator's with reports:read; it comes from the environment or a file (-key-file), never from an argument, which others can see.
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

	"twofold/infra/export/fetch"
	"twofold/pkg/access"
	"twofold/pkg/export"
)

const keyVariable = "TWOFOLD_KEY"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv(keyVariable), os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "export:", err)
	}
	os.Exit(status(err))
}

func status(err error) int {
	var flaw export.Flaw
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &flaw):
		return 1
	}
	return 2
}

// request is what the flags ask for.
type request struct {
	pages, keys            *url.URL // nil: only to verify
	organization           string
	files                  fetch.Files
	keyFile, verifyingKeys string
}

var (
	organizations = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$`)
	reports       = regexp.MustCompile(`^[a-z][a-z/-]*$`)
)

func parse(arguments []string, usage io.Writer) (request, error) {
	var r request
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(usage)
	api := flags.String("api", "", "`address` of the API")
	flags.StringVar(&r.organization, "organization", "", "the organisation's `id`")
	all := flags.Bool("all", false, "all organisations, for the vendor's own readers")
	of := flags.String("of", "report", "`what` is exported: the part of the path before /export")
	format := flags.String("format", "", "csv or ndjson; empty: what the file's name ends with")
	query := flags.String("query", "", "what else is asked, such as `sort=email&order=desc`")
	flags.StringVar(&r.files.Path, "out", "", "`file` for the export, or with -verify of one; signatures and keys stand beside it")
	flags.StringVar(&r.keyFile, "key-file", "", "`file` with the API key; empty: it is in "+keyVariable)
	only := flags.Bool("verify", false, "check what is there, without a network")
	flags.StringVar(&r.verifyingKeys, "keys", "", "with -verify, a JWK set `file` from whom you trust; empty: the one beside the export")
	if err := flags.Parse(arguments); err != nil {
		return request{}, err
	}
	if flags.NArg() > 0 {
		return request{}, errors.New("there are arguments that belong to no flag")
	}
	if r.files.Path == "" {
		return request{}, errors.New("-out must name a file")
	}
	if *only {
		return r, nil
	}
	if *all == (r.organization != "") || !*all && !organizations.MatchString(r.organization) {
		return request{}, errors.New("-organization must be an organisation's id, unless it is -all")
	}
	return r.asking(*api, *of, cmp.Or(*format, strings.TrimPrefix(strings.ToLower(filepath.Ext(r.files.Path)), ".")), *query)
}

// asking adds where to ask for what.
func (r request) asking(api, of, format, query string) (request, error) {
	if r.verifyingKeys != "" {
		return request{}, errors.New("-keys goes with -verify")
	}
	if format != string(export.CSV) && format != string(export.NDJSON) {
		return request{}, errors.New("-out must end with .csv or .ndjson, or -format say which it is")
	}
	if !reports.MatchString(of) {
		return request{}, errors.New("-of must be a part of a path")
	}
	values, err := url.ParseQuery(query)
	if err != nil || values.Has("cursor") || values.Has("format") {
		return request{}, errors.New("-query must be a query, without format and cursor")
	}
	values.Set("format", format)
	address, err := url.Parse(strings.TrimSuffix(api, "/"))
	if err != nil || !safe(address) {
		return request{}, errors.New("-api must be an https address, or one of this machine: the key is sent there")
	}
	r.keys = address.JoinPath(".well-known/exports/jwks.json")
	r.pages = address.JoinPath("v1", of, "export")
	if r.organization != "" {
		r.pages = address.JoinPath("v1/organizations", r.organization, of, "export")
	}
	r.pages.RawQuery = values.Encode()
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
	if r.pages == nil {
		chain, err := fetch.Verify(r.files, r.verifyingKeys)
		if err != nil {
			return err
		}
		conclude(report, chain, r.verifyingKeys != "")
		return nil
	}
	if r.keyFile != "" {
		text, err := os.ReadFile(r.keyFile)
		if err != nil {
			return err
		}
		key = strings.TrimSpace(string(text))
	}
	if _, err := access.Parse(key); err != nil {
		return errors.New(keyVariable + " or -key-file must hold an API key")
	}
	f := fetch.Fetch{
		Client: fetch.Client{Key: key, HTTP: client(), Wait: wait, Note: func(what string, pause time.Duration) {
			fmt.Fprintf(report, "waiting %s: %s\n", pause.Round(time.Second), what)
		}},
		Pages: r.pages, Keys: r.keys, Organization: r.organization, Files: r.files, Progress: report, Now: time.Now,
	}
	chain, err := f.Run(ctx)
	var flaw export.Flaw
	if errors.As(err, &flaw) {
		return fmt.Errorf("%w (what came is in %s.part and beside it, for inspection: it is NOT a whole export)", err, r.files.Path)
	}
	if err == nil {
		conclude(report, chain, true)
	}
	return err
}

// conclude says what was verified, and what was not. Told is whether somebody vouches for the keys.
func conclude(report io.Writer, c export.Chain, told bool) {
	h := c.Latest
	fmt.Fprintf(report, "verified: export %s of %s, organisation %q, query %q: %d lines in %d pages, %d bytes, all signed, none edited, missing, repeated or moved; read from %s to %s\n",
		h.Export, h.What, h.Organization, h.Query, c.Lines, c.Pages, c.Bytes, c.First.Read.Format(time.RFC3339), h.Read.Format(time.RFC3339))
	if !told {
		fmt.Fprintln(report, "not verified: whose the keys beside the export are. Compare them with /.well-known/exports/jwks.json of the API, or give those of somebody you trust with -keys")
	}
	fmt.Fprintln(report, "not verified: that what Twofold had stored was right; and what changed while the pages were read may be in some of them and not in others")
}

// client follows no redirect, since the key goes where it was meant to go, and takes bytes as they are, since those are signed.
func client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &http.Client{
		Timeout: time.Minute, Transport: transport,
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
