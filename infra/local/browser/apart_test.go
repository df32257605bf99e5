package browser

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// Browsers of one process know nothing of each other.
func TestBrowsersAreApart(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("seen")
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		whole(w, fmt.Sprintf("<p>seen=%v</p>", err == nil))
	})
	b := New(t)
	b.Open(url).Sees("seen=false")
	b.Open(url).Sees("seen=true")
	New(t).Open(url).Sees("seen=false")
}

// What our pages rest on when they run on this machine, without TLS: Chromium takes loopback for secure, by its address and by its name.
func TestSecureCookiesOverLoopback(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/set" {
			http.SetCookie(w, &http.Cookie{Name: "__Host-lax", Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.SetCookie(w, &http.Cookie{Name: "__Host-strict", Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		var names []string
		for _, c := range r.Cookies() {
			names = append(names, c.Name)
		}
		whole(w, "<p>cookies: "+strings.Join(names, " ")+".</p><a href='/set'>Set</a>")
	})
	for _, host := range []string{"127.0.0.1", "localhost"} {
		p := New(t).Open(strings.Replace(url, "127.0.0.1", host, 1))
		p.Sees("cookies: .")
		p.Click("Set")
		p.Sees("cookies: __Host-lax __Host-strict.")
	}
}

// What a person is sent to from elsewhere gets no strict cookie, not even one that was set on the way: the login's page is such a one.
func TestStrictCookiesDoNotSurviveARedirectFromElsewhere(t *testing.T) {
	var here string
	here = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "__Host-lax", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteLaxMode})
			http.SetCookie(w, &http.Cookie{Name: "__Host-strict", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/prompt", http.StatusSeeOther)
		case "/prompt":
			_, lax := r.Cookie("__Host-lax")
			_, strict := r.Cookie("__Host-strict")
			whole(w, fmt.Sprintf("<p>lax=%v strict=%v</p>", lax == nil, strict == nil))
		default:
			whole(w, `<a href="`+here+`/login">Log in</a>`)
		}
	})
	p := New(t).Open(strings.Replace(here, "127.0.0.1", "localhost", 1))
	p.Click("Log in")
	p.Sees("lax=true strict=false")
}

// A form's policy holds for where its post is redirected to as well.
func TestAPostIsNotRedirectedElsewhere(t *testing.T) {
	var other string
	for allowed, want := range map[string]string{"'self'": "The prompt", "'self' OTHER": "Back"} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action "+strings.Replace(allowed, "OTHER", other, 1))
			switch {
			case r.Method == http.MethodPost:
				http.Redirect(w, r, other+"/back", http.StatusSeeOther)
			case r.URL.Path == "/back":
				whole(w, "Back")
			default:
				whole(w, `The prompt<form method="post"><button>Done</button></form>`)
			}
		})
		other = strings.Replace(url, "127.0.0.1", "localhost", 1)
		p := New(t).Open(url)
		p.Click("Done")
		p.Sees(want)
		if stopped := len(p.Console()) > 0; stopped != (want == "The prompt") {
			t.Errorf("with %s it was stopped: %v", allowed, stopped)
		}
	}
}

// All of 127.0.0.0/8 is this machine, so one that answers there tells whether Chromium would go elsewhere.
func TestChromiumGoesNowhereElse(t *testing.T) {
	elsewhere, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { whole(w, "Elsewhere") }))
	server.Listener = elsewhere
	server.Start()
	t.Cleanup(server.Close)
	h := &heard{TB: t}
	b := New(t)
	b.t = h
	t.Setenv(FolderVariable, t.TempDir())
	b.Open("http://" + elsewhere.Addr().String())
	if got := strings.Join(h.said, ""); !strings.Contains(got, "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("it said %q", got)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := launch(t.Context(), t.TempDir()); !errors.Is(err, ErrNoBrowser) || !strings.Contains(err.Error(), "apt-get install chromium") {
		t.Errorf("without Chromium: %v", err)
	}
	if _, err := axe(t.Context(), t.TempDir()); !errors.Is(err, ErrNoAxe) || !strings.Contains(err.Error(), "npm") {
		t.Errorf("without npm: %v", err)
	}
}

// A process that was killed leaves its profile to the next one; that of one that lives stays.
func TestProfilesAreSwept(t *testing.T) {
	profile, err := newProfile()
	if err != nil {
		t.Fatal(err)
	}
	mine := held[len(held)-1]
	other, err := newProfile()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(profile); err != nil {
		t.Errorf("one that is in use: %v", err)
	}
	mine.Close()
	third, err := newProfile()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(profile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("one that nobody uses: %v", err)
	}
	for _, lock := range held[len(held)-2:] {
		lock.Close()
	}
	held = held[:len(held)-3]
	_, _ = other, third
	if _, err := newProfile(); err != nil {
		t.Error(err)
	}
}
