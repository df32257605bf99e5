package account

import (
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/user"
)

// maxName is how many characters a name has that somebody gives to something of theirs.
const maxName = 60

// errName refuses one that is none.
var errName = fault.New(fault.Unprocessable, "invalid_name", "A name is one line of at most 60 characters.").At("name")

// name is the one that was typed; it may be empty.
func (v *visit) name() (string, error) {
	name := v.form("name")
	if name != "" && !user.OneLine(name) || len([]rune(name)) > maxName {
		return "", errName
	}
	return name, nil
}

func (v *visit) nameField(value string) page.Field {
	return page.Field{Name: "name", Label: v.say.Say("account.name"), Hint: v.say.Say("account.name.hint"), MaxLength: maxName, Optional: true, Value: value, Autocomplete: "off"}
}

// typed is what was typed into a form that is shown again, or what stands.
func (v *visit) typed(name, stands string) string {
	if typed := v.r.PostForm.Get(name); typed != "" {
		return short(typed)
	}
	return stands
}

func (v *visit) fillAdd(c *change, p enroll.Prospect) bool {
	if len(p.Offers.Methods) == 0 {
		return false
	}
	choose := page.Field{Name: "method", Label: v.say.Say("prompt.choose_method.label"), Value: v.typed("method", string(p.Offers.Methods[0]))}
	for _, m := range p.Offers.Methods {
		choose.Options = append(choose.Options, page.Option{Value: string(m), Label: v.say.Say("prompt.method." + string(m)), Hint: v.say.Say("prompt.method." + string(m) + ".hint")})
	}
	c.Fields = append(c.Fields, choose)
	if slices.Contains(p.Offers.Methods, org.SMS) {
		c.Fields = append(c.Fields, page.Field{
			Name: "phone", Label: v.say.Say("prompt.phone.label"), Hint: v.say.Say("prompt.phone.hint"), Type: "tel", InputMode: "tel", Autocomplete: "tel",
			MaxLength: 32, Optional: true, Value: v.typed("phone", ""),
		})
	}
	return true
}

// add begins to add a method. An app's secret is shown in this answer alone.
func (v *visit) add() error {
	m := org.Method(v.form("method"))
	number := ""
	if m == org.SMS {
		number = v.form("phone")
	}
	pending, err := v.Users.Add(v.r.Context(), v.caller, v.request(), m, number)
	if err != nil {
		return err
	}
	if pending.Setup == nil {
		return v.on("/confirm")
	}
	return v.showAwaited(200, pending.Setup, nil)
}

// rename is what the page of a method has besides taking it away.
type rename struct {
	Field   page.Field
	Default bool
}

func (v *visit) fillMethod(c *change, p enroll.Prospect) bool {
	at := slices.IndexFunc(p.Ways, func(w enroll.Way) bool { return w.ID == c.Of })
	if at < 0 {
		return false
	}
	a := p.Ways[at].Authenticator
	c.About, c.Danger, c.Closed = v.called(a), true, len(p.Ways) == 1
	c.Rename = &rename{v.nameField(v.typed("name", a.Name)), a.Default}
	if c.Closed {
		c.Note = v.say.Say("account.method.last")
	}
	return true
}

func (v *visit) remove() error {
	if err := v.Users.Remove(v.r.Context(), v.caller, v.request(), v.form("of")); err != nil {
		return err
	}
	return v.done("removed")
}

// rename and prefer change what proves nothing, and so need no proof.
func (v *visit) rename() error {
	name, err := v.name()
	if err == nil {
		_, err = v.Users.Rename(v.r.Context(), v.caller, v.subject(), v.form("of"), name)
	}
	if err != nil {
		return v.retried("method", err)
	}
	return v.done("renamed")
}

func (v *visit) prefer() error {
	if _, err := v.Users.Prefer(v.r.Context(), v.caller, v.subject(), v.form("of")); err != nil {
		return v.retried("method", err)
	}
	return v.done("preferred")
}

func (v *visit) fillOff(c *change, p enroll.Prospect) bool {
	c.Danger = true
	return p.MayDisable
}

// disable switches off, and ends the page: what it was opened in has gone.
func (v *visit) disable() error {
	if _, err := v.Users.Disable(v.r.Context(), v.caller, v.request()); err != nil {
		return err
	}
	return v.over(200, "switched_off")
}

// revokeBrowser ends one. One that has gone already is what was wanted.
func (v *visit) revokeBrowser() error {
	err := v.Users.RevokeDevice(v.r.Context(), v.caller, v.subject(), v.form("of"))
	if err != nil && fault.As(err).Code != access.ErrNotFound.Code {
		return v.overview(err)
	}
	return v.done("browser")
}

func (v *visit) revokeBrowsers() error {
	if err := v.Users.RevokeDevices(v.r.Context(), v.caller, v.subject()); err != nil {
		return v.overview(err)
	}
	return v.done("browsers")
}

// announcements are wanted or not.
func (v *visit) announcements() error {
	if _, err := v.Users.SetAnnouncements(v.r.Context(), v.caller, v.subject(), v.form("wanted") == "yes"); err != nil {
		return v.overview(err)
	}
	return v.done("announcements")
}
