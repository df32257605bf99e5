package httpapi

import "github.com/danielgtaylor/huma/v2"

// presentable reports whether a name that is not ours may be repeated in an answer.
func presentable(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// join adds a name to a field's path.
func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// named is what a field is called in an answer: the body as a whole is "body".
func named(field string) string {
	if field == "" {
		return "body"
	}
	return field
}

// resolve follows a schema's references.
func resolve(schema *huma.Schema, registry huma.Registry) *huma.Schema {
	for schema != nil && schema.Ref != "" {
		schema = registry.SchemaFromRef(schema.Ref)
	}
	return schema
}
