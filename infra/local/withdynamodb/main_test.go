package main

import "testing"

func TestTheCommandFindsTheServer(t *testing.T) {
	code, err := run([]string{"--", "sh", "-c", `case "$TWOFOLD_DYNAMODB_ENDPOINT" in http://127.0.0.1:*) exit 4;; esac`})
	if code != 4 || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestCommandsThatCannotRun(t *testing.T) {
	for _, args := range [][]string{nil, {"--"}, {"/nonexistent/command"}} {
		if code, err := run(args); code != 1 || err == nil {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}
