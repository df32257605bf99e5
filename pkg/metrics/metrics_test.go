package metrics_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"twofold/pkg/metrics"
	"twofold/pkg/signin"
)

// One line for each, with the members that the specification demands, counted by the pattern alone.
func TestALineIsAMetric(t *testing.T) {
	var out bytes.Buffer
	l := &metrics.Log{W: &out, Now: func() time.Time { return time.UnixMilli(1_795_000_000_123) }}
	l.PatternSeen("acme\nexample", signin.GuessingUser)
	l.PatternSeen("globex", signin.BombingMailbox)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	var got struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
		Pattern, Organization string
		PatternsSeen          int
	}
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("%+v", got)
	}
	d := got.AWS.CloudWatchMetrics[0]
	if got.AWS.Timestamp != 1_795_000_000_123 || d.Namespace != "Twofold" || len(d.Dimensions) != 1 || len(d.Dimensions[0]) != 1 || d.Dimensions[0][0] != "Pattern" ||
		len(d.Metrics) != 1 || d.Metrics[0].Name != "PatternsSeen" || d.Metrics[0].Unit != "Count" {
		t.Errorf("%+v", got)
	}
	if got.Pattern != "wrong_codes_of_one_user" || got.Organization != "acme\nexample" || got.PatternsSeen != 1 {
		t.Errorf("%+v", got)
	}
}
