// Package metrics writes what operators watch as lines of CloudWatch's embedded
// metric format, which CloudWatch turns into metrics as it takes the log in: no
// call, no right and no cost while nothing happens. It may not import another
// adapter, and names nobody: an organisation stands beside a metric, never in
// what it is counted by, since each such value would be a metric of its own that
// is paid for.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"twofold/pkg/signin"
)

// Namespace is that of all metrics of ours.
const Namespace = "Twofold"

// Log writes a line for each metric. It is safe for use by several goroutines at once. All fields are needed.
type Log struct {
	W   io.Writer
	Now func() time.Time

	mu sync.Mutex
}

type metadata struct {
	Timestamp         int64
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

type patternLine struct {
	AWS          metadata `json:"_aws"`
	Pattern      string
	Organization string
	PatternsSeen int
}

// PatternSeen counts a pattern of sign-ins or of messages, by its name. What cannot be written is lost: the audit holds the event. It is
// signin.Meter's.
func (l *Log) PatternSeen(organization string, p signin.Pattern) {
	line, err := json.Marshal(patternLine{
		AWS: metadata{
			Timestamp: l.Now().UnixMilli(),
			CloudWatchMetrics: []directive{{
				Namespace: Namespace, Dimensions: [][]string{{"Pattern"}}, Metrics: []metric{{Name: "PatternsSeen", Unit: "Count"}},
			}},
		},
		Pattern: string(p), Organization: organization, PatternsSeen: 1,
	})
	if err != nil {
		return // strings and numbers: cannot fail
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.W.Write(append(line, '\n')) // whole, so that no two lines mix
}
