//go:build !race

package attack_test

// raced says that the race detector watches.
const raced = false
