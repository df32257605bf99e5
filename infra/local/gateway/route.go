package gateway

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"twofold/infra/local/template"
)

// Target is a route and the function behind it.
type Target struct {
	Route    template.Route
	Function Invoker
}

// route is a Target made ready to match. No segments at all is $default.
type route struct {
	key      string
	method   string // "" is ANY
	segments []string
	function Invoker
}

// A variable takes one segment or, greedy and at the end of a route, all that are left.
var variable = regexp.MustCompile(`^\{[A-Za-z0-9_.-]+\+?\}$`)

// compile orders routes so that the first that fits is the one that API Gateway takes: static segments before
// variables and those before greedy ones, from left to right, a method before ANY, $default last.
func compile(targets []Target) ([]route, error) {
	var routes []route
	seen := map[string]bool{}
	for _, t := range targets {
		r := route{key: t.Route.Key(), function: t.Function}
		if seen[r.key] {
			return nil, fmt.Errorf("gateway: two routes %s", r.key)
		}
		seen[r.key] = true
		if t.Route != (template.Route{}) {
			if err := r.parse(t.Route); err != nil {
				return nil, err
			}
		}
		routes = append(routes, r)
	}
	slices.SortStableFunc(routes, compare)
	return routes, nil
}

func (r *route) parse(from template.Route) error {
	switch from.Method {
	case "ANY":
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		r.method = from.Method
	default:
		return fmt.Errorf("gateway: %s: no such method", r.key)
	}
	if !strings.HasPrefix(from.Path, "/") {
		return fmt.Errorf("gateway: %s: the path does not begin with /", r.key)
	}
	r.segments = strings.Split(from.Path[1:], "/")
	for i, s := range r.segments {
		if strings.ContainsAny(s, "{}") && !variable.MatchString(s) || isGreedy(s) && i < len(r.segments)-1 {
			return fmt.Errorf("gateway: %s: a variable takes one whole segment, or at the end all that are left", r.key)
		}
	}
	return nil
}

func compare(a, b route) int {
	if (a.segments == nil) != (b.segments == nil) {
		return boolCompare(a.segments == nil, b.segments == nil)
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if c := boolCompare(isVariable(a.segments[i]), isVariable(b.segments[i])); c != 0 {
			return c
		}
		if c := boolCompare(isGreedy(a.segments[i]), isGreedy(b.segments[i])); c != 0 {
			return c
		}
	}
	if c := len(b.segments) - len(a.segments); c != 0 {
		return c // neither fits what the other does; without it the order would depend on where the shorter stands
	}
	return boolCompare(a.method == "", b.method == "")
}

// boolCompare orders false before true.
func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func isVariable(segment string) bool { return strings.HasPrefix(segment, "{") }

func isGreedy(segment string) bool { return isVariable(segment) && strings.HasSuffix(segment, "+}") }

// match finds the route for a decoded path, and what its variables hold.
func match(routes []route, method, path string) (found route, variables map[string]string, ok bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, r := range routes {
		if r.method != "" && r.method != method {
			continue
		}
		if r.segments == nil {
			return r, nil, true
		}
		if variables, ok := r.fits(segments); ok {
			return r, variables, true
		}
	}
	return route{}, nil, false
}

func (r route) fits(segments []string) (map[string]string, bool) {
	if last := len(r.segments) - 1; isGreedy(r.segments[last]) && len(segments) > last {
		segments = append(slices.Clone(segments[:last]), strings.Join(segments[last:], "/"))
	}
	if len(segments) != len(r.segments) {
		return nil, false
	}
	var variables map[string]string
	for i, s := range r.segments {
		switch {
		case isVariable(s) && segments[i] != "":
			if variables == nil {
				variables = map[string]string{}
			}
			variables[strings.Trim(s, "{+}")] = segments[i]
		case s != segments[i]:
			return nil, false
		}
	}
	return variables, true
}
