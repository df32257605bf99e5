package sample

import (
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"strings"
	"time"
)

//go:embed pages
var files embed.FS

// pages are the templates by name, each with the frame around it.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"login", "home", "verify", "refused"} {
		all[name] = template.Must(template.New("frame.html").Funcs(template.FuncMap{"words": words, "moment": moment}).
			ParseFS(files, "pages/frame.html", "pages/"+name+".html"))
	}
	return all
}()

// words are what people call what the API names.
func words(name string) string {
	if found, known := map[string]string{
		"totp": "Authenticator app", "email": "Code by email", "sms": "Code by SMS",
		"recovery_email": "Code to the recovery email", "recovery_code": "Recovery code", "bypass_code": "Code from your administrator",
		"not_enrolled": "no second factor is set up", "grace": "a second factor will be required soon", "exempt": "an administrator made an exception",
		"policy_disabled": "the organisation does not use two-factor authentication", "not_available": "the organisation has no two-factor authentication",
	}[name]; known {
		return found
	}
	return name
}

func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 MST") }

// page answers with one of them. The frame shows who is signed in, and what was asked of Twofold.
func (a *App) page(w http.ResponseWriter, r *http.Request, status int, name string, data map[string]any) {
	s := a.sessions.of(r)
	all := map[string]any{"Signed": s, "In": s.user != User{}, "Who": s.user, "Calls": traceOf(r.Context()).list(), "Mailbox": a.Mailbox, "API": a.API}
	maps.Copy(all, data)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages[name].Execute(w, all); err != nil && r.Context().Err() == nil {
		a.Log.Error("a page broke off", "page", name, "error", err)
	}
}

func (a *App) loginPage(w http.ResponseWriter, r *http.Request, status int, problem string) {
	chosen := account{User: User{Email: r.PostFormValue("email")}}
	for _, one := range a.accounts {
		if one.ID == r.URL.Query().Get("as") {
			chosen = one
		}
	}
	a.page(w, r, status, "login", map[string]any{
		"Accounts": a.accounts, "Chosen": chosen, "Problem": problem, "Own": r.PostFormValue("way") == "own",
	})
}

// home is the application behind the login.
func (a *App) home(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.of(r)
	if s.user == (User{}) {
		a.loginPage(w, r, http.StatusOK, "")
		return
	}
	a.page(w, r, http.StatusOK, "home", map[string]any{
		"Proof": s.proof, "Proven": s.proof.Class != "", "Reason": s.reason, "Offered": s.offered, "Codes": s.codes, "Apps": s.apps,
		"Prelude": a.prelude(), "Commands": a.commands(s.user),
	})
}

// prelude and command are what an administrator of the local stack can paste into a shell.
func (a *App) prelude() string {
	return fmt.Sprintf(`KEY=$(python3 -c "import json,sys;print(json.load(open(sys.argv[1]))['org_admin']['key'])" '%s')
call() { curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "$@"; echo; }`, strings.ReplaceAll(a.KeysFile, "'", `'\''`))
}

type command struct{ What, Line string }

func (a *App) commands(u User) []command {
	one := a.API + "/v1/organizations/" + a.Organization
	of := one + "/users/" + u.ID
	return []command{
		{"Require a second factor of " + u.Name + ": without one the next login is an enrolment.", "call -X PUT " + of + `/enforcement -d '{"enforcement": "required"}'`},
		{"What the next login will be told, and why.", "call " + of + "/status"},
		{"Take the second factor away, as when a phone is lost: the next login enrols again.", "call " + of + `/reset -d '{"reason": "phone lost"}'`},
		{"Who changed what.", "call '" + one + "/audit?order=desc&limit=5'"},
	}
}

// qr is an authenticator app's picture; it comes from the API as a PNG.
func qr(s *Setup) template.URL {
	if s == nil || len(s.QR) == 0 {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(s.QR))
}

// until is in how many whole seconds something is; 0: now.
func (a *App) until(t time.Time) int {
	return max(0, int(t.Sub(a.Now()).Round(time.Second)/time.Second))
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "pages/style.css")
}
