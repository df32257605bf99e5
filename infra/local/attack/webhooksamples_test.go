package attack_test

import "net/http"

func (t *tenant) hooking(host string) request {
	return request{key: t.admin, method: http.MethodPut, path: t.path("/webhook"), body: fields{"url": "https://" + host + "/events?token=hook-secret"}}
}

// hooked has the organisation's events go to a webhook, whose secret it gives.
func (t *tenant) hooked() string {
	t.t.Helper()
	return t.send(t.hooking("siem.example.com")).ok(t.t).text("secret")
}

func webhookSamples() []sample {
	post := func(path string, body any) func(t *tenant) request {
		return func(t *tenant) request {
			t.hooked()
			return request{key: t.admin, method: http.MethodPost, path: t.path(path), body: body}
		}
	}
	return []sample{
		{"a webhook", "put-webhook", func(t *tenant) request { return t.hooking("siem.example.com") }, 200, 0},
		{"a webhook in place of another", "put-webhook", func(t *tenant) request { t.hooked(); return t.hooking("other.example.com") }, 200, 0},
		{"a webhook looked at", "get-webhook", func(t *tenant) request { t.hooked(); return t.read(t.path("/webhook")) }, 0, 0},
		{"a webhook removed", "delete-webhook", func(t *tenant) request {
			t.hooked()
			return request{key: t.admin, method: http.MethodDelete, path: t.path("/webhook")}
		}, 204, 0},
		{"another secret of a webhook", "renew-webhook-secret", post("/webhook/secrets", nil), 201, 1},
		{"a webhook set back to a leaf", "replay-webhook", post("/webhook/replay", fields{"leaf": 0}), 200, 1},
		{"a webhook set back to an event", "replay-webhook", func(t *tenant) request {
			t.hooked()
			t.signed(t.id)
			return request{key: t.admin, method: http.MethodPost, path: t.path("/webhook/replay"), body: fields{"event": t.audited(t.id)[0].ID}}
		}, 200, 1},
	}
}
