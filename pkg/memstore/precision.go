package memstore

import "time"

// The table cuts times to microseconds, and in the factors item to seconds. So does this store, or a test
// could pass here and fail there.

func micro(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// floor is for what is over at that time: nothing lives longer than it should.
func floor(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// ceiling is for what limits until that time: no limit is shorter than it should be.
func ceiling(t time.Time) time.Time {
	if t.Nanosecond() != 0 {
		t = t.Add(time.Second)
	}
	return floor(t)
}

func each[T any](values []T, settle func(T) T) []T {
	var out []T
	for _, v := range values {
		out = append(out, settle(v))
	}
	return out
}

func list[T any](values []T) []T { return append([]T(nil), values...) }
