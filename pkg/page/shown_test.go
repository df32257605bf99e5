package page_test

import (
	"testing"
	"time"

	"twofold/pkg/page"
)

func TestGrouped(t *testing.T) {
	for secret, want := range map[string]string{"": "", "ABC": "ABC", "ABCD": "ABCD", "ABCDEFGHI": "ABCD EFGH I"} {
		if got := page.Grouped(secret); got != want {
			t.Errorf("%q: %q", secret, got)
		}
	}
}

func TestSeconds(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for until, want := range map[time.Duration]int{-time.Hour: 0, 0: 0, 1: 1, time.Second: 1, time.Second + 1: 2} {
		if got := page.Seconds(noon.Add(until), noon); got != want {
			t.Errorf("%s: %d, want %d", until, got, want)
		}
	}
}
