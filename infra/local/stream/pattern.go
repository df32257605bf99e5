package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// pattern is a filter in EventBridge's language: an object of patterns by field, or a list of alternatives for one
// value. A source's filters are alternatives too.
type pattern interface {
	// match judges a decoded JSON value; present is false where the record has none.
	match(value any, present bool) bool
}

// parseFilter reads one filter. An operator that is not implemented is an error, never a filter that lets all pass.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
func parseFilter(text string) (pattern, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var parsed map[string]any
	if err := dec.Decode(&parsed); err != nil {
		return nil, fmt.Errorf("stream: filter: %w", err)
	}
	if dec.More() {
		return nil, errors.New("stream: filter: more than one value")
	}
	return parseObject(parsed)
}

type object map[string]pattern

func parseObject(parsed map[string]any) (pattern, error) {
	if len(parsed) == 0 {
		return nil, errors.New("stream: filter: an empty pattern")
	}
	o := object{}
	for name, below := range parsed {
		var err error
		switch below := below.(type) {
		case map[string]any:
			o[name], err = parseObject(below)
		case []any:
			o[name], err = parseAlternatives(below)
		default:
			err = errors.New("stream: filter: a value stands outside of a list")
		}
		if err != nil {
			return nil, fmt.Errorf("%w (at %q)", err, name)
		}
	}
	return o, nil
}

func (o object) match(value any, _ bool) bool {
	fields, _ := value.(map[string]any) // nil where there is no object: all fields are absent
	for name, below := range o {
		v, present := fields[name]
		if !below.match(v, present) {
			return false
		}
	}
	return true
}

// alternatives match a value that one of them matches; of an array, one element suffices.
type alternatives []func(value any, present bool) bool

func parseAlternatives(parsed []any) (pattern, error) {
	if len(parsed) == 0 {
		return nil, errors.New("stream: filter: an empty list")
	}
	var list alternatives
	for _, p := range parsed {
		one, err := parseAlternative(p)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (list alternatives) match(value any, present bool) bool {
	if elements, isArray := value.([]any); isArray {
		for _, e := range elements {
			if list.match(e, true) {
				return true
			}
		}
		return len(elements) == 0 && list.match(nil, false)
	}
	if _, isObject := value.(map[string]any); isObject {
		present = false // operators look at leaves only
	}
	for _, one := range list {
		if one(value, present) {
			return true
		}
	}
	return false
}
