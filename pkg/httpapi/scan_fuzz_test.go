package httpapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

type fuzzed struct {
	Name  string         `json:"name"`
	Inner *fuzzed        `json:"inner,omitempty"`
	List  []fuzzed       `json:"list,omitempty"`
	Map   map[string]int `json:"map,omitempty"`
	Any   any            `json:"any,omitempty"`
}

// FuzzScan holds the scanner against the standard library: whatever it lets pass is
// JSON that both read the same, with names that the schema has; whatever it refuses,
// it refuses in words that hold nothing of the body but presentable names.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{"name":"x"}`, `{"name":"x","name":"y"}`, `{"inner":{"name":null}}`, `{"map":{"a.b":1}}`, `{"any":[[[]]]}`,
		`{"list":[{"list":[{"x":1}]}]}`, `{} {}`, `[`, "\xff", `{"nam\u0065":1}`, `1e999`, `{"NAME":""}`, "{\"any\":{\"\ufffd\":\"\ufffd\"}}", `{"list":[{"name":1,"name":2}]}`, `{"any":1e999}`, `{"map":{"a":1.0,"b":-2e1,"c":-0.0}}`, strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	registry := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	schema := registry.Schema(reflect.TypeFor[fuzzed](), true, "")
	f.Fuzz(func(t *testing.T, body []byte) {
		plain, flaws, p := scan(body, schema, registry)
		if p != nil {
			for name := range strings.SplitSeq(p.Field, ".") {
				name, _, _ = strings.Cut(name, "[")
				if name != "" && !presentable(name) {
					t.Fatalf("%q: the field %q is named", body, p.Field)
				}
			}
			return
		}
		if len(flaws) == 0 && strings.Contains(string(plain), "\ufffd") {
			t.Fatalf("%q passed without a flaw", body)
		}
		if !json.Valid(body) || !utf8.Valid(body) || !json.Valid(plain) {
			t.Fatalf("%q passed", body)
		}
		for _, flaw := range flaws {
			if flaw.Field == "" {
				t.Fatalf("%q: a flaw without a field", body)
			}
		}
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			if len(flaws) == 0 {
				t.Fatalf("%q passed without a flaw: %v", body, err)
			}
			return // a number that no float64 holds
		}
		var again any
		if err := json.Unmarshal(plain, &again); err != nil || !reflect.DeepEqual(value, again) {
			t.Fatalf("%q was rewritten %q: %v", body, plain, err)
		}
		if depth(value) > maxDepth {
			t.Fatalf("%q is too deep", body)
		}
		if o, isObject := value.(map[string]any); isObject {
			for name := range o {
				if !strings.Contains(" name inner list map any ", " "+name+" ") {
					t.Fatalf("%q: the unknown field %q passed", body, name)
				}
			}
		}
	})
}

func depth(value any) int {
	deepest := 0
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			deepest = max(deepest, depth(inner))
		}
	case []any:
		for _, inner := range v {
			deepest = max(deepest, depth(inner))
		}
	default:
		return 0
	}
	return deepest + 1
}
