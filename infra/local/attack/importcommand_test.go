package attack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/infra/importusers/upload"
	"twofold/pkg/report"
)

// infra/importusers against the API itself: some thousands of users, interrupted and run again.
func TestTheCommandImportsThousands(t *testing.T) {
	const n = 3000
	ten := newProduct(t).tenant()
	server := httptest.NewServer(ten.api)
	defer server.Close()
	var file strings.Builder
	file.WriteString("user,email,otpauth\r\n")
	for i := range n {
		l, _ := ten.bringing(fmt.Sprintf("user-%04d", i))
		uri := ""
		if i%10 == 0 {
			uri = l["otpauth"].(string)
		}
		fmt.Fprintf(&file, "%s,%s,%s\r\n", l["user"], l["email"], uri)
	}
	file.WriteString("bad,no address,\r\nuser-0000,thief@elsewhere.example,\r\n")
	ctx, stop := context.WithCancel(t.Context())
	var progress bytes.Buffer
	u := upload.Upload{
		Client: upload.Client{
			URL: server.URL + ten.path("/imports"), Key: ten.admin, Format: upload.CSV, HTTP: server.Client(), Note: func(string, time.Duration) {},
			Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		},
		Progress: &progress, Refusals: &upload.Refusals{Path: filepath.Join(t.TempDir(), "refused")},
		Now: func() time.Time { // asked once at the beginning, and then after each call
			if ctx.Err() == nil && strings.Count(progress.String(), "") > 1 {
				stop()
			}
			progress.WriteString("\n")
			return time.Unix(int64(progress.Len()), 0)
		},
	}
	if got, err := u.Run(ctx, strings.NewReader(file.String())); !errors.Is(err, context.Canceled) || got.Created != 1000 {
		t.Fatalf("interrupted: %+v, %v", got, err)
	}
	u.Now = time.Now
	got, err := u.Run(t.Context(), strings.NewReader(file.String()))
	// The last line is about a user of an earlier call, whose address it changes.
	if want := (upload.Tally{Lines: n + 2, Created: 2000, Unchanged: 1000, Refused: 1, Updated: 1}); !errors.Is(err, upload.ErrRefused) || got != want {
		t.Errorf("again: %+v, %v", got, err)
	}
	ten.must(u.Refusals.Close())
	users, enrolled := 0, 0
	for after := ""; ; {
		rows, next, err := ten.store.Facts(t.Context(), ten.id, after, report.MaxLimit)
		ten.must(err)
		for _, p := range rows {
			if users++; len(p.Methods) > 0 {
				enrolled++
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if users != n || enrolled != n/10 {
		t.Errorf("%d users and %d authenticators, want %d and %d", users, enrolled, n, n/10)
	}
}
