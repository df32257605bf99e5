package storetest

import (
	"reflect"
	"sync"
	"testing"
	"time"
)

// together runs n calls that start at the same moment, and waits for all.
func together(n int, call func(i int)) {
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	wait.Wait()
}

// collect is together for calls that give something.
func collect[T any](n int, call func(i int) T) []T {
	out := make([]T, n)
	together(n, func(i int) { out[i] = call(i) })
	return out
}

// eventually waits for what an index shows a moment later.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// same compares all there is of two values.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
