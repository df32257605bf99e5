package sample_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"twofold/infra/local/stack"
)

// visitor is somebody with a browser that runs no script.
type visitor struct {
	t       *testing.T
	stack   *stack.Stack
	keys    string // the file
	address string
	browser *http.Client
	page    string // the last one
}

func visit(t *testing.T) *visitor {
	t.Helper()
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	keys, err := s.ReadyMade(ctx)
	if err != nil {
		t.Fatal(err)
	}
	address, err := s.Sample(ctx, "127.0.0.1:0", keys)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, stack: s, keys: keys, address: address, browser: &http.Client{Jar: jar}}
}

func (v *visitor) post(path string, form map[string]string) {
	v.t.Helper()
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	response, err := v.browser.PostForm(v.address+path, values)
	v.read(response, err)
}

func (v *visitor) read(response *http.Response, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.page = string(text)
}

// sees demands a text on the page.
func (v *visitor) sees(want string) {
	v.t.Helper()
	if !strings.Contains(v.page, want) {
		v.t.Fatalf("the page has no %q:\n%s", want, v.page)
	}
}

// finds gives what a group of a pattern has on the page.
func (v *visitor) finds(pattern string) string {
	v.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(v.page)
	if found == nil {
		v.t.Fatalf("the page has no %s:\n%s", pattern, v.page)
	}
	return html.UnescapeString(found[1])
}

func (v *visitor) signIn() {
	v.t.Helper()
	v.post("/logout", nil)
	v.sees("<h1>Sign in</h1>")
	v.read(v.browser.Get(v.address + "/?as=lena"))
	v.post("/login", map[string]string{
		"email": v.finds(`name="email"[^>]* value="([^"]+)"`), "password": v.finds(`name="password"[^>]* value="([^"]+)"`), "way": "own",
	})
}

var mailed = regexp.MustCompile(`(?m)^[0-9]{8}$`)

// code is what an address was sent as its n-th code.
func (v *visitor) code(to string, n int) string {
	v.t.Helper()
	var codes []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		codes = nil
		for _, m := range v.stack.Mailbox(to) {
			codes = append(codes, mailed.FindAllString(m.Text, -1)...)
		}
		if len(codes) >= n {
			return codes[n-1]
		}
	}
	v.t.Fatalf("%s has %d codes, not %d", to, len(codes), n)
	return ""
}

// enroll goes from the proof to the recovery codes, and gives the key and one of the codes. The codes that are mailed are the login address's and the
// recovery email's so many-th.
func (v *visitor) enroll(atLogin, atRecovery int) (secret, recovery string) {
	v.t.Helper()
	v.sees("Is it you?")
	v.post("/verify", map[string]string{"do": "step", "code": v.code("lena@larkspur.example", atLogin)})
	v.sees("Your recovery email")
	v.post("/verify", map[string]string{"do": "step", "recovery_email": "lena@home.example", "recovery_email_again": "lana@home.example"})
	v.sees(`role="alert"`)
	v.post("/verify", map[string]string{"do": "step", "recovery_email": "lena@home.example", "recovery_email_again": "lena@home.example"})
	v.sees("Does the address work?")
	v.post("/verify", map[string]string{"do": "step", "code": v.code("lena@home.example", atRecovery)})
	v.sees("How do you want to confirm?")
	v.post("/verify", map[string]string{"do": "step", "method": "totp"})
	v.sees(`src="data:image/png;base64,`)
	secret = v.finds(`class="key">([A-Z2-7]+)<`)
	v.post("/verify", map[string]string{"do": "step", "code": v.totp(secret, 0)})
	v.sees("Keep your recovery codes")
	v.sees("With your password and a second factor.")
	recovery = v.finds(`<li><code>([^<]+)</code></li></ul>`)
	v.post("/kept", nil)
	if strings.Contains(v.page, recovery) {
		v.t.Error("codes that were kept are shown again")
	}
	return secret, recovery
}

// totp is a phone's code so many steps from now.
func (v *visitor) totp(secret string, steps int) string {
	v.t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		v.t.Fatal(err)
	}
	return code
}

// The whole life with pages of one's own, on the real functions.
func TestALifeWithOwnPages(t *testing.T) {
	v := visit(t)
	v.signIn()
	v.sees("With your password alone:")
	v.post("/setup", nil)
	secret, recovery := v.enroll(1, 1)
	v.sees(`&#34;sub&#34;: &#34;lena&#34;`)

	t.Log("the next login asks for a code")
	v.signIn()
	v.sees("Confirm that it is you")
	if strings.Contains(v.page, "Your notes") {
		t.Error("let in before the second factor")
	}
	v.post("/verify", map[string]string{"do": "answer", "method": "totp", "code": "00000"})
	v.sees(`role="alert"`)
	v.post("/verify", map[string]string{"do": "answer", "method": "totp", "code": v.totp(secret, 1)})
	v.sees("urn:twofold:acr:totp")

	t.Log("a saved code, and one that is mailed")
	v.signIn()
	v.post("/verify", map[string]string{"do": "answer", "method": "recovery_code", "code": recovery})
	v.sees("urn:twofold:acr:recovery")
	v.sees("Set up two-factor") // in the place of what was lost
	v.signIn()
	v.post("/verify", map[string]string{"do": "order", "method": "recovery_email"})
	v.sees("A code is on its way: <strong>recovery email")
	v.post("/verify", map[string]string{"do": "answer", "method": "recovery_email", "code": v.code("lena@home.example", 2)})
	v.sees("<dd>Code to the recovery email</dd>")

	t.Log("what the page says that an administrator can do")
	v.administers()
	v.signIn()
	v.sees("Set up two-factor authentication")
	v.post("/verify", map[string]string{"do": "enroll"})
	v.enroll(2, 3)
	if at := strings.Index(v.stack.Logs(), secret); at >= 0 {
		t.Error("a secret is in the logs")
	}
}

// administers pastes all commands of the page into a shell, as they stand.
func (v *visitor) administers() {
	v.t.Helper()
	script := "set -e\n" + v.finds(`(?s)class="prelude">(.*?)</pre>`)
	lines := regexp.MustCompile(`class="command">(.*?)</pre>`).FindAllStringSubmatch(v.page, -1)
	for _, line := range lines {
		script += "\n" + html.UnescapeString(line[1])
	}
	out, err := exec.CommandContext(v.t.Context(), "bash", "-c", script).Output()
	if err != nil {
		v.t.Fatalf("%v: %s", err, out)
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, answer := range answers {
		var fields struct{ Code string }
		if err := json.Unmarshal([]byte(answer), &fields); err != nil || fields.Code != "" {
			v.t.Errorf("answered %s, %v", answer, err)
		}
	}
	if len(answers) != len(lines) || len(lines) < 4 || !strings.Contains(string(out), "user.reset") {
		v.t.Errorf("%d commands, %d answers", len(lines), len(answers))
	}
}
