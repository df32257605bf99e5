package eventbridge

import (
	"encoding/json"
	"path"
)

// The service's limits of a call: entries, and bytes of them all as it counts them.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const (
	maxEntries = 10
	maxSize    = 1_000_000
	maxType    = 128 // characters
)

func size(entries []entry) int {
	const moment = 14
	total := 0
	for _, e := range entries {
		for _, text := range []*string{e.Source, e.DetailType, e.Detail} {
			if text != nil {
				total += len(*text)
			}
		}
		for _, name := range e.Resources {
			total += len(name)
		}
		if e.Time != nil {
			total += moment
		}
	}
	return total
}

// check gives the code by which the service refuses one entry; empty: it does not. What it says of a bus that it does not know is written
// nowhere; here it is an error, so that a mistake shows.
func (in entry) check(bus string) string {
	var object map[string]any
	switch {
	case in.Source == nil || in.DetailType == nil || in.Detail == nil, *in.Source == "" || *in.DetailType == "" || len(*in.DetailType) > maxType,
		in.EventBusName == nil || path.Base(*in.EventBusName) != bus:
		return "InvalidArgument"
	case json.Unmarshal([]byte(*in.Detail), &object) != nil:
		return "MalformedDetail"
	}
	return ""
}
