package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// parameters are an operation's, in the query and in headers.
type parameters struct {
	query    map[string]*huma.Param
	headers  []*huma.Param
	registry huma.Registry
}

func parametersOf(op *huma.Operation, registry huma.Registry) parameters {
	p := parameters{query: map[string]*huma.Param{}, registry: registry}
	for _, param := range op.Parameters {
		switch param.In {
		case "query":
			p.query[param.Name] = param
		case "header":
			p.headers = append(p.headers, param)
		}
	}
	return p
}

// check refuses what huma lets pass: names that the operation does not have,
// single values sent twice, and values that are there but empty.
func (p parameters) check(r *http.Request) (url.Values, []Flaw, *Problem) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, nil, invalidQuery()
	}
	var flaws []Flaw
	for _, name := range slices.Sorted(maps.Keys(query)) {
		param := p.query[name]
		if param == nil {
			return nil, nil, unknownParameter(name)
		}
		values := query[name]
		if slices.ContainsFunc(values, garbled) {
			return nil, nil, invalidQuery().at("query." + name)
		}
		more, problem := p.single(param, values, param.Explode != nil && *param.Explode)
		if problem != nil {
			return nil, nil, problem
		}
		flaws = append(flaws, more...)
	}
	for _, param := range p.headers {
		more, problem := p.single(param, r.Header.Values(param.Name), false)
		if problem != nil {
			return nil, nil, problem
		}
		flaws = append(flaws, more...)
	}
	return query, flaws, nil
}

// garbled reports whether a value is not UTF-8, or stands for one that was not, as in a body.
func garbled(value string) bool {
	return !utf8.ValidString(value) || strings.ContainsRune(value, utf8.RuneError)
}

// single judges one parameter's values.
func (p parameters) single(param *huma.Param, values []string, many bool) ([]Flaw, *Problem) {
	field := param.In + "." + param.Name
	if len(values) > 1 && !many {
		return nil, refusal(http.StatusBadRequest, "repeated_parameter", "This parameter may be given once only.").at(field)
	}
	for _, value := range values {
		if !p.plausible(param.Schema, value) {
			return []Flaw{{Field: field, Code: codeInvalidField, Detail: detailDefault}}, nil
		}
	}
	return nil, nil
}

// plausible catches what huma reads too generously: an empty value as an absent one,
// and as a boolean whatever strconv takes for one. The rest is huma's to judge.
func (p parameters) plausible(schema *huma.Schema, value string) bool {
	schema = resolve(schema, p.registry)
	if schema.Type == huma.TypeBoolean {
		return value == "true" || value == "false"
	}
	if value != "" {
		return true
	}
	found := &huma.ValidateResult{}
	huma.Validate(p.registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, found)
	return len(found.Errors) == 0
}

func invalidQuery() *Problem {
	return refusal(http.StatusBadRequest, "invalid_query", "The query string cannot be read.")
}

func unknownParameter(name string) *Problem {
	p := refusal(http.StatusBadRequest, "unknown_parameter", "This operation has no such query parameter.")
	if !presentable(name) {
		return p.at("query")
	}
	return p.at("query." + name)
}
