package account

import (
	"slices"

	"twofold/pkg/enroll"
	"twofold/pkg/page"
)

func (v *visit) fillPassword(c *change, p enroll.Prospect) bool {
	if len(p.Offers.Services) == 0 {
		return false
	}
	service := page.Field{Name: "service", Label: v.say.Say("account.password.service"), Value: v.typed("service", p.Offers.Services[0])}
	for _, s := range p.Offers.Services {
		service.Options = append(service.Options, page.Option{Value: s, Label: s})
	}
	c.Fields = []page.Field{service, v.nameField(v.typed("name", ""))}
	return true
}

// create makes one, and shows it.
func (v *visit) create() error {
	name, err := v.name()
	if err != nil {
		return err
	}
	made, err := v.Users.CreateAppPassword(v.r.Context(), v.caller, enroll.NewAppPassword{Request: v.request(), Service: v.form("service"), Name: name})
	if err != nil {
		return err
	}
	return v.secret("account.password.made.title", secret{Password: made.Password, Service: made.Service, Name: made.Name})
}

// fillExisting is the page of one that there is: to show it again, or to end it.
func (v *visit) fillExisting(c *change, p enroll.Prospect) bool {
	at := slices.IndexFunc(p.AppPasswords, func(a enroll.AppPassword) bool { return a.ID == c.Of })
	if at < 0 {
		return false
	}
	c.About, c.Danger = p.AppPasswords[at].Service, c.Task == "revoke"
	if name := p.AppPasswords[at].Name; name != "" {
		c.About = v.say.Say("account.password.named", "service", c.About, "name", name)
	}
	return true
}

func (v *visit) view() error {
	shown, err := v.Users.ViewAppPassword(v.r.Context(), v.caller, v.request(), v.form("of"))
	if err != nil {
		return err
	}
	return v.secret("account.view.title", secret{Password: shown.Password, Service: shown.Service, Name: shown.Name})
}

func (v *visit) revoke() error {
	if err := v.Users.RevokeAppPassword(v.r.Context(), v.caller, v.request(), v.form("of")); err != nil {
		return err
	}
	return v.done("revoked")
}

// secret is the page that shows one.
type secret struct {
	At       string
	Codes    []string
	Password string
	Service  string
	Name     string
}

func (v *visit) secret(title string, s secret) error {
	s.At = pathOf(v.a)
	return v.shown(200, page.View{Body: "account/secret", Title: v.say.Say(title), Data: s, Secret: true})
}
