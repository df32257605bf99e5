package prompt

import (
	"errors"
	"net/http"
	"slices"

	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
)

// show is a login's page: what is to be done next, as things are now. It changes nothing.
func (v *visit) show() error {
	switch {
	case v.h.Enrolls:
		return v.showEnrolment()
	case v.h.Success != "":
		return v.showDone()
	}
	return v.showLogin(v.r.URL.Query().Get("way"))
}

// showLogin shows what the decision asks for.
func (v *visit) showLogin(way string) error {
	token, err := v.token()
	if err != nil {
		return err
	}
	a, err := v.Logins.Look(v.r.Context(), v.caller, token, way)
	if err != nil {
		return err
	}
	switch d := a.Decision; {
	case d.Status == decision.Challenge:
		return v.showChallenge(a, way)
	case d.Status == decision.Denied && len(a.Next.WaysBack) > 0 && login.IsWayBack(way):
		return v.showChallenge(a, way)
	case d.Status == decision.Denied:
		return v.showDenied(a)
	case d.MayEnroll && !a.Next.Begun:
		return v.showStep(a)
	case d.MayEnroll:
		return v.showEnrolment()
	}
	return v.showDone()
}

// showEnrolment shows the step at which an enrolment is, or that one may begin.
func (v *visit) showEnrolment() error {
	token, err := v.token()
	if err != nil {
		return err
	}
	a, err := v.Enrollments.Look(v.r.Context(), v.caller, token)
	if errors.Is(err, login.ErrRefused) {
		return v.overWith(http.StatusOK, "wait", refusal{At: pathOf(v.h)})
	}
	if err != nil {
		return err
	}
	return v.showStep(a)
}

// chosen is the way that is shown: the one that was asked for if it is open, or else the default.
func chosen(a login.Answer, way string) string {
	open := slices.Contains(a.Next.Methods, org.Method(way)) || slices.Contains(a.Next.WaysBack, login.WayBack(way)) || way == string(login.Bypass)
	if open {
		return way
	}
	if len(a.Next.Methods) > 0 {
		return string(a.Next.Methods[0])
	}
	return string(login.Bypass)
}

// ordered reports whether codes of a way are sent, so that they are ordered first.
func ordered(way string) bool {
	return way == string(org.Email) || way == string(org.SMS) || way == string(login.MailedRecovery)
}
