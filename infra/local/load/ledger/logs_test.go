package ledger

import (
	"fmt"
	"strings"
	"testing"
)

func TestSearchFindsSecrets(t *testing.T) {
	token := strings.Repeat("Ab_9", 50)
	secrets := map[string]bool{
		token:    true,
		"123456": true, "87654321": true, "ABCDEFGHJKMNPQRS": true, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP": true,
		"tfk_application_ab12_cd34": true, "eyJhbGciOiJFUzI1NiJ9": true,
	}
	for line, want := range map[string]int{
		`verify    {"time":"2026-11-22T19:32:51.123456Z","msg":"fine","elapsed":123456}`: 0,
		`verify    {"time":"2026-11-22T19:32:51.123456+02:00","msg":"fine"}`:             0,
		`verify    {"time":"2026-11-22T19:32:51Z","msg":"refused","code":"123456"}`:      1,
		`verify    {"msg":"refused","body":{"codes":["x",["87654321"]]}}`:                1,
		`enroll    {"msg":"made ABCD-EFGH-JKMN-PQRS for somebody"}`:                      1,
		`enroll    secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP`:                              1,
		`policy    {"authorization":"Bearer tfk_application_ab12_cd34"}`:                 1,
		`verify    {"assertion":"eyJhbGciOiJFUzI1NiJ9.eyJ9.sig"}`:                        1,
		`verify    {"msg":"654321"}`:                                                     0,
		`verify    {"request_id":"a123456b-1234-4abc-8def-123456789abc"}`:                0,
		`verify    {"login":"` + token + `"}`:                                            1,
		`dynamodb  listening on 123456`:                                                  1,
	} {
		l, led := NewLogs(), New()
		if n, err := fmt.Fprintln(l, line); n != len(line)+1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		l.Search(led, func(s string) bool { return secrets[s] })
		if got, _ := broken(led, Silent); got != want {
			t.Errorf("%s\nfound %d times, want %d", line, got, want)
		}
		for _, f := range led.Verdict() {
			for secret := range secrets {
				if strings.Contains(strings.Join(f.Examples, " "), secret) {
					t.Error("the verdict repeats a secret")
				}
			}
		}
	}
}

func TestSearchFindsPanics(t *testing.T) {
	for line, want := range map[string]int{
		"verify    panic: runtime error: index out of range": 1,
		"verify    goroutine 7 [running]:":                   1,
		"mailer    fatal error: concurrent map writes":       1,
		`verify    {"msg":"do not panic"}`:                   0,
	} {
		l, led := NewLogs(), New()
		fmt.Fprintln(l, line)
		l.Search(led, func(string) bool { return false })
		if got, _ := broken(led, Silent); got != want {
			t.Errorf("%s: found %d times, want %d", line, got, want)
		}
	}
}

func TestLogsKeepTheLastLinesOnly(t *testing.T) {
	l := NewLogs()
	for n := range 3 * maxTail {
		fmt.Fprintf(l, "stack     line %d\n", n)
	}
	tail := l.Tail()
	if len(tail) != maxTail || tail[maxTail-1] != fmt.Sprintf("stack     line %d", 3*maxTail-1) || l.Lines != 3*maxTail {
		t.Errorf("%d kept of %d, the last %q", len(tail), l.Lines, tail[len(tail)-1])
	}
}

// A log that is full of suspects is not taken for a clean one.
func TestTooManySuspects(t *testing.T) {
	l, led := NewLogs(), New()
	var line strings.Builder
	for n := range maxSuspects + 1 {
		fmt.Fprintf(&line, " %08d", n)
	}
	fmt.Fprintln(l, "stack", line.String())
	l.Search(led, func(string) bool { return false })
	wants(t, led, Silent, 1)
}
