package page

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"twofold/pkg/fault"
	"twofold/pkg/words"
)

// statuses are what faults are in a browser.
var statuses = map[fault.Kind]int{
	fault.Internal: 500, fault.Invalid: 400, fault.Unprocessable: 422, fault.Unauthenticated: 403, fault.Forbidden: 403, fault.NotFound: 404,
	fault.Conflict: 409, fault.Throttled: 429, fault.PreconditionRequired: 409, fault.PreconditionFailed: 409, fault.Unavailable: 503,
}

// Fail answers with a page that says in words what went wrong, for a reader who can do nothing else here; of v it needs at most language,
// brand and banner. A fault's own wording is for programs and is not shown. What is ours or a dependency's is logged, once, with its cause.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, v View, err error) {
	known := fault.As(err)
	status := statuses[known.Kind]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if status >= 500 {
		s.log(r, slog.LevelError, "a page failed", slog.Int("status", status), slog.String("code", known.Code), slog.String("cause", known.Error()))
	}
	if known.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64(math.Ceil(known.RetryAfter.Seconds())), 10))
	}
	s.problem(w, r, v, status, strconv.Itoa(status))
}

// Problem is Fail of a status, where there is no error to log.
func (s *Site) Problem(w http.ResponseWriter, r *http.Request, v View, status int) {
	s.problem(w, r, v, status, strconv.Itoa(status))
}

// problem shows the texts "problem.<name>.title" and ".text"; where there are none, those of the kind of status.
func (s *Site) problem(w http.ResponseWriter, r *http.Request, v View, status int, name string) {
	if v.Language == "" {
		v.Language = Language(r, "", "")
	}
	c := words.Pages(v.Language)
	if !c.Has("problem." + name + ".title") {
		if name = "400"; status >= 500 {
			name = "500"
		}
	}
	shown := View{Body: "problem", Title: c.Say("problem." + name + ".title"), Language: v.Language, Brand: v.Brand, Banner: v.Banner, Nav: v.Nav, Wide: v.Wide}
	shown.Data = struct{ Text, Reference string }{c.Say("problem." + name + ".text"), ""}
	if status >= 500 {
		shown.Data = struct{ Text, Reference string }{c.Say("problem." + name + ".text"), s.RequestID(r)}
	}
	if err := s.Render(w, r, status, shown); err != nil {
		s.log(r, slog.LevelError, "a problem could not be shown", slog.String("cause", err.Error()))
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		send(w, r, status, []byte(c.Say("problem."+name+".text")+"\n"))
	}
}
