package stream

import (
	"encoding/json"
	"strings"
	"testing"
)

// matches decodes the record as record.passes does.
func matches(t *testing.T, filter, text string) bool {
	t.Helper()
	p, err := parseFilter(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return record{wire: json.RawMessage(text)}.passes([]pattern{p})
}

// TestPatterns: the operators in the table of
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		filter  string
		yes, no []string
	}{
		{`{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"deliver":{"S":[{"exists":true}]}}}}`,
			[]string{`{"eventName":"INSERT","dynamodb":{"NewImage":{"deliver":{"S":""},"a":{"S":"b"}}}}`},
			[]string{
				`{"eventName":"REMOVE","dynamodb":{"NewImage":{"deliver":{"S":"x"}}}}`,
				`{"eventName":"MODIFY","dynamodb":{"OldImage":{"deliver":{"S":"x"}}}}`,
				`{"eventName":"MODIFY","dynamodb":{"NewImage":{"deliver":{"N":"1"}}}}`,
				`{"eventName":"MODIFY","dynamodb":{"NewImage":"x"}}`, `{}`,
			}},
		{`{"dynamodb":{"Keys":{"sk":{"S":["PROFILE"]}}}}`,
			[]string{`{"dynamodb":{"Keys":{"pk":{"S":"x"},"sk":{"S":"PROFILE"}}}}`},
			[]string{`{"dynamodb":{"Keys":{"sk":{"S":"PROFILES"}}}}`, `{"dynamodb":{"Keys":{"sk":{"S":"profile"}}}}`}},
		{`{"a":{"b":[{"exists":false}]}}`, []string{`{}`, `{"a":{}}`, `{"a":"b"}`, `{"a":{"b":{"c":1}}}`}, []string{`{"a":{"b":null}}`, `{"a":{"b":""}}`}},
		{`{"a":[{"exists":true}]}`, []string{`{"a":0}`}, []string{`{"a":{"b":1}}`}}, // leaves only
		{`{"a":[{"prefix":"USER#"}]}`, []string{`{"a":"USER#1"}`}, []string{`{"a":"user#1"}`, `{"a":"XUSER#"}`, `{}`, `{"a":5}`}},
		{`{"a":[{"suffix":"#x"}]}`, []string{`{"a":"1#x"}`}, []string{`{"a":"#x1"}`}},
		{`{"a":[{"equals-ignore-case":"x"}]}`, []string{`{"a":"X"}`}, []string{`{"a":"xx"}`}},
		{`{"a":[{"anything-but":["x","y"]}]}`, []string{`{"a":"z"}`, `{"a":1}`}, []string{`{"a":"x"}`, `{"a":"y"}`, `{}`}},
		{`{"a":[{"anything-but":"x"}]}`, []string{`{"a":"z"}`}, []string{`{"a":"x"}`, `{}`}},
		{`{"a":[{"anything-but":{"prefix":"x"}}]}`, []string{`{"a":"yx"}`}, []string{`{"a":"xy"}`, `{}`}},
		{`{"a":[{"numeric":[">",0,"<=",5]}]}`, []string{`{"a":1}`, `{"a":5.0}`}, []string{`{"a":0}`, `{"a":5.1}`, `{"a":"1"}`, `{}`}},
		{`{"a":[{"numeric":["=",1e2]}]}`, []string{`{"a":100}`}, []string{`{"a":101}`}},
		{`{"a":[1,true,null]}`, []string{`{"a":1.0}`, `{"a":true}`, `{"a":null}`}, []string{`{"a":2}`, `{"a":"1"}`, `{"a":false}`, `{}`}},
		{`{"a":["x"]}`, []string{`{"a":["y","x"]}`}, []string{`{"a":["y"]}`, `{"a":[]}`}}, // of an array one suffices
	} {
		for _, text := range c.yes {
			if !matches(t, c.filter, text) {
				t.Errorf("%s drops %s", c.filter, text)
			}
		}
		for _, text := range c.no {
			if matches(t, c.filter, text) {
				t.Errorf("%s lets %s pass", c.filter, text)
			}
		}
	}
}

// TestFiltersAreAlternatives: a record that satisfies one of several filters passes.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
func TestFiltersAreAlternatives(t *testing.T) {
	a, errA := parseFilter(`{"a":[1]}`)
	b, errB := parseFilter(`{"a":[2]}`)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for text, want := range map[string]bool{`{"a":1}`: true, `{"a":2}`: true, `{"a":3}`: false} {
		if got := (record{wire: json.RawMessage(text)}).passes([]pattern{a, b}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !(record{wire: json.RawMessage(`{}`)}).passes(nil) {
		t.Error("without filters nothing passes")
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	for _, filter := range []string{
		``, `[]`, `{}`, `{} {}`, `{"a":"x"}`, `{"a":[]}`, `{"a":{}}`, `{"a":[{"wildcard":"x*"}]}`, `{"a":[{"cidr":"10.0.0.0/8"}]}`,
		`{"$or":[{"a":["x"]}]}`, `{"a":[{"exists":"yes"}]}`, `{"a":[{"prefix":1}]}`, `{"a":[{"prefix":"x","suffix":"y"}]}`,
		`{"a":[{}]}`, `{"a":[{"numeric":[">"]}]}`, `{"a":[{"numeric":["!",1]}]}`, `{"a":[{"numeric":[">","1"]}]}`,
		`{"a":[{"anything-but":[]}]}`, `{"a":[{"anything-but":{"suffix":"x"}}]}`, `{"a":[{"anything-but":[{"prefix":"x"}]}]}`,
	} {
		if _, err := parseFilter(filter); err == nil || !strings.HasPrefix(err.Error(), "stream: filter: ") {
			t.Errorf("%s: %v", filter, err)
		}
	}
}
