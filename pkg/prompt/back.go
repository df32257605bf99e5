package prompt

import (
	"net/http"

	"twofold/pkg/page"
)

// done is the page of a login of which nothing is left to do here but to go back.
type done struct {
	At   string
	Lead string
	Whom string
}

// showDone waits for somebody to go back. What was shown once is not shown again.
func (v *visit) showDone() error {
	lead := "prompt.done.lead"
	if v.h.Success == "" {
		lead = "prompt.done.nothing"
	}
	return v.shown(http.StatusOK, page.View{Body: "prompt/done", Title: v.say.Say("prompt.done.title"), Data: done{At: pathOf(v.h), Lead: v.say.Say(lead), Whom: v.h.Whom}})
}

// back sends the browser back to the application, with a return code. The page's cookie stays until it expires: whoever loses the answer
// asks again, and of several codes for one proof one is exchanged.
func (v *visit) back() error {
	code, err := v.Logins.Return(v.r.Context(), v.caller, v.h)
	if err != nil {
		return err
	}
	if err := v.keep(v.w, v.h); err != nil {
		return err
	}
	page.SeeOther(v.w, returning(v.h, "code", code))
	return nil
}
