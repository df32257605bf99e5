package privileges

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"twofold/infra/local/iam"
)

// comparison is one look at all roles. Complaints are sentences that say what to change.
type comparison struct {
	grants     []Grant
	needed     map[string]iam.Call // distinct calls
	excused    map[excuse]bool
	ids        map[string]string // of functions in the template, by name
	complaints []string
}

// Compare says, one sentence each and in a fixed order, where grants, recorded calls and exceptions do not fit. It is empty
// where each grant has a call that needs just it, or an exception; each call a grant; and each exception a grant.
func Compare(grants []Grant, calls []iam.Call, exceptions []Exception) []string {
	c := comparison{grants: grants, needed: map[string]iam.Call{}, ids: map[string]string{}}
	for _, call := range calls {
		c.needed[fmt.Sprint(call)] = call // maps are printed in order of their keys
	}
	for _, g := range grants {
		c.ids[g.Function] = g.FunctionID
	}
	c.excused = excuses(exceptions, c.ids)
	for _, key := range slices.Sorted(maps.Keys(c.needed)) {
		c.judgeCall(c.needed[key])
	}
	for _, g := range grants {
		c.judgeGrant(g)
	}
	for e := range c.excused {
		c.judgeExcuse(e)
	}
	slices.Sort(c.complaints)
	return slices.Compact(c.complaints)
}

func (c *comparison) complain(format string, values ...any) {
	c.complaints = append(c.complaints, fmt.Sprintf(format, values...))
}

func (c *comparison) judgeCall(call iam.Call) {
	if slices.ContainsFunc(c.grants, func(g Grant) bool { return g.fits(call) }) {
		return
	}
	if c.ids[call.Function] == "" {
		c.complain("%s calls %s, but template.yaml has no function of that name with a role.", call.Function, describe(call))
		return
	}
	c.complain("%s calls %s, which its role does not grant: %s, or stop calling it.", call.Function, describe(call), c.remedy(call))
}

// remedy is what would grant the call with the least change.
func (c *comparison) remedy(call iam.Call) string {
	for _, g := range c.grants {
		switch same := g.Function == call.Function && strings.EqualFold(g.Action, call.Action) && g.Resource == call.Resource; {
		case same && len(g.Conditions) == 0:
			return fmt.Sprintf("statement %s of the role of %s allows it without a condition; narrow it to this", g.Sid, g.FunctionID)
		case same:
			return fmt.Sprintf("statement %s of the role of %s allows it under %s only; permit this too", g.Sid, g.FunctionID, conditions(g.Conditions))
		}
	}
	for _, g := range c.grants {
		if g.Function == call.Function && g.Resource == call.Resource && len(g.Conditions) == 0 && len(call.Context) == 0 {
			return fmt.Sprintf("add the action to statement %s of the role of %s", g.Sid, g.FunctionID)
		}
	}
	return fmt.Sprintf("add a statement for it to the role of %s", c.ids[call.Function])
}

func (c *comparison) judgeGrant(g Grant) {
	switch {
	case strings.ContainsAny(g.Action, "*?") || strings.ContainsAny(g.Resource, "*?") && !opened(g.Resource):
		c.complain("%s grants %s by a wildcard: name each action and each resource.", g.where(), g.what())
	case slices.ContainsFunc(slices.Collect(maps.Values(c.needed)), g.fits):
	case c.excused[excuse{g.Function, g.Action, g.Resource}]:
	default:
		c.complain("%s grants %s, which nothing in the whole test run needs: remove it, or test what needs it.", g.where(), g.what())
	}
}

func (c *comparison) judgeExcuse(e excuse) {
	if !slices.ContainsFunc(c.grants, func(g Grant) bool { return e == excuse{g.Function, g.Action, g.Resource} }) {
		c.complain("The exception for %s on %s of %s fits no grant any more: remove it from infra/local/privileges/exception.go.", e.action, e.resource, e.function)
	}
	for _, call := range c.needed {
		if e == (excuse{call.Function, call.Action, call.Resource}) {
			c.complain("The exception for %s on %s is not needed, since %s calls it itself: remove it from infra/local/privileges/exception.go.", e.action, e.resource, e.function)
		}
	}
}

// fits says whether the grant allows just this call: the same action on the same resource, narrowed by all that the call could
// be narrowed by. Names of condition keys have no case.
func (g Grant) fits(call iam.Call) bool {
	if g.Function != call.Function || !strings.EqualFold(g.Action, call.Action) || g.Resource != call.Resource || len(g.Conditions) != len(call.Context) {
		return false
	}
	for key, permitted := range g.Conditions {
		met := false
		for name, value := range call.Context {
			met = met || strings.EqualFold(name, key) && value == permitted
		}
		if !met {
			return false
		}
	}
	return true
}

func (g Grant) where() string {
	return fmt.Sprintf("Statement %s of the role of %s", g.Sid, g.FunctionID)
}

func (g Grant) what() string {
	return describe(iam.Call{Action: g.Action, Resource: g.Resource, Context: g.Conditions})
}

func describe(c iam.Call) string {
	text := c.Action + " on " + c.Resource
	if len(c.Context) > 0 {
		text += " with " + conditions(c.Context)
	}
	return text
}

func conditions(of map[string]string) string {
	if len(of) == 0 {
		return "no condition"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, key+" = "+of[key])
	}
	return strings.Join(parts, ", ")
}
