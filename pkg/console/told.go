package console

import (
	"strings"
	"time"

	"twofold/pkg/access"
)

// plainly is told with the values in words, too: permissions, roles and times that a mail writes as they are stored.
func (v *visit) plainly(all map[string]string) []fact {
	said := map[string]string{}
	for name, value := range all {
		said[name] = v.valueWord(name, value)
	}
	return v.told(said)
}

func (v *visit) valueWord(name, value string) string {
	switch name {
	case "permissions":
		return v.namedPermissions(value)
	case "role":
		return v.roleWord(value)
	case "expires_at", "old_key_ends":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return v.say.Time(at)
		}
	case "every_organization":
		return strings.NewReplacer("true", v.say.Say("console.keys.yes"), "false", v.say.Say("console.keys.no")).Replace(value)
	case "organizations":
		if value == "all" {
			return v.say.Say("console.keys.everywhere")
		}
	}
	return value
}

// namedPermissions puts words in the place of all permissions in a text.
func (v *visit) namedPermissions(text string) string {
	var pairs []string
	for _, p := range access.Permissions() {
		pairs = append(pairs, string(p), v.permissionWord(p))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
