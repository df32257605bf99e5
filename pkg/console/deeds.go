package console

import (
	"cmp"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// deed is something that an administrator does to users, several at once or one. Its name is what it is called in paths, forms and words.
type deed struct {
	name   string
	rule   access.Rule
	until  bool // it has an end
	reason need
	told   string // who reads the reason, besides whoever reads the audit: what the words of that end in
	frees  bool   // it counts among what needs an allowance beyond so many
	danger bool
}

// need is whether something is to be typed.
type need int

const (
	never need = iota
	perhaps
	always
)

// deeds are those that may be done to several.
var deeds = []deed{
	{name: "require", rule: policy.EnforceRule, reason: perhaps, told: "audit"},
	{name: "exempt", rule: policy.EnforceRule, until: true, reason: always, told: "all", frees: true},
	{name: "inherit", rule: policy.EnforceRule},
	{name: "grace", rule: policy.EnforceRule, until: true, reason: always, told: "all"},
	{name: "reset", rule: enroll.ResetRule(), reason: always, told: "user", frees: true, danger: true},
}

// deedOf finds one by its name.
func deedOf(name string) (deed, bool) {
	at := slices.IndexFunc(deeds, func(d deed) bool { return d.name == name })
	if at < 0 {
		return deed{}, false
	}
	return deeds[at], true
}

// offered are the deeds that the caller may do.
func (v *visit) offered() []deed {
	return slices.DeleteFunc(slices.Clone(deeds), func(d deed) bool { return !v.may(d.rule) })
}

// wanted is a deed with what was typed for it.
type wanted struct {
	deed
	end    time.Time
	reason string
	clear  bool // the recovery email goes too
}

// The refusals of what is typed for a deed.
var (
	errLastDay    = fault.New(fault.Unprocessable, "users_day", "This is no day.").At("until")
	errDeedReason = fault.New(fault.Unprocessable, "users_reason", "A reason is one line of at most 200 characters.").At("reason")
)

// wanted reads what was typed for a deed. What is wrong whoever it is about is refused here, by the rule of whoever carries it out.
func (v *visit) wanted(d deed) (wanted, error) {
	w := wanted{deed: d, clear: v.checked("clear")}
	if d.reason != never {
		w.reason = v.form("reason")
	}
	if d.until {
		end, ok := user.Day(v.form("until")).End()
		if !ok {
			return w, errLastDay
		}
		w.end = end
	}
	return w, w.check(v)
}

func (w wanted) check(v *visit) error {
	switch kind, enforces := enforcementKinds[w.name]; {
	case enforces:
		return w.enforcement(kind).Check(v.organization.Entitlements, v.Now())
	case w.name == "grace":
		return w.grace().Check(user.Grace{}, v.Now())
	case user.GoodReason(w.reason):
		return nil
	}
	return errDeedReason
}

// enforcementKinds are what the deeds set that are an enforcement.
var enforcementKinds = map[string]user.EnforcementKind{"require": user.Required, "exempt": user.Exempt, "inherit": user.Inherit}

func (w wanted) enforcement(kind user.EnforcementKind) user.Enforcement {
	return user.Enforcement{Kind: kind, Until: w.end, Reason: w.reason}
}

func (w wanted) grace() user.Grace { return user.Grace{Until: w.end, Reason: w.reason} }

// fields are what is typed for a deed, with what was.
func (v *visit) fields(d deed, refused error) []page.Field {
	var all []page.Field
	if d.until {
		all = append(all, page.Field{Name: "until", Type: "date", Label: v.say.Say("console.deed.until"), Hint: v.say.Say("console.deed.until.hint")})
	}
	if d.reason != never {
		all = append(all, page.Field{
			Name: "reason", Label: v.say.Say("console.deed.reason"), Hint: v.say.Say("console.deed.reason." + d.told), MaxLength: 200,
			Optional: d.reason == perhaps, Autocomplete: "off",
		})
	}
	if lives[d.name] != nil {
		all = append(all, v.lifeField(d.name))
	}
	for i := range all {
		all[i].ID = d.name + "-" + all[i].Name
		if refused != nil {
			all[i].Value = cmp.Or(v.form(all[i].Name), all[i].Value)
			all[i].Error = v.about(all[i].Name, refused)
		}
	}
	return all
}

// about is a refusal in words where it is about a field.
func (v *visit) about(field string, refused error) string {
	if fault.As(refused).Field != field {
		return ""
	}
	_, text := v.explained(refused)
	return text
}

// do does a deed to one user. Changed is false where it stood already.
func (v *visit) do(w wanted, id string) (changed bool, err error) {
	ctx := v.r.Context()
	kind, enforces := enforcementKinds[w.name]
	switch {
	case enforces:
		got, err := v.Policies.Enforce(ctx, v.caller, policy.Subject{Organization: v.home, User: id}, w.enforcement(kind))
		return got.Changed, err
	case w.name == "grace":
		got, err := v.Policies.ExtendGrace(ctx, v.caller, policy.Subject{Organization: v.home, User: id}, w.grace())
		return got.Changed, err
	}
	_, err = v.Users.Reset(ctx, v.caller, enroll.Subject{Organization: v.home, User: id}, w.reason, w.clear)
	return err == nil, err
}
