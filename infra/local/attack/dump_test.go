package attack_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dump is the whole table: every item under its key, with all its attributes.
type dump map[string]string

func (p *product) dump() dump {
	p.t.Helper()
	d := dump{}
	for _, row := range p.scan(nil) {
		d[keyOf(row)] = p.written(row)
	}
	return d
}

// written is an item as text; equal items have equal texts, since the encoder sorts names.
func (p *product) written(row map[string]types.AttributeValue) string {
	p.t.Helper()
	text, err := json.Marshal(row)
	p.must(err)
	return string(text)
}

func keyOf(row map[string]types.AttributeValue) string {
	return textOf(row["pk"]) + " " + textOf(row["sk"])
}

func textOf(value types.AttributeValue) string {
	s, _ := value.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// unchanged demands that the table is as it was.
func (p *product) unchanged(before dump) {
	p.t.Helper()
	if changed := p.dump().differs(before); len(changed) > 0 {
		p.t.Errorf("the table has changed at %s", strings.Join(changed, ", "))
	}
}

// differs are the keys under which two dumps differ.
func (d dump) differs(before dump) []string {
	var keys []string
	for key, text := range d {
		if before[key] != text {
			keys = append(keys, key)
		}
	}
	for key := range before {
		if _, still := d[key]; !still {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// The measure itself must see every kind of change.
func TestDumpsDiffer(t *testing.T) {
	before := dump{"a": "1", "b": "2"}
	for name, after := range map[string]dump{
		"changed": {"a": "1", "b": "3"}, "added": {"a": "1", "b": "2", "c": "4"}, "removed": {"a": "1"},
	} {
		if len(after.differs(before)) != 1 {
			t.Errorf("%s: not seen", name)
		}
	}
	if len(maps.Clone(before).differs(before)) != 0 {
		t.Error("a dump differs from itself")
	}
}
