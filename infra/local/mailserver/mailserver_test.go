package mailserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"twofold/infra/local/mailserver"
	"twofold/infra/local/template"
)

// The account passwords that the mail server itself knows.
const (
	anasAccount = "correct-horse-battery"
	bosAccount  = "another horse"
	latin1      = "caf\xe9"
)

// long is longer than what the API takes.
var long = strings.Repeat("horse", 300)

// road is the way from the mail server to Twofold.
type road struct {
	*httptest.Server
	blocked atomic.Pointer[func(w http.ResponseWriter, r *http.Request)] // instead of Twofold
}

func roadTo(t *testing.T, api string) *road {
	t.Helper()
	target, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	r, proxy := &road{}, httputil.NewSingleHostReverseProxy(target)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if block := r.blocked.Load(); block != nil {
			(*block)(w, request)
			return
		}
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *road) block(how func(w http.ResponseWriter, r *http.Request)) { r.blocked.Store(&how) }

// broken ends the connection without a word.
func broken(w http.ResponseWriter, _ *http.Request) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

// silent keeps it, and says nothing until that is enough.
func silent(enough <-chan struct{}) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		<-enough
		broken(w, r)
	}
}

// Issue 6: a real Dovecot lets a mail client in with the app password and refuses the account password of whoever is enrolled; whoever
// is not gets in with the account password; and while Twofold cannot be asked nobody gets in.
func TestDovecotAsksTwofold(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	w := start(ctx, t)
	r := roadTo(t, w.stack.APIURL)
	ana := w.enroll(ctx, "ana")
	w.login(ctx, "bo", "web")
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	mail, err := mailserver.Start(ctx, mailserver.Options{
		Script: filepath.Join(root, "infra", "dovecot", "twofold.lua"), URL: r.URL + "/v1/app-passwords/check", Organization: organization, Key: w.app,
		Accounts: map[string]string{"ana": anasAccount, "bo": bosAccount, "cy": "a third horse", "di": latin1, "ed": long, "flo": "\ufffd"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mail.Stop)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what Dovecot said:\n%s", mail.Log())
		}
	})
	const in, refused, down = "OK", "NO [AUTHENTICATIONFAILED]", "NO [UNAVAILABLE]"
	client := func(what, user, password, want string) {
		t.Helper()
		if got, err := mail.Login(ctx, user, password); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %v, want %s", what, got, err, want)
		}
	}
	postfix := func(what, user, password, want string) {
		t.Helper()
		if got, err := mail.Ask(ctx, "smtp", user, password); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("Postfix, %s: %s, %v, want %s", what, got, err, want)
		}
	}
	client("the app password", "ana", ana["imap"], in)
	client("as some clients keep it", "ana", strings.ToLower(strings.ReplaceAll(ana["imap"], "-", "")), in)
	client("the account password of whoever is enrolled", "ana", anasAccount, refused)
	client("the app password of another service", "ana", ana["smtp"], refused)
	client("the app password of another user", "bo", ana["imap"], refused)
	client("what needs care in JSON", "ana", "\\\"}\u00fc\u2603 {\"status\":\"accepted\"}", refused)
	client("the account password of whoever is not enrolled", "bo", bosAccount, in)
	client("a wrong account password", "bo", anasAccount, refused)
	client("of somebody whom Twofold has never seen", "cy", "a third horse", in)
	client("nobody", "dee", "a third horse", refused)
	postfix("an account password in Latin-1", "di", latin1, "OK")
	postfix("a long account password", "ed", long, "OK")
	postfix("one that has been garbled", "flo", "\ufffd", "OK")
	postfix("another in Latin-1", "di", latin1+"\xe9", "FAIL")
	postfix("in Latin-1, of whoever is enrolled", "ana", latin1, "FAIL")
	postfix("the app password for sending", "ana", ana["smtp"], "OK")
	postfix("the app password for reading", "ana", ana["imap"], "FAIL")
	postfix("the account password", "ana", anasAccount, "FAIL")
	// First without a word on a connection that has served already, then without connections.
	enough := make(chan struct{})
	r.block(silent(enough))
	client("while Twofold says nothing", "bo", bosAccount, down)
	r.blocked.Store(nil)
	back := "never asked"
	for range 3 { // a connection on which nothing came is kept for a moment, and may be taken for the next question
		if back, err = mail.Login(ctx, "ana", ana["imap"]); err == nil && strings.HasPrefix(back, in) {
			break
		}
	}
	if !strings.HasPrefix(back, in) {
		t.Errorf("when Twofold speaks again: %s, %v", back, err)
	}
	close(enough)
	r.block(broken)
	for _, password := range []string{ana["imap"], anasAccount} {
		client("while Twofold cannot be asked", "ana", password, down)
	}
	client("while Twofold cannot be asked, somebody who is not enrolled", "bo", bosAccount, down)
	r.blocked.Store(nil)
	client("when Twofold can be asked again", "ana", ana["imap"], in)
	w.withdraw(ctx, "ana", "imap")
	client("withdrawn", "ana", ana["imap"], refused)
	postfix("the other one", "ana", ana["smtp"], "OK")
	for what, secret := range map[string]string{"an app password": ana["imap"], "an account password": anasAccount, "the key": w.app} {
		if strings.Contains(mail.Log(), secret) || strings.Contains(w.stack.Logs(), secret) {
			t.Errorf("the logs hold %s", what)
		}
	}
}

// A key that is not good, an organisation that is not the key's, and settings that are not there let nobody in.
func TestAMailServerThatIsSetUpWronglyLetsNobodyIn(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	answers := map[string]http.HandlerFunc{
		"no key":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"forbidden":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"not found":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"a conflict": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) },
		"broken":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"a web page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>accepted</html>")) },
		"nothing":    func(http.ResponseWriter, *http.Request) {},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		},
		"a login": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"status":"complete","reason":"grace"}`))
		},
		"in a string": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"name":"\"status\":\"accepted\""}`))
		},
	}
	var answer atomic.Pointer[http.HandlerFunc]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/check" {
			_, _ = w.Write([]byte(`{"status":"accepted"}`))
			return
		}
		(*answer.Load())(w, r)
	}))
	t.Cleanup(server.Close)
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	mail, err := mailserver.Start(ctx, mailserver.Options{
		Script: filepath.Join(root, "infra", "dovecot", "twofold.lua"), URL: server.URL + "/check", Organization: organization, Key: "tfk_none",
		Accounts: map[string]string{"ana": anasAccount},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mail.Stop)
	for name, handler := range answers {
		answer.Store(&handler)
		if got, err := mail.Login(ctx, "ana", anasAccount); err != nil || !strings.HasPrefix(got, "NO [UNAVAILABLE]") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	good := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"accepted"}`)) })
	answer.Store(&good)
	if got, err := mail.Login(ctx, "ana", "anything"); err != nil || !strings.HasPrefix(got, "OK") {
		t.Errorf("a good answer: %s, %v: the test proves nothing", got, err)
	}
}

// docs/mail-servers.md shows what was tried: the settings of this package's configuration, between its marks.
func TestTheDocumentShowsWhatRuns(t *testing.T) {
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(filepath.Join(root, "docs", "mail-servers.md"))
	if err != nil {
		t.Fatal(err)
	}
	configuration, err := os.ReadFile("dovecot.conf.template")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(configuration), "# --- twofold\n")
	if len(parts) != 3 {
		t.Fatalf("the configuration has %d parts", len(parts))
	}
	if shown := strings.ReplaceAll(parts[1], "{{.Folder}}", "/etc/dovecot"); !strings.Contains(string(document), shown) {
		t.Errorf("the document does not show\n%s", shown)
	}
}
