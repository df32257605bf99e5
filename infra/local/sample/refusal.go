package sample

import (
	"errors"
	"net/http"

	"twofold/pkg/sign"
)

// denial is why somebody whose password was right is not let in, in words for that person.
type denial struct {
	status int
	words  string
}

func (d *denial) Error() string { return "not let in: " + d.words }

var (
	errNoLogin     = &denial{http.StatusBadRequest, "This belongs to no sign-in that is under way in this browser. It may have been used already, or taken too long. Sign in again."}
	errNotVerified = &denial{http.StatusForbidden, "Your second factor was not confirmed."}
	errNoProof     = &denial{http.StatusForbidden, "The proof of your second factor does not belong to this sign-in, or has expired. Sign in again."}
	errNoTwofold   = &denial{http.StatusServiceUnavailable, "We cannot check your second factor at the moment. Until we can, nobody is let in. Try again in a minute."}
)

// denied says what Twofold's answer denies, and until when.
func denied(answer Answer) error {
	words, known := map[string]string{
		"locked":              "There were too many wrong codes.",
		"suspended":           "Your second factor is suspended after many wrong codes. Your administrator can reset it.",
		"email_undeliverable": "Our mail to your recovery address comes back. Your administrator can help.",
	}[answer.Reason]
	if !known {
		words = "Your organisation’s policy does not let you in."
	}
	if !answer.Until.IsZero() {
		words += " Try again after " + answer.Until.Format("15:04:05 MST") + "."
	}
	return &denial{http.StatusForbidden, words}
}

// refuse is every way not to be let in. Who was signed in before stays so; nobody is by this.
func (a *App) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var d *denial
	var refused *Refused
	switch {
	case errors.As(err, &d):
	case errors.Is(err, ErrUnreachable):
		d = errNoTwofold
		a.Log.Error("TWOFOLD CANNOT BE REACHED: nobody is let in", "error", err)
	case errors.Is(err, sign.ErrRefused):
		d = errNoProof
		a.Log.Error("an assertion was refused", "error", err)
	case errors.As(err, &refused) && (refused.Status == http.StatusConflict || refused.Status == http.StatusTooManyRequests || refused.Code == "return_code_refused"):
		d = &denial{http.StatusForbidden, refused.Detail}
	default: // a defect of ours, such as a wrong key
		d = errNoTwofold
		a.Log.Error("TWOFOLD REFUSES OUR REQUEST: nobody is let in", "error", err)
	}
	a.page(w, r, d.status, "refused", map[string]any{"Words": d.words})
}
