package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deeply objects and arrays may be nested.
const maxDepth = 32

// scan reads a body once, as RFC 8259 in the strict reading of RFC 7493 (UTF-8 only,
// no name twice), and refuses names that the schema does not have. It also
// collects the nulls where the schema allows none, which huma would take for absent, the
// numbers that Go has no room for, and the texts with U+FFFD. It gives the body back with whole
// numbers in plain digits: 3.0 and 3e0 are integers to JSON Schema, but not to Go.
func scan(body []byte, schema *huma.Schema, registry huma.Registry) ([]byte, []Flaw, *Problem) {
	s := &scanner{decoder: jsontext.NewDecoder(bytes.NewReader(body)), registry: registry}
	if p := s.value(schema, "", 1); p != nil {
		return nil, nil, p
	}
	if _, err := s.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, refusal(http.StatusBadRequest, "trailing_data", "There is something after the end of the JSON value.")
	}
	return s.rewritten(body), s.flaws, nil
}

type scanner struct {
	decoder  *jsontext.Decoder
	registry huma.Registry
	flaws    []Flaw
	integers []integer
}

// value reads one value. A nil schema is one that says nothing.
func (s *scanner) value(schema *huma.Schema, field string, depth int) *Problem {
	schema = resolve(schema, s.registry)
	kind := s.decoder.PeekKind()
	if kind == '{' || kind == '[' {
		if depth > maxDepth {
			return refusal(http.StatusBadRequest, "too_deep", "The JSON value is nested too deeply.")
		}
		if kind == '{' {
			return s.object(schema, field, depth)
		}
		return s.array(schema, field, depth)
	}
	switch {
	case kind == '0' && schema != nil && schema.Type == huma.TypeInteger:
		return s.integer(field)
	case kind == '0':
		return s.number(field)
	case kind == 'n' && schema != nil && schema.Type != "" && !schema.Nullable:
		s.flaw(field, "A null is not allowed here.")
	}
	token, err := s.decoder.ReadToken()
	if err == nil && kind == '"' {
		s.text(token.String(), field)
	}
	return broken(err, field)
}

func (s *scanner) flaw(field, detail string) {
	s.flaws = append(s.flaws, Flaw{Field: named(field), Code: codeInvalidField, Detail: detail})
}

// text refuses U+FFFD: the API Gateway hands a body over as a text, in which that is what has become of bytes that
// were not UTF-8, so two different texts could arrive as one.
func (s *scanner) text(value, field string) {
	if strings.ContainsRune(value, utf8.RuneError) {
		s.flaw(field, "This holds U+FFFD, which stands for bytes that were not UTF-8.")
	}
}

func (s *scanner) object(schema *huma.Schema, field string, depth int) *Problem {
	if _, err := s.decoder.ReadToken(); err != nil {
		return broken(err, field)
	}
	for s.decoder.PeekKind() != '}' {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return broken(err, twice(err, schema, field))
		}
		child, childField, p := property(schema, field, token.String())
		if p != nil {
			return p
		}
		s.text(token.String(), childField)
		if p := s.value(child, childField, depth+1); p != nil {
			return p
		}
	}
	_, err := s.decoder.ReadToken()
	return broken(err, field)
}

func (s *scanner) array(schema *huma.Schema, field string, depth int) *Problem {
	if _, err := s.decoder.ReadToken(); err != nil {
		return broken(err, field)
	}
	var items *huma.Schema
	if schema != nil {
		items = schema.Items
	}
	for i := 0; s.decoder.PeekKind() != ']'; i++ {
		if p := s.value(items, named(field)+"["+strconv.Itoa(i)+"]", depth+1); p != nil {
			return p
		}
	}
	_, err := s.decoder.ReadToken()
	return broken(err, field)
}

// property finds the schema of one name. Names in free-form maps must be
// presentable too, because messages about their values will name them.
func property(schema *huma.Schema, parent, name string) (*huma.Schema, string, *Problem) {
	if schema == nil || schema.Type != huma.TypeObject {
		return nil, parent, nil
	}
	if child, known := schema.Properties[name]; known {
		return child, join(parent, name), nil
	}
	switch extra := schema.AdditionalProperties.(type) {
	case *huma.Schema:
		// A dot would make huma lose its place in the path.
		if presentable(name) && !strings.Contains(name, ".") {
			return extra, join(parent, name), nil
		}
	case bool:
		if extra {
			return nil, parent, nil
		}
	}
	p := refusal(http.StatusBadRequest, "unknown_field", "There is no such field here.")
	if !presentable(name) {
		return nil, "", p.at(named(parent))
	}
	return nil, "", p.at(join(parent, name))
}

// twice is the field whose name stands twice in an object, as far as it may be named: otherwise the object.
func twice(err error, schema *huma.Schema, parent string) string {
	var where *jsontext.SyntacticError
	if !errors.Is(err, jsontext.ErrDuplicateName) || !errors.As(err, &where) {
		return parent
	}
	_, field, p := property(schema, parent, where.JSONPointer.LastToken())
	if p != nil {
		return parent
	}
	return field
}

// broken says in fixed words why a token could not be read; no error is no problem.
func broken(err error, field string) *Problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return refusal(http.StatusBadRequest, "duplicate_key", "A name stands twice in the same object.").at(named(field))
	default:
		return refusal(http.StatusBadRequest, "invalid_json", "The body is not valid JSON in UTF-8.").at(field)
	}
}
