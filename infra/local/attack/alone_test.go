package attack_test

import "testing"

// alone marks a test in which one request follows another. The race detector makes it several times slower, and would see nothing in it
// that it does not see in the others; `make test` runs it without.
func alone(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("one request follows another here: nothing races")
	}
}
