package page

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Grouped is a secret in groups of four, as people type it; authenticator apps do not mind the spaces.
func Grouped(secret string) string {
	var groups []string
	for part := range slices.Chunk([]byte(secret), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}

// Seconds is how many it is until a time, for data-wait: a part of one counts as one, and what is over is 0.
func Seconds(until, now time.Time) int {
	return max(0, int(math.Ceil(until.Sub(now).Seconds())))
}
