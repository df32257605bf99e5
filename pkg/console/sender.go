package console

import (
	"errors"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/sender"
)

func senderRoutes(d desk) {
	d.get("/sender", (*visit).sender)
	d.post("/sender", (*visit).putSender)
	d.post("/sender/remove", (*visit).removeSender)
}

// senderPage is where the organisation's mail comes from.
type senderPage struct {
	At             string
	Entitled       bool
	Domain         string // empty: there is none of its own
	Address, Name  string
	State, Tone    string
	Meanwhile      string // whose address mail comes from now, and why
	ClaimedAt      time.Time
	VerifiedAt     time.Time
	LostAt         time.Time
	FallsBackSince time.Time
	Records        []senderRecord
	Form           []page.Field // empty: the key may not put a domain
	MayRemove      bool
}

// senderRecord is a line for the administrator's DNS.
type senderRecord struct {
	N                          int
	Type, Name, Value, Purpose string
	Required                   bool
	Seen, Tone                 string // what the provider has seen of it, in words
}

func (v *visit) sender() error { return v.senderShown(nil) }

// putSender makes a domain the organisation's sender, or asks the provider to look for its records again.
func (v *visit) putSender() error {
	_, err := v.Senders.Put(v.r.Context(), v.caller, v.home, sender.Put{Domain: v.form("domain"), From: v.form("from"), Name: v.form("name")})
	if err != nil {
		return v.senderShown(err)
	}
	return v.on("/sender", "done", "sender_put")
}

func (v *visit) removeSender() error {
	if err := v.Senders.Remove(v.r.Context(), v.caller, v.home); err != nil {
		return v.senderShown(err)
	}
	return v.on("/sender", "done", "sender_removed")
}

// senderShown shows how the sender stands, after asking the provider, with what was refused.
func (v *visit) senderShown(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	if said := "console.sender.refused." + fault.As(refused).Code; v.say.Has(said) {
		alerts = []page.Alert{{Tone: page.Failed, Text: v.say.Say(said)}}
	}
	found, err := v.Senders.Look(v.r.Context(), v.caller, v.home)
	if err != nil && !errors.Is(err, access.ErrNotFound) { // of an organisation that there is: it has no domain
		return err
	}
	return v.shown(status, page.View{Body: "console/sender", Title: v.say.Say("console.sender.title"), Alerts: alerts, Data: v.senderPage(found, fault.As(refused).Field, alerts)})
}

var senderTones = map[org.SenderState]string{
	org.SenderPending: "warn", org.SenderVerified: "good", org.SenderFailed: "bad", org.SenderLost: "bad",
}

// senderPage is the sender as it stands; wrong is the field that was refused, for which the first alert says why.
func (v *visit) senderPage(found sender.View, wrong string, alerts []page.Alert) senderPage {
	s := found.Sender
	p := senderPage{
		At: v.at(""), Entitled: v.organization.Entitlements.Sender, Domain: s.Domain, Address: s.Address(), Name: s.Name, Meanwhile: v.meanwhile(s),
		ClaimedAt: s.ClaimedAt, VerifiedAt: s.VerifiedAt, LostAt: s.LostAt, FallsBackSince: s.FallsBackSince,
		MayRemove: s.Domain != "" && v.may(sender.RemoveRule),
	}
	if s.Domain != "" {
		p.State, p.Tone = v.say.Say("console.sender.state."+string(s.State)), senderTones[s.State]
	}
	if p.Entitled && v.may(sender.PutRule) {
		p.Form = v.senderForm(s)
	}
	for i := range p.Form {
		if p.Form[i].Name == wrong {
			p.Form[i].Error = alerts[0].Text
		}
	}
	for i, r := range found.Records {
		p.Records = append(p.Records, v.senderRecord(i+1, r, s.State))
	}
	return p
}

// meanwhile says where mail comes from as things stand.
func (v *visit) meanwhile(s org.Sender) string {
	switch {
	case s.Domain == "":
		return v.say.Say("console.sender.now.none")
	case !v.organization.Entitlements.Sender:
		return v.say.Say("console.sender.now.withdrawn")
	case s.State == org.SenderVerified:
		return v.say.Say("console.sender.now.own", "address", s.Address())
	}
	return v.say.Say("console.sender.now." + string(s.State))
}

// senderRecord is a record with what is known of it. The provider says of the required ones together whether it has seen them, and looks at no others.
func (v *visit) senderRecord(n int, r sender.Record, state org.SenderState) senderRecord {
	shown := senderRecord{N: n, Type: r.Type, Name: r.Name, Value: r.Value, Required: r.Required, Purpose: v.say.Say("console.sender.purpose." + r.Purpose)}
	if r.Required {
		shown.Seen, shown.Tone = v.say.Say("console.sender.seen."+string(state)), senderTones[state]
	}
	return shown
}

// senderForm has what was typed or, where nothing was, what stands.
func (v *visit) senderForm(s org.Sender) []page.Field {
	typed := s
	if v.r.PostForm.Has("domain") {
		typed = org.Sender{Domain: v.form("domain"), From: v.form("from"), Name: v.form("name")}
	}
	return []page.Field{
		{Name: "domain", Label: v.say.Say("console.sender.domain"), Hint: v.say.Say("console.sender.domain.hint"), Value: typed.Domain, MaxLength: 253, InputMode: "url"},
		{Name: "from", Label: v.say.Say("console.sender.from"), Hint: v.say.Say("console.sender.from.hint"), Value: typed.From, MaxLength: 64, Optional: true},
		{Name: "name", Label: v.say.Say("console.sender.name"), Hint: v.say.Say("console.sender.name.hint"), Value: typed.Name, MaxLength: sender.MaxName, Optional: true},
	}
}
