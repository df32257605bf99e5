package life_test

import (
	"net/http"
	"testing"
	"time"

	"twofold/infra/local/browser"
	"twofold/infra/local/stack"
	"twofold/pkg/dynamo"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// A second factor that was guessed at for too long is explained, with a way back. A hundred failures take days, so they are written down as they
// would stand.
func TestASuspendedSecondFactorIsExplained(t *testing.T) {
	w := lively(t)
	b := browser.New(t)
	w.settled(b, "ann")
	store := dynamo.New(w.stack.DynamoDB, w.stack.TableName)
	_, _, f, err := store.Recipient(t.Context(), stack.Organization, "ann")
	if err != nil {
		t.Fatal(err)
	}
	f = f.Next()
	f.Throttle.Consecutive = throttle.SuspendAfter
	if err := store.Write(t.Context(), user.Change{Factors: &f}); err != nil {
		t.Fatal(err)
	}
	p := w.open(b, "ann")
	p.Sees("Your second factor is suspended")
	p.Screenshot("prompt/suspended")
	good(p)
	p.Click("Try another way")
	p.Sees("one of my saved recovery codes")
}

// Whoever's mail comes back is told so where a code would have gone there, with whom to ask.
func TestMailThatComesBackIsExplained(t *testing.T) {
	w := newWorld(t)
	w.policy(fields{"status": "forced", "methods": []string{"totp"}})
	const gone = "bounce+life@simulator.amazonses.com"
	status, answer := w.ask(w.app, http.MethodPost, "/v1/logins", fields{
		"organization": stack.Organization, "user": "gus", "email": gone, "nonce": "nonce-of-gus", "return_to": w.returnTo(), "state": "state-of-gus",
	})
	if status != 200 {
		t.Fatalf("a login: %d %v", status, answer)
	}
	p := browser.New(t).Open(answer["next"].(fields)["url"].(string))
	p.Click("Set it up")
	p.Sees("First, show that it is you")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		seen := w.call(w.admin, http.MethodGet, "/users/gus", nil, 200)
		if all, _ := seen["undeliverable"].([]any); len(all) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody hears of the bounce")
		}
	}
	status, answer = w.ask(w.app, http.MethodPost, "/v1/logins", fields{
		"organization": stack.Organization, "user": "gus", "email": gone, "nonce": "nonce-of-gus-2", "return_to": w.returnTo(), "state": "state-of-gus",
	})
	if status != 200 {
		t.Fatalf("a login: %d %v", status, answer)
	}
	p.Go(answer["next"].(fields)["url"].(string))
	p.Click("Set it up")
	p.Sees("comes back")
	p.Sees("ask your administrator")
	p.Screenshot("prompt/undeliverable")
	good(p)
}
