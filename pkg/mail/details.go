package mail

import (
	"maps"
	"slices"
	"strings"
)

// details are what an event or a proposal says has changed, in the order of the names, but for what is said elsewhere or says nothing to
// people. What a later version will have stored without a label here is shown by the name that it has.
func (v voice) details(of map[string]string, said ...string) []fact {
	var out []fact
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if omitted(name, said) {
			continue
		}
		label := strings.ReplaceAll(name, "_", " ")
		if v.Has("detail." + name) {
			label = v.Say("detail." + name)
		}
		out = append(out, v.fact(label, v.Told(name, of[name])))
	}
	return out
}
