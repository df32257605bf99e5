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
	case ended(v.h, v.Now()):
		return v.over(http.StatusGone, "ended")
	case v.h.Enrolls:
		return v.showEnrolment(http.StatusOK, nil)
	case v.h.Success != "":
		return v.showDone()
	}
	return v.showLogin(http.StatusOK, v.r.URL.Query().Get("way"), nil)
}

// showLogin shows what the decision asks for. A refusal of the step before stands on it.
func (v *visit) showLogin(status int, way string, refused error) error {
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
		return v.showChallenge(status, a, way, refused)
	case d.Status == decision.Denied && len(a.Next.WaysBack) > 0 && isBack(way):
		return v.showChallenge(status, a, way, refused)
	case d.Status == decision.Denied:
		return v.showDenied(a)
	case d.MayEnroll && !a.Next.Begun:
		return v.showStep(status, a, refused)
	case d.MayEnroll:
		return v.showEnrolment(status, refused)
	}
	return v.showDone()
}

// showEnrolment shows the step at which an enrolment is, or that one may begin.
func (v *visit) showEnrolment(status int, refused error) error {
	token, err := v.token()
	if err != nil {
		return err
	}
	a, err := v.Enrollments.Look(v.r.Context(), v.caller, token)
	if errors.Is(err, login.ErrRefused) {
		return v.over(http.StatusOK, "wait")
	}
	if err != nil {
		return err
	}
	return v.showStep(status, a, refused)
}

// isBack reports whether a way is one back, that of an administrator's code among them.
func isBack(way string) bool { return login.IsWayBack(way) }

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
