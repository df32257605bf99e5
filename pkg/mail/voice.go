package mail

import (
	"slices"
	"strings"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

// Organization is one as it is when mail is written: with how it shows itself.
type Organization struct {
	org.Organization
	Branding org.Branding
}

// voice is how an organisation speaks to somebody: in whose language, by what name, and perhaps in words of its own.
type voice struct {
	*words.Catalogue
	name     string // one line
	branding org.Branding
}

// voice is how the organisation speaks to a user who has chosen a language, or to whom none is known of: an administrator, or a user
// whose application has not said.
func (o Organization) voice(language string) voice {
	return voice{words.In(words.Choose(language, o.Branding.Language)), words.Line(o.Branding.ShownAs(o.Name)), o.Branding}
}

// lead is a text that the organisation may have in words of its own. Ours stands in where those name what there is none of, such as the
// end of a time that is over.
func (v voice) lead(key string, values ...string) string {
	values = append([]string{"organization", v.name}, values...)
	if own := v.own(key); own != "" && fillable(own, words.Placeholders(key), values) {
		return words.Fill(own, values...)
	}
	return v.Say(key, values...)
}

// fillable reports whether there is a value for each of the placeholders that a text has. values are name, value, name, value.
func fillable(text string, placeholders, values []string) bool {
	filled := map[string]bool{}
	for i := 0; i < len(values); i += 2 {
		filled[values[i]] = true
	}
	return !slices.ContainsFunc(placeholders, func(p string) bool { return strings.Contains(text, "{"+p+"}") && !filled[p] })
}

func (v voice) own(key string) string { return v.branding.Text(string(v.Language()), key) }

// signoff is what stands below everything else; empty where the organisation has said nothing.
func (v voice) signoff() string { return words.Fill(v.own(words.Signoff), "organization", v.name) }

// subject names what has happened, and to whom it matters.
func (v voice) subject(heading string) string {
	return v.Say("subject", "heading", heading, "organization", v.name)
}

// fact is a line of its own in a letter, whose value somebody else may have chosen.
func (v voice) fact(label, value string) fact {
	value = words.Line(value)
	return fact{Label: label, Value: value, Line: v.Say("list", "label", label, "value", words.Isolated(value))}
}
