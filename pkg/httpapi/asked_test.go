package httpapi

import (
	"testing"
	"time"
)

// Whatever is asked besides the cursor is in what is signed and in the next page's address, in the form in which the API takes it.
func TestWhatAnExportIsAskedForIsKept(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 5000, time.FixedZone("", 3600))
	audits := &auditExportInput{}
	audits.Format, audits.Order, audits.Cursor = "csv", "asc", "c"
	audits.From, audits.Actor, audits.Kinds = noon, "a&b", []string{"user.reset", "a,b"}
	reports := &exportInput{Sort: "email"}
	reports.Format, reports.Order, reports.Status, reports.TwoFactor = "ndjson", "desc", []string{"overdue", "pending"}, "true"
	rows := &signInsExportInput{}
	rows.Format, rows.Order, rows.User, rows.To, rows.Outcome, rows.Method = "csv", "asc", "ann", noon, "wrong", "totp"
	for want, in := range map[string]any{
		"actor=a%26b&format=csv&from=2026-11-22T11%3A00%3A00.000005Z&kind=user.reset&kind=a%2Cb&order=asc": audits,
		"format=ndjson&has_two_factor=true&order=desc&sort=email&status=overdue%2Cpending":                 reports,
		"format=csv&method=totp&order=asc&outcome=wrong&to=2026-11-22T11%3A00%3A00.000005Z&user=ann":       rows,
	} {
		if got := asked(in).Encode(); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
}
