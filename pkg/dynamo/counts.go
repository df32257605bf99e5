package dynamo

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"twofold/pkg/user"
)

// classPrefix begins the attributes that count a class: n:<methods>:<enforcement>:<suspended>, and where the class has
// any of them :<exempt until>:<grace until>:<codes spent>:<services>.
const classPrefix = "n:"

// The parts of a class's name: those that every one has, and all there are.
const (
	classParts     = 3
	fullClassParts = 7
)

var errClass = errors.New("dynamo: a class of users cannot be written")

func className(c user.Class) (string, error) {
	all := []string{
		c.Methods, string(c.Enforcement), strconv.FormatBool(c.Suspended),
		string(c.ExemptUntil), string(c.GraceUntil), strconv.FormatBool(c.CodesSpent), c.Services,
	}
	if slices.ContainsFunc(all, func(part string) bool { return strings.Contains(part, ":") }) {
		return "", errClass
	}
	if c == (user.Class{Methods: c.Methods, Enforcement: c.Enforcement, Suspended: c.Suspended}) {
		all = all[:classParts]
	}
	return classPrefix + strings.Join(all, ":"), nil
}

func classOf(name string) (user.Class, bool) {
	all := strings.Split(strings.TrimPrefix(name, classPrefix), ":")
	if len(all) != classParts && len(all) != fullClassParts {
		return user.Class{}, false
	}
	suspended, err := strconv.ParseBool(all[2])
	class := user.Class{Methods: all[0], Enforcement: user.EnforcementKind(all[1]), Suspended: suspended}
	if err != nil || len(all) == classParts {
		return class, err == nil
	}
	class.ExemptUntil, class.GraceUntil, class.Services = user.Day(all[3]), user.Day(all[4]), all[6]
	for _, day := range []user.Day{class.ExemptUntil, class.GraceUntil} {
		if _, ok := day.End(); !ok && day != "" {
			return class, false
		}
	}
	class.CodesSpent, err = strconv.ParseBool(all[5])
	return class, err == nil
}

// Counts are the numbers of an organisation's users, a moment old; the zero value where nobody was counted. It is
// policy.Store's.
func (s *Store) Counts(ctx context.Context, organization string) (user.Counts, error) {
	i, err := s.get(ctx, countsKey(organization), false)
	if err != nil || i == nil {
		return user.Counts{}, err
	}
	tally, err := decodeTally(i)
	return tally.Counts, err
}

func decodeTally(i item) (user.Tally, error) {
	must, may, failed := read("COUNTS", i)
	tally := user.Tally{Organization: i.key().sk, Counts: user.Counts{AsOf: may.moment("as_of"), ByClass: classesOf(must, classPrefix)}}
	if tally.AsOf.IsZero() && len(tally.ByClass) == 0 {
		tally.Counts = user.Counts{} // the organisation was made, and nobody counted
	}
	return tally, *failed
}

// classesOf are the counts of an item whose names begin with a prefix.
func classesOf(f fields, prefix string) map[user.Class]int64 {
	counts := map[user.Class]int64{}
	for name := range f.item {
		written, counted := strings.CutPrefix(name, prefix)
		if !counted {
			continue
		}
		class, ok := classOf(classPrefix + written)
		if !ok {
			f.fail(name, "names no class")
		}
		if n := f.number(name); n != 0 {
			counts[class] = n
		}
	}
	return counts
}

// Counted is how a user stands in the counts, strongly consistent. It is report.CountStore's.
func (s *Store) Counted(ctx context.Context, organization, id string) (user.Counted, error) {
	i, err := s.get(ctx, countedKey(organization, id), true)
	if err != nil || i == nil {
		return user.Counted{Organization: organization, User: id}, err
	}
	return decodeCounted(i)
}

func decodeCounted(i item) (user.Counted, error) {
	must, may, failed := read("COUNTED", i)
	counted := user.Counted{Rev: must.number("rev"), Gone: may.flag("gone")}
	var ok bool
	if counted.Organization, counted.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	if counted.Gone {
		return counted, *failed
	}
	if counted.Class, ok = classOf(must.text("class")); !ok {
		must.fail("class", "names no class")
	}
	counted.Registered = dayOf(may, "registered")
	return counted, *failed
}

// dayOf is a day that may be absent.
func dayOf(may fields, name string) user.Day {
	day := user.Day(may.text(name))
	if _, ok := day.End(); !ok && day != "" {
		may.fail(name, "is no day")
	}
	return day
}

func encodeCounted(c user.Counted) (item, error) {
	i := countedKey(c.Organization, c.User).item()
	i.number("rev", c.Rev)
	if c.Gone {
		i.flag("gone", true)
		return i, nil
	}
	name, err := className(c.Class)
	i.text("class", name)
	i.text("registered", string(c.Registered))
	return i, err
}
