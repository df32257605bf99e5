package console

import "twofold/pkg/page"

// elsewhere is the impersonation that the session has in another place than the one that is looked at, where everything is done as oneself.
func (v *visit) elsewhere() *acting {
	if v.session.in(v.home) != nil {
		return nil
	}
	return v.session.Acting
}

// acts says that there is one, or that there was.
func (v *visit) acts() []page.Alert {
	if v.lapsed {
		return []page.Alert{{Tone: page.Noted, Text: v.say.Say("console.done.impersonation_over")}}
	}
	a := v.elsewhere()
	if a == nil {
		return nil
	}
	return []page.Alert{{Tone: page.Noted, Text: v.say.Say(
		"console.acting.elsewhere", "administrator", a.Administrator, "organization", a.Organization, "time", v.say.Time(a.ExpiresAt),
	)}}
}

// lapse takes an impersonation out of the session whose time is over. Where it was under way, the workflow says so.
func (v *visit) lapse() error {
	a := v.elsewhere()
	if a == nil || v.Now().Before(a.ExpiresAt) {
		return nil
	}
	v.session.Acting, v.lapsed = nil, true
	return v.keep(v.w, v.session)
}
