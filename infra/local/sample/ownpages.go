package sample

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
)

// The other way: pages of our own. The same loop goes around every answer: show the step that it asks for, send what the user does.

// own is called when somebody has typed the right password.
func (a *App) own(w http.ResponseWriter, r *http.Request, u User, setUp bool) {
	p := pending{user: u, nonce: rand.Text()}
	answer, err := a.begin(r, p)
	if err == nil && answer.Status == "complete" && answer.Next.Do == "enroll" && setUp {
		answer, err = a.twofold.Enroll(r.Context(), answer.Login, false)
	}
	a.proceed(w, r, p, answer, err)
}

func (a *App) begin(r *http.Request, p pending) (Answer, error) {
	return a.twofold.Begin(r.Context(), Login{
		Organization: a.Organization, User: p.user.ID, Email: p.user.Email, Nonce: p.nonce, DeviceToken: a.deviceToken(r, p.user), Browser: browserOf(r),
	})
}

// steps shows what the login waits for.
func (a *App) steps(w http.ResponseWriter, r *http.Request) {
	p, ok := a.sessions.waiting(r)
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	next := p.answer.Next
	ways := append(slices.Clone(next.WaysBack), "bypass_code") // which is always open to whoever has one
	all := slices.Concat(next.Methods, ways)
	if !slices.Contains(all, p.method) {
		p.method = all[0]
	}
	a.page(w, r, http.StatusOK, "verify", map[string]any{
		"User": p.user, "Answer": p.answer, "Method": p.method, "Ways": ways, "Ordered": ordered(all), "Problem": p.problem,
		"QR": qr(next.Setup), "ResendIn": a.until(next.ResendAt),
	})
}

// ordered are those whose codes are sent.
func ordered(methods []string) []string {
	return slices.DeleteFunc(methods, func(m string) bool { return m != "email" && m != "sms" && m != "recovery_email" })
}

// step sends what the user did.
func (a *App) step(w http.ResponseWriter, r *http.Request) {
	p, ok := a.sessions.waiting(r)
	if !ok {
		a.refuse(w, r, errNoLogin)
		return
	}
	answer, err := a.send(r, p)
	p.method = r.PostFormValue("method")
	a.proceed(w, r, p, answer, err)
}

func (a *App) send(r *http.Request, p pending) (Answer, error) {
	ctx, login := r.Context(), p.answer.Login
	typed := Typed{Login: login, Method: r.PostFormValue("method"), Code: r.PostFormValue("code")}
	if r.PostFormValue("remember") != "" {
		typed.Remember = &Remember{}
	}
	switch r.PostFormValue("do") {
	case "order":
		return a.twofold.Order(ctx, login, typed.Method)
	case "answer":
		return a.twofold.Answer(ctx, typed)
	case "enroll":
		return a.twofold.Enroll(ctx, login, false)
	case "resend":
		return a.twofold.Enroll(ctx, login, true)
	default:
		typed.RecoveryEmail, typed.RecoveryEmailAgain, typed.Phone = r.PostFormValue("recovery_email"), r.PostFormValue("recovery_email_again"), r.PostFormValue("phone")
		return a.twofold.Step(ctx, typed)
	}
}

// proceed does what an answer says, or what a refusal does.
func (a *App) proceed(w http.ResponseWriter, r *http.Request, p pending, answer Answer, err error) {
	p.problem = ""
	var refused *Refused
	switch {
	case err == nil:
		p.answer = answer
	case errors.Is(err, ErrUnreachable), !errors.As(err, &refused), p.answer.Login == "":
		a.refuse(w, r, err)
		return
	case refused.Decision != nil && refused.Decision.Login != "": // decision_changed, wrong_step: what holds now
		p.answer, p.problem = *refused.Decision, refused.Detail
	case refused.Code == "login_ended", refused.Code == "login_invalid", refused.Code == "already_enrolled":
		p.nonce, p.problem = rand.Text(), "That took too long, or was done elsewhere. Here we begin again."
		if p.answer, err = a.begin(r, p); err != nil {
			a.refuse(w, r, err)
			return
		}
	case refused.Status == http.StatusUnprocessableEntity, refused.Status == http.StatusTooManyRequests:
		p.problem = refused.Detail // and the step stays
	default:
		a.refuse(w, r, err)
		return
	}
	if p.answer.Status == "complete" || p.answer.Status == "denied" {
		a.finish(w, r, p, p.answer)
		return
	}
	a.sessions.await(w, r, p)
	http.Redirect(w, r, "/verify", http.StatusSeeOther)
}
