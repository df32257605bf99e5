package user

import (
	"slices"
	"strings"
	"time"

	"twofold/pkg/org"
)

// Class is what reports count users by: facts only, because status depends on policy and time.
type Class struct {
	Methods     string // enrolled methods, sorted and joined with "+"; empty: not enrolled
	Enforcement EnforcementKind
	Suspended   bool
}

// Class gives the class that a user belongs to.
func (p Profile) Class() Class {
	names := make([]string, len(p.Methods))
	for i, m := range p.Methods {
		names[i] = string(m)
	}
	slices.Sort(names)
	return Class{Methods: strings.Join(names, "+"), Enforcement: p.Enforcement.Kind, Suspended: !p.SuspendedAt.IsZero()}
}

// List gives the methods of a class.
func (c Class) List() []org.Method {
	if c.Methods == "" {
		return nil
	}
	var methods []org.Method
	for name := range strings.SplitSeq(c.Methods, "+") {
		methods = append(methods, org.Method(name))
	}
	return methods
}

// Counts are how many users of an organisation are in each class, as of a time: the
// projector keeps them, a moment behind the profiles.
type Counts struct {
	AsOf    time.Time
	ByClass map[Class]int64
}

// Enrolled is how many have a second factor, even a suspended one.
func (c Counts) Enrolled() int64 {
	var n int64
	for class, users := range c.ByClass {
		if class.Methods != "" {
			n += users
		}
	}
	return n
}

// Counted is what of a user stands in the counts: the class, and the profile's revision that it was taken from.
type Counted struct {
	Organization string
	User         string
	Rev          int64 // 0: not counted yet
	Class        Class
}
