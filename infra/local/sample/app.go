package sample

import (
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config is what the application is told. All of it must be given.
type Config struct {
	Address      string // of its own, as browsers have it, without a trailing slash; the return address is /callback below it
	API          string // Twofold's, without a trailing slash
	Issuer       string // the `iss` of assertions
	Organization string // whose users these are
	Audience     string // the `aud` of assertions: the application's id, or a vendor's application's audience
	Key          string // the application's

	Mailbox   string // where the local stack's mail lies; the pages link it
	KeysFile  string // where the local stack's keys lie, for the commands that the pages show
	Log       *slog.Logger
	Now       func() time.Time
	Transport http.RoundTripper // what requests to Twofold go by
}

// App is the application, an http.Handler.
type App struct {
	Config
	accounts   accounts
	sessions   *sessions
	twofold    *Client
	assertions *assertions
	handler    http.Handler
}

const maxForm = 64 << 10 // bytes

// New makes the application.
func New(c Config) (*App, error) {
	all, err := newAccounts(iterations)
	if err != nil {
		return nil, err
	}
	return open(c, all), nil
}

func open(c Config, all accounts) *App {
	a := &App{Config: c, accounts: all, twofold: NewClient(c.API, c.Key, tracing{c.Transport})}
	a.sessions = &sessions{secure: strings.HasPrefix(c.Address, "https://"), now: c.Now, all: map[string]*session{}}
	a.assertions = &assertions{api: c.API, issuer: c.Issuer, audience: c.Audience, http: a.twofold.http, now: c.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /setup", a.setUp)
	mux.HandleFunc("GET /callback", a.callback)
	mux.HandleFunc("GET /verify", a.steps)
	mux.HandleFunc("POST /verify", a.step)
	mux.HandleFunc("POST /kept", a.kept)
	mux.HandleFunc("POST /settings", a.settings)
	mux.HandleFunc("POST /logout", a.logout)
	mux.HandleFunc("GET /style.css", style)
	protection := http.NewCrossOriginProtection() // no other site posts a form in a user's name
	a.handler = protection.Handler(mux)
	return a
}

// ServeHTTP limits what is read, says what a page may do, and has calls noted for the page.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	h := w.Header()
	// form-action names Twofold too: a browser asks it where a form's answer redirects to the prompt.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' "+origin(a.API)+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // not no-referrer: with that, forms are posted without their Origin
	h.Set("Cache-Control", "no-store")
	t := a.sessions.of(r).trace
	if t == nil || r.URL.Path == "/login" {
		t = &trace{}
	}
	a.handler.ServeHTTP(w, r.WithContext(traced(r.Context(), t)))
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// login is the application's own: it checks the password, and then asks Twofold. Whoever was signed in on this browser is so no more.
func (a *App) login(w http.ResponseWriter, r *http.Request) {
	u, ok := a.accounts.check(r.PostFormValue("email"), r.PostFormValue("password"))
	if !ok {
		a.loginPage(w, r, http.StatusUnauthorized, "The address or the password is wrong.")
		return
	}
	a.sessions.forget(r)
	a.ask(w, r, u, r.PostFormValue("way") != "own", false)
}

func (a *App) ask(w http.ResponseWriter, r *http.Request, u User, hosted, setUp bool) {
	if hosted {
		a.hosted(w, r, u, setUp)
	} else {
		a.own(w, r, u, setUp)
	}
}

// setUp is what somebody asks for who was let in without a second factor.
func (a *App) setUp(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.of(r)
	if s.user == (User{}) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if p, ok := a.sessions.waiting(r); ok && p.answer.Next.Do == "enroll" {
		answer, err := a.twofold.Enroll(r.Context(), p.answer.Login, false)
		a.proceed(w, r, p, answer, err)
		return
	}
	a.ask(w, r, s.user, s.hosted, true)
}

func (a *App) kept(w http.ResponseWriter, r *http.Request) {
	a.sessions.kept(r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *App) logout(w http.ResponseWriter, r *http.Request) {
	a.sessions.end(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// browserOf is what we see of a browser. Behind a proxy the address is what that one says, if it can be trusted.
func browserOf(r *http.Request) Browser {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || net.ParseIP(host) == nil {
		host = ""
	}
	agent := strings.ToValidUTF8(r.UserAgent(), "")
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	return Browser{Address: host, Agent: agent}
}

const maxAgent = 512 // bytes

// deviceCookie is where a browser keeps by which it is trusted for a user: several may share a browser.
func (a *App) deviceCookie(u User) string { return a.sessions.cookieName() + "-device-" + u.ID }

func (a *App) deviceToken(r *http.Request, u User) string {
	cookie, err := r.Cookie(a.deviceCookie(u))
	if err != nil || len(cookie.Value) > 256 {
		return ""
	}
	return cookie.Value
}

// keepDevice puts a new token in the place of what was there.
func (a *App) keepDevice(w http.ResponseWriter, u User, answer Answer) {
	if answer.DeviceToken == "" {
		return
	}
	cookie := a.sessions.cookie(a.deviceCookie(u), answer.DeviceToken)
	cookie.Expires = answer.DeviceUntil
	http.SetCookie(w, cookie)
}
