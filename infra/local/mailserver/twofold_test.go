package mailserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"twofold/infra/local/stack"
)

const organization = "mail"

// fields is a JSON object.
type fields map[string]any

// at follows names into it; nil where there is nothing.
func (f fields) at(path ...string) any {
	var value any = map[string]any(f)
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func (f fields) text(path ...string) string {
	text, _ := f.at(path...).(string)
	return text
}

// twofold is a running one with an organisation whose policy has app passwords for imap and smtp.
type twofold struct {
	t          *testing.T
	stack      *stack.Stack
	system     string
	admin, app string
}

func start(ctx context.Context, t *testing.T) *twofold {
	t.Helper()
	w := &twofold{t: t, stack: stack.ForTest(t)}
	text, err := os.ReadFile(w.stack.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	var first fields
	if err := json.Unmarshal(text, &first); err != nil {
		t.Fatal(err)
	}
	w.system = first.text("system_admin", "key")
	made := w.call(ctx, w.system, http.MethodPut, "", fields{
		"name": "Mail", "entitlements": fields{"two_factor": true, "app_passwords": true},
		"administrator": fields{"id": "ann", "email": "ann@mail.example"}, "application": fields{"id": "mail"},
	})
	keys, _ := made.at("keys").([]any)
	for _, key := range keys {
		if k := fields(key.(map[string]any)); k.text("holder") == "ann" {
			w.admin = k.text("key")
		} else {
			w.app = k.text("key")
		}
	}
	w.policy(ctx)
	return w
}

func (w *twofold) policy(ctx context.Context) {
	w.t.Helper()
	change := w.call(ctx, w.admin, http.MethodPost, "/policy/changes", fields{
		"policy": fields{"status": "enabled", "methods": []string{"totp"}, "app_password_services": []string{"imap", "smtp"}},
	}, "If-Match", `"1"`)
	w.call(ctx, w.admin, http.MethodPost, "/policy/changes/"+change.text("id")+"/confirm", fields{"code": w.mailed(ctx, "ann@mail.example", 1)})
}

// enroll takes somebody through an enrolment, and gives the app passwords that come with it, by service.
func (w *twofold) enroll(ctx context.Context, id string) map[string]string {
	w.t.Helper()
	email := id + "@mail.example"
	login := w.login(ctx, id, "web").text("login")
	step := func(path string, body fields) fields {
		body["login"] = login
		return w.call(ctx, w.app, http.MethodPost, path, body)
	}
	step("/v1/enrollments", fields{})
	step("/v1/enrollments/answers", fields{"code": w.mailed(ctx, email, 1)})
	step("/v1/enrollments/answers", fields{"recovery_email": email, "recovery_email_again": email}) // one code serves both
	secret := step("/v1/enrollments/answers", fields{"method": "totp"}).text("next", "setup", "secret")
	code, err := hotp.GenerateCode(secret, uint64(time.Now().Unix()/30))
	if err != nil {
		w.t.Fatal(err)
	}
	given, _ := step("/v1/enrollments/answers", fields{"code": code}).at("app_passwords").([]any)
	passwords := map[string]string{}
	for _, one := range given {
		a := fields(one.(map[string]any))
		passwords[a.text("service")] = a.text("password")
	}
	return passwords
}

func (w *twofold) login(ctx context.Context, id, service string) fields {
	w.t.Helper()
	return w.call(ctx, w.app, http.MethodPost, "/v1/logins", fields{
		"organization": organization, "user": id, "email": id + "@mail.example", "nonce": "nonce-0001", "service": service,
	})
}

// withdraw ends the app password of a service, as an administrator.
func (w *twofold) withdraw(ctx context.Context, id, service string) {
	w.t.Helper()
	all, _ := w.call(ctx, w.admin, http.MethodGet, "/users/"+id+"/app-passwords", nil).at("app_passwords").([]any)
	for _, one := range all {
		if a := fields(one.(map[string]any)); a.text("service") == service {
			w.call(ctx, w.admin, http.MethodDelete, "/users/"+id+"/app-passwords/"+a.text("id"), nil)
			return
		}
	}
	w.t.Fatalf("%s has none for %s", id, service)
}

// call demands a success. A path that does not begin with /v1 is one of the organisation's.
func (w *twofold) call(ctx context.Context, key, method, path string, body fields, headers ...string) fields {
	w.t.Helper()
	if !strings.HasPrefix(path, "/v1") {
		path = "/v1/organizations/" + organization + path
	}
	var text io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		text = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, w.stack.APIURL+path, text)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	var out fields
	if answer, err := io.ReadAll(response.Body); err != nil || response.StatusCode >= 300 || len(answer) > 0 && json.Unmarshal(answer, &out) != nil {
		w.t.Fatalf("%s %s: status %d, %v: %s", method, path, response.StatusCode, err, answer)
	}
	return out
}

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// mailed waits for the n-th mail to an address, and gives its code.
func (w *twofold) mailed(ctx context.Context, to string, n int) string {
	w.t.Helper()
	for {
		if mails := w.stack.Mailbox(to); len(mails) >= n {
			return eightDigits.FindString(mails[n-1].Text)
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("no mail to %s", to)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
