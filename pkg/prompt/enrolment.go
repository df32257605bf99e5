package prompt

import (
	"context"
	"crypto/rand"
	"html/template"
	"net/http"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

// stepPage is the page of one step of an enrolment.
type stepPage struct {
	At, Attempt  string
	Whom         string
	Do           login.Do
	Lead         string
	Deadline     time.Time // until when an enrolment can wait; zero: no such time
	Fields       []page.Field
	Others       []page.Field // of the step before, for whoever wants it otherwise
	Open         bool         // one of those was refused
	Sent         bool         // a code was, and may be sent again
	Wait         int
	Later        bool // whoever does not want to now may go on without
	Back         bool // something was proven already
	Setup        *login.Setup
	Secret       string // of Setup, for people to type
	URI          template.URL
	RememberDays int
	Method       org.Method
	Out          out
}

func (v *visit) showStep(a login.Answer) error {
	refused := v.refused()
	s := stepPage{
		At: pathOf(v.h), Attempt: rand.Text(), Whom: v.h.Whom, Do: a.Next.Do, Wait: page.Seconds(a.Next.ResendAt, v.Now()), Sent: a.Next.Order != "",
		Back: v.h.Success != "", Setup: a.Next.Setup, RememberDays: a.Next.RememberDays, Out: v.out(),
	}
	s.Later = s.Back || a.Next.Do == login.DoEnroll && a.Decision.Status == decision.Complete
	if s.Setup != nil {
		s.Secret = page.Grouped(s.Setup.Secret)
		s.URI = template.URL(s.Setup.URI) // made by factor.TOTPURI, which escapes what is not its own
	}
	name, lead := string(a.Next.Do), ""
	switch a.Next.Do {
	case login.DoEnroll:
		lead = v.say.Say(v.why(a.Decision))
		if a.Decision.Status == decision.Complete {
			s.Deadline = a.Decision.Until
		}
	case login.DoProve:
		lead = v.say.Say("prompt.prove."+string(a.Next.Proof), "address", a.Next.SentTo)
		s.Fields = v.mailedCode(a.Next.Proof == org.ProofTicket)
	case login.DoRecoveryEmail:
		s.Fields = v.recoveryFields()
	case login.DoVerifyRecovery:
		lead = v.say.Say("prompt.verify_recovery.lead", "address", a.Next.SentTo)
		s.Fields, s.Others = v.mailedCode(false), unfocused(v.recoveryFields())
	case login.DoChooseMethod:
		if v.h.Enrolls { // it begins here
			lead = v.say.Say(v.why(a.Decision))
		}
		s.Fields = v.methodFields(a.Next.Methods)
	case login.DoConfirm:
		s.Method = a.Next.Methods[0]
		name = "confirm." + string(s.Method)
		lead = v.say.Say("prompt."+name+".lead", "address", a.Next.SentTo)
		s.Fields = []page.Field{v.codeField(string(s.Method))}
		if len(a.Next.Choices) > 1 || s.Method == org.SMS { // a number may be mistyped
			s.Others = v.methodFields(a.Next.Choices)
		}
	}
	s.Lead = lead
	p := page.View{Body: "prompt/step", Title: v.say.Say("prompt." + name + ".title"), Data: &s, Secret: s.Setup != nil}
	if p.Alerts = v.delivery(a.Next.Order); refused != nil {
		p.Alerts = v.toldOf(refused, kindOf(string(s.Method)), s.Fields, s.Others)
		s.Open = slices.ContainsFunc(s.Others, func(f page.Field) bool { return f.Error != "" })
	}
	return v.shown(http.StatusOK, p)
}

// why names the words that say why somebody is asked to enrol.
func (v *visit) why(d decision.Decision) string {
	switch {
	case v.h.Enrolls && v.h.Success == "":
		return "prompt.enroll.again"
	case v.h.Enrolls:
		return "prompt.enroll.recovered"
	case d.Status == decision.Complete:
		return "prompt.enroll.offered"
	}
	return "prompt.enroll.demanded"
}

// unfocused are fields of which none is the first of its page.
func unfocused(fields []page.Field) []page.Field {
	for i := range fields {
		fields[i].Autofocus = false
	}
	return fields
}

func (v *visit) mailedCode(ticket bool) []page.Field {
	f := page.Field{Name: "code", Label: v.say.Say("prompt.code.email"), Autocomplete: "one-time-code", Autofocus: true, Digits: factor.MailedDigits}
	if ticket {
		f.Label, f.Autocomplete = v.say.Say("prompt.code.ticket"), "off"
	}
	return []page.Field{f}
}

func (v *visit) recoveryFields() []page.Field {
	first := page.Field{
		Name: "recovery_email", Label: v.say.Say("prompt.recovery_email.label"), Hint: v.say.Say("prompt.recovery_email.hint"), Type: "email", InputMode: "email",
		Autocomplete: "email", MaxLength: 254, Autofocus: true,
	}
	again := page.Field{
		Name: "recovery_email_again", Label: v.say.Say("prompt.recovery_email.again"), Type: "email", InputMode: "email", Autocomplete: "off", MaxLength: 254,
	}
	return []page.Field{first, again}
}

func (v *visit) methodFields(methods []org.Method) []page.Field {
	choose := page.Field{Name: "method", Label: v.say.Say("prompt.choose_method.label"), Value: string(methods[0])}
	fields := []page.Field{choose}
	for _, m := range methods {
		fields[0].Options = append(fields[0].Options, page.Option{
			Value: string(m), Label: v.say.Say("prompt.method." + string(m)), Hint: v.say.Say("prompt.method." + string(m) + ".hint"),
		})
		if m == org.SMS {
			fields = append(fields, page.Field{
				Name: "phone", Label: v.say.Say("prompt.phone.label"), Hint: v.say.Say("prompt.phone.hint"), Type: "tel", InputMode: "tel", Autocomplete: "tel",
				MaxLength: 32, Optional: true,
			})
		}
	}
	return fields
}

// enroll begins an enrolment, or shows where it is.
func (v *visit) enroll() error { return v.sent(v.Enrollments.Begin) }

// resend orders the code that the present step awaits once more.
func (v *visit) resend() error { return v.sent(v.Enrollments.Resend) }

func (v *visit) sent(order func(context.Context, access.Caller, string) (login.Answer, error)) error {
	token, err := v.token()
	if err != nil {
		return err
	}
	if _, err := order(v.r.Context(), v.caller, token); err != nil {
		return v.stepAgain(err)
	}
	return v.on("")
}

// step takes one step. The last one shows recovery codes and app passwords in its answer, where there are any: they are shown again to
// whoever sends the same again, and nowhere else.
func (v *visit) step() error {
	token, err := v.token()
	if err != nil {
		return err
	}
	method := v.form("method")
	in := enroll.Answer{
		Login: token, Code: v.form("code"), RecoveryEmail: v.form("recovery_email"), RecoveryEmailAgain: v.form("recovery_email_again"), Method: method,
		IdempotencyKey: v.attempt(), Remember: v.remember(),
	}
	if method == string(org.SMS) {
		in.Phone = v.form("phone")
	}
	a, err := v.Enrollments.Answer(v.r.Context(), v.caller, in)
	if err != nil {
		return v.stepAgain(err)
	}
	if a.Decision.Status != decision.Complete {
		return v.on("")
	}
	return v.enrolled(a)
}

// stepAgain goes to the step at which an enrolment is, with what was refused about it.
func (v *visit) stepAgain(err error) error {
	if known := fault.As(err); known.Code == enroll.ErrLimit.Code {
		return v.over(http.StatusConflict, "limit")
	}
	if !correctable(err) {
		return err
	}
	return v.onWith("", err)
}

// enrolled shows what whoever has enrolled must keep, or goes back at once where that is nothing.
func (v *visit) enrolled(a login.Answer) error {
	v.h.Success, v.h.Trusted, v.h.Enrolls = a.Success, a.Device.Text != "", false
	if len(a.RecoveryCodes) == 0 && len(a.AppPasswords) == 0 {
		return v.back()
	}
	if err := v.keep(v.w, v.h); err != nil {
		return err
	}
	return v.shown(http.StatusOK, page.View{
		Body: "prompt/codes", Title: v.say.Say("prompt.codes.title"), Secret: true,
		Data: struct {
			At, Whom     string
			On           time.Time
			Codes        []string
			AppPasswords []login.AppPassword
		}{pathOf(v.h), v.h.Whom, v.Now(), a.RecoveryCodes, a.AppPasswords},
	})
}
