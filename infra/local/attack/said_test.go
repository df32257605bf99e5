package attack_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// opaque are the members of an answer that are random.
var opaque = []string{"login", "assertion", "secret", "uri", "qr_png", "id", "key", "token", "device_token", "request_id", "bypass_code", "ticket", "password", "order"}

// said is the body without what is random in it.
func (r reply) said() string { return words(r.body) }

func words(v any) string {
	switch v := v.(type) {
	case fields:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if slices.Contains(opaque, name) {
				parts = append(parts, name)
				continue
			}
			parts = append(parts, name+":"+words(v[name]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case string: // of a page's address the end is
		address, _, _ := strings.Cut(v, "?login=")
		address, _, _ = strings.Cut(address, "?page=")
		return address
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, words(one))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(v)
}
