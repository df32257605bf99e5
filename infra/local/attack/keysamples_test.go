package attack_test

import (
	"net/http"
	"regexp"
	"slices"
)

// proposing a thing of people: a key, an administrator, an application.
func (t *tenant) proposingTo(key, path string, body fields) request {
	return request{key: key, method: http.MethodPost, path: t.path(path), body: body}
}

// proposedTo proposes and gives the request that confirms.
func (t *tenant) proposedTo(key, address, path string, body fields) request {
	t.t.Helper()
	change := t.send(t.proposingTo(key, path, body)).ok(t.t).text("id")
	r := t.asked(t.path(path+"/changes/"+change+"/confirm"), fields{"code": t.mailed(address)})
	r.key = key
	return r
}

// rootAddress is where the codes of the tenant's system administrator go.
func (t *tenant) rootAddress() string { return "root@" + t.id + ".example" }

func (t *tenant) addressOf(administrator string) string {
	return administrator + "@" + t.id + ".example"
}

func keySamples() []sample {
	return []sample{
		{"a key wanted", "propose-key", func(t *tenant) request {
			return t.proposingTo(t.admin, "/keys", fields{"application": "crm", "name": "second"})
		}, 201, 0},
		{"a rotation wanted", "propose-key", func(t *tenant) request {
			return t.proposingTo(t.system, "/keys", fields{"rotate": t.adminKey})
		}, 201, 0},
		{"a wanted key read again", "get-key-change", func(t *tenant) request {
			r := t.send(t.proposingTo(t.admin, "/keys", fields{"application": "crm"})).ok(t.t)
			return t.read(t.path("/keys/changes/" + r.text("id")))
		}, 0, 0},
		// secret_already_shown: whoever has not seen it rotates it.
		{"a key", "confirm-key", func(t *tenant) request {
			return t.proposedTo(t.admin, t.addressOf("ann"), "/keys", fields{"reader": "auditor", "expires_at": "2099-01-01T00:00:00Z"})
		}, 409, 0},
		{"a rotated key", "confirm-key", func(t *tenant) request {
			return t.proposedTo(t.system, t.rootAddress(), "/keys", fields{"rotate": t.adminKey, "overlap_hours": 1})
		}, 409, 0},
	}
}

// invited proposes bea, and confirms.
func (t *tenant) invited() {
	t.t.Helper()
	t.send(t.proposedTo(t.admin, t.addressOf("ann"), "/administrators", bea())).ok(t.t)
}

func bea() fields {
	return fields{"administrator": "bea", "name": "Bea", "email": "bea@home.example", "permissions": []string{"policy:write", "audit:read"}}
}

var invitationForm = regexp.MustCompile(`\b[2-9A-Z]{4}(-[2-9A-Z]{4}){7}\b`)

// invitation is the one that was mailed to an address last.
func (p *product) invitation(to string) string {
	p.t.Helper()
	p.post()
	for _, m := range slices.Backward(p.outbox.sent) {
		if code := invitationForm.FindString(m.Text); m.To == to && code != "" {
			return code
		}
	}
	p.t.Fatal("no invitation was mailed to the address")
	return ""
}

func (t *tenant) direct(method, path string, body any) request {
	return request{key: t.admin, method: method, path: t.path(path), body: body}
}

func peopleSamples() []sample {
	reads := func(path string) func(t *tenant) request {
		return func(t *tenant) request { return t.read(t.path(path)) }
	}
	return []sample{
		{"all administrators", "list-administrators", reads("/administrators"), 0, 0},
		{"one administrator", "get-administrator", reads("/administrators/bob"), 0, 0},
		{"a lowering", "change-administrator", func(t *tenant) request {
			return t.direct(http.MethodPatch, "/administrators/bob", fields{"name": "Bob", "permissions": []string{"audit:read"}})
		}, 200, 0},
		{"a removal", "remove-administrator", func(t *tenant) request {
			return t.direct(http.MethodDelete, "/administrators/bob", nil)
		}, 404, 0}, // it is done
		{"an administrator wanted", "propose-administrator", func(t *tenant) request {
			return t.proposingTo(t.admin, "/administrators", bea())
		}, 201, 0},
		{"a wanted administrator read again", "get-administrator-change", func(t *tenant) request {
			r := t.send(t.proposingTo(t.admin, "/administrators", bea())).ok(t.t)
			return t.read(t.path("/administrators/changes/" + r.text("id")))
		}, 0, 0},
		{"an administrator invited", "confirm-administrator", func(t *tenant) request {
			return t.proposedTo(t.admin, t.addressOf("ann"), "/administrators", bea())
		}, 200, 0},
		{"an administrator moved", "confirm-administrator", func(t *tenant) request {
			return t.proposedTo(t.system, t.rootAddress(), "/administrators", fields{"administrator": "bob", "email": "bob@new.example"})
		}, 200, 0},
		// secret_already_shown: whoever has not seen it is given another.
		{"an invitation", "accept-invitation", func(t *tenant) request {
			t.invited()
			r := t.asked(t.path("/invitations"), fields{"administrator": "bea", "invitation": t.invitation("bea@home.example")})
			r.key = ""
			return r
		}, 409, 0},
		{"all applications", "list-applications", reads("/applications"), 0, 0},
		{"an application", "put-application", func(t *tenant) request {
			return t.direct(http.MethodPut, "/applications/new", fields{"name": "New"})
		}, 200, 0},
		{"an application gone", "remove-application", func(t *tenant) request {
			return t.direct(http.MethodDelete, "/applications/shop", nil)
		}, 404, 0},
	}
}
