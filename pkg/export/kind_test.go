package export

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// sorts has a column of each sort of value.
func sorts(values ...any) Kind[int] {
	k := Kind[int]{Name: "sorts"}
	for i, name := range []string{"text", "flag", "number", "time", "many", "members", "nothing"}[:len(values)] {
		k.Columns = append(k.Columns, Column[int]{name, func(int) any { return values[i] }})
	}
	return k
}

func TestEachSortOfValueInEachFormat(t *testing.T) {
	at := time.Date(2026, 11, 27, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	for name, c := range map[string]struct {
		kind        Kind[int]
		csv, ndjson string
	}{
		"all": {
			sorts("=<&>\t\"", true, int64(7), at, []string{"totp", "email"}, map[string]string{"b": "=1", "a": "x"}, nil),
			"\"'=<&>␉\"\"\",true,7,2026-11-27T12:00:00Z,totp email,\"{\"\"a\"\":\"\"x\"\",\"\"b\"\":\"\"=1\"\"}\",\r\n",
			`{"text":"=<&>\t\"","flag":true,"number":7,"time":"2026-11-27T12:00:00Z","many":["totp","email"],"members":{"a":"x","b":"=1"},"nothing":null}` + "\n",
		},
		"none": {
			sorts("", false, int64(0), time.Time{}, []string(nil), map[string]string(nil), nil), ",false,0,,,{},\r\n",
			`{"text":"","flag":false,"number":0,"time":null,"many":[],"members":{},"nothing":null}` + "\n",
		},
		"odd texts": {sorts("a\r\nb\x00\xff\u2028"), "a␍␊b␀\ufffd\ufffd\r\n", `{"text":"a\r\nb\u0000\ufffd\u2028"}` + "\n"},
	} {
		for format, want := range map[Format]string{CSV: c.csv, NDJSON: c.ndjson} {
			got, _, err := c.kind.encode(format, []int{1}, false)
			if err != nil || string(got) != want {
				t.Errorf("%s as %s: %q, not %q, %v", name, format, got, want, err)
			}
			if format == NDJSON && !json.Valid(got) {
				t.Errorf("%s is no JSON", name)
			}
		}
	}
}

func TestOnlyTheFirstPageOfCSVHasAHeader(t *testing.T) {
	k := sorts("a", true)
	whole, _, _ := k.encode(CSV, []int{1, 2, 3}, true)
	first, _, _ := k.encode(CSV, []int{1}, true)
	rest, _, _ := k.encode(CSV, []int{2, 3}, false)
	if !bytes.Equal(whole, append(first, rest...)) || !bytes.HasPrefix(whole, []byte("text,flag\r\na,true\r\n")) {
		t.Errorf("%q and %q are not %q", first, rest, whole)
	}
	if empty, _, _ := k.encode(NDJSON, nil, true); len(empty) > 0 {
		t.Errorf("no lines of NDJSON are %q", empty)
	}
}
