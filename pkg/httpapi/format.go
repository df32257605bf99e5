package httpapi

import (
	"io"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
)

// format is how JSON is written and read: names match exactly, a name twice or
// invalid UTF-8 is an error, a nil slice is [], and maps are written in order.
// Whoever writes a DTO should know that a field with omitempty still writes 0 and
// false (use omitzero), and that time.Duration has no form of its own.
var format = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		return json.MarshalWrite(w, v, json.Deterministic(true))
	},
	Unmarshal: func(data []byte, v any) error {
		return json.Unmarshal(data, v)
	},
}
