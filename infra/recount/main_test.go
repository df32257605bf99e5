package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	local "twofold/infra/local/dynamodb"
	"twofold/pkg/dynamo"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

func TestArguments(t *testing.T) {
	for name, arguments := range map[string][]string{
		"no table": {"-organization", "acme"}, "nothing to count": {"-table", "t"}, "two wishes": {"-table", "t", "-organization", "acme", "-all"},
		"something more": {"-table", "t", "-all", "now"},
	} {
		if err := run(t.Context(), arguments, io.Discard, io.Discard); !errors.Is(err, errWhat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := run(t.Context(), []string{"-tabel", "t"}, io.Discard, io.Discard); err == nil {
		t.Error("a flag that there is not was taken")
	}
}

// What was counted wrong is found, said and mended, of all organisations; a second time nothing is.
func TestCountsAreMended(t *testing.T) {
	client, table := local.TableForTest(t)
	store := dynamo.New(client, table)
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, organization := range []string{"acme", "globex"} {
		p := user.Profile{Organization: organization, User: "ann", Rev: 1, RegisteredAt: now}
		if err := store.Write(t.Context(), user.Change{Profile: &p}); err != nil {
			t.Fatal(err)
		}
		if err := store.Count(t.Context(), user.Counted{Organization: organization, User: "ann"}, p.Counted(), now); err != nil {
			t.Fatal(err)
		}
	}
	ghost := user.Counted{Organization: "acme", User: "ghost", Rev: 1}
	if err := store.Count(t.Context(), user.Counted{}, ghost, now); err != nil {
		t.Fatal(err)
	}
	r := &report.Recounter{Store: store, Now: time.Now, Wait: settling(time.Millisecond)}
	ids, err := counted(t.Context(), store)
	if err != nil || strings.Join(ids, " ") != "acme globex" {
		t.Fatalf("organisations %v, %v", ids, err)
	}
	for _, want := range []string{
		"acme: 1 users, the counts were wrong and are mended; 0 users were not counted as they are\nglobex: 1 users, the counts were right\n",
		"acme: 1 users, the counts were right\nglobex: 1 users, the counts were right\n",
	} {
		var out bytes.Buffer
		if err := recount(t.Context(), r, ids, &out); err != nil || out.String() != want {
			t.Errorf("%q, %v", out.String(), err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := settling(time.Hour)(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("what is to end waits: %v", err)
	}
}
