package httpapi

import (
	stdjson "encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	documentTitle   = "Twofold"
	documentVersion = "1.0.0"
	schemaPrefix    = "#/components/schemas/"
)

type object = map[string]any

// Document is the OpenAPI 3.1 description of all the given APIs as one: JSON,
// indented, names in order, the same for the same operations in whatever order they were
// registered. It fails where two APIs claim the same path and method, operation
// ID, or schema name with different contents. It is for build time and tests, not for requests.
func Document(apis ...*API) ([]byte, error) {
	m := merger{paths: object{}, schemas: object{}, ids: map[string]bool{}, limited: map[string]bool{}}
	for _, api := range apis {
		if err := m.add(api); err != nil {
			return nil, err
		}
	}
	m.limitNames()
	whole := object{
		"openapi": "3.1.0",
		"info": object{"title": documentTitle, "version": documentVersion,
			"description": "Two-factor authentication that an organisation can enforce and prove. Every error of the API is an RFC 9457 problem with a stable code; what the API Gateway itself refuses is {\"message\": …}. Texts are UTF-8, and none may hold U+FFFD, which stands for bytes that were not."},
		"paths": m.paths,
		"components": object{
			"schemas": m.schemas,
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer",
				"description": "A key: tfk_<role>_<id>_<secret>."}},
		},
	}
	text, err := json.Marshal(whole, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("httpapi: document: %w", err)
	}
	return append(text, '\n'), nil
}

type merger struct {
	paths, schemas object
	ids            map[string]bool
	limited        map[string]bool // schemas that limitNames has seen
}

// add merges one API's operations and schemas.
func (m merger) add(api *API) error {
	described, err := describe(api)
	if err != nil {
		return err
	}
	for name, schema := range described.Components.Schemas {
		if known, clash := m.schemas[name]; clash && !reflect.DeepEqual(known, schema) {
			return fmt.Errorf("httpapi: document: two different schemas are called %s", name)
		}
		m.schemas[name] = schema
	}
	for _, op := range api.operations {
		method := strings.ToLower(op.Method)
		item, _ := m.paths[op.Path].(object)
		if item == nil {
			item = object{}
			m.paths[op.Path] = item
		}
		if m.ids[op.ID] || item[method] != nil {
			return fmt.Errorf("httpapi: document: operation %s, %s %s, is claimed twice", op.ID, op.Method, op.Path)
		}
		m.ids[op.ID] = true
		item[method] = enrich(described.Paths[op.Path][method], op, api.name)
	}
	return nil
}

// mapNames is what property demands of a name in a free-form map of a request.
const mapNames = "^[A-Za-z0-9_-]{1,64}$"

// limitNames documents it, in whatever a request can hold.
func (m merger) limitNames() {
	for _, item := range m.paths {
		for _, operation := range item.(object) {
			m.limitNamesIn(operation.(object)["requestBody"])
		}
	}
}

func (m merger) limitNamesIn(part any) {
	switch part := part.(type) {
	case object:
		if _, isMap := part["additionalProperties"].(object); isMap {
			part["propertyNames"] = object{"pattern": mapNames}
		}
		if ref, isRef := part["$ref"].(string); isRef && !m.limited[ref] {
			m.limited[ref] = true
			m.limitNamesIn(m.schemas[strings.TrimPrefix(ref, schemaPrefix)])
		}
		for _, inner := range part {
			m.limitNamesIn(inner)
		}
	case []any:
		for _, inner := range part {
			m.limitNamesIn(inner)
		}
	}
}

// description is what we take from huma's document.
type description struct {
	Paths      map[string]map[string]object `json:"paths"`
	Components struct {
		Schemas object `json:"schemas"`
	} `json:"components"`
}

func describe(api *API) (description, error) {
	var d description
	text, err := stdjson.Marshal(api.huma.OpenAPI())
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		return d, fmt.Errorf("httpapi: document: %s: %w", api.name, err)
	}
	return d, nil
}
