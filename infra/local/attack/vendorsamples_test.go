package attack_test

import "net/http"

// vendors is a request of the tenant's system administrator about those of the vendor's own.
func (t *tenant) vendors(method, path string, body any) request {
	return request{key: t.system, method: method, path: "/v1" + path, body: body}
}

// vendorsConfirm proposes at a path and gives the request that confirms.
func (t *tenant) vendorsConfirm(path string, body fields, changes string) request {
	t.t.Helper()
	change := t.send(t.vendors(http.MethodPost, path, body)).ok(t.t).text("id")
	return t.vendors(http.MethodPost, changes+"/"+change+"/confirm", fields{"code": t.mailed(t.rootAddress())})
}

// portal makes an application of the vendor's own, for this tenant, and gives its path.
func (t *tenant) portal() string {
	t.t.Helper()
	path := "/applications/portal-" + t.id
	t.send(t.vendors(http.MethodPut, path, t.portalBody())).ok(t.t)
	return path
}

func (t *tenant) portalBody() fields {
	return fields{"name": "Portal", "organizations": []string{t.id}, "return_addresses": []string{"https://portal.vendor.example/back"}}
}

func everywhere() fields {
	return fields{"name": "Portal", "everywhere": true, "audience": "https://api.vendor.example", "return_addresses": []string{"http://localhost:3000/back"}}
}

// colleague is somebody new.
func (t *tenant) colleague() fields {
	return fields{"administrator": "cai-" + t.id, "name": "Cai", "email": "cai@" + t.id + ".example"}
}

// invitedColleague proposes them, and confirms.
func (t *tenant) invitedColleague() {
	t.t.Helper()
	t.send(t.vendorsConfirm("/administrators", t.colleague(), "/administrators/changes")).ok(t.t)
}

func (t *tenant) acceptance() request {
	t.t.Helper()
	t.invitedColleague()
	return t.accepting()
}

// accepting is how they accept.
func (t *tenant) accepting() request {
	t.t.Helper()
	r := t.vendors(http.MethodPost, "/invitations", fields{"administrator": "cai-" + t.id, "invitation": t.invitation("cai@" + t.id + ".example")})
	r.key = ""
	return r
}

// early is a system administrator from before there was a roster, as infra/bootstrap makes one.
func (t *tenant) early() string {
	t.t.Helper()
	t.systemAdministrator("early-"+t.id, "early@"+t.id+".example")
	return "early-" + t.id
}

func vendorApplicationSamples() []sample {
	return []sample{
		{"the vendor's applications", "list-vendor-applications", func(t *tenant) request {
			t.portal()
			return t.vendors(http.MethodGet, "/applications", nil)
		}, 0, 0},
		{"the vendor's application", "get-vendor-application", func(t *tenant) request { return t.vendors(http.MethodGet, t.portal(), nil) }, 0, 0},
		{"a new application of the vendor's", "put-vendor-application", func(t *tenant) request {
			return t.vendors(http.MethodPut, "/applications/portal-"+t.id, t.portalBody())
		}, 200, 0},
		{"a narrowed application", "put-vendor-application", func(t *tenant) request {
			path := t.portal()
			t.send(t.vendorsConfirm(path+"/changes", everywhere(), path+"/changes")).ok(t.t)
			t.send(t.vendorsConfirm("/keys", fields{"application": "portal-" + t.id}, "/keys/changes")).ok(t.t)
			narrow := everywhere()
			delete(narrow, "everywhere")
			narrow["organizations"] = []string{t.id}
			return t.vendors(http.MethodPut, path, narrow)
		}, 200, 0},
		{"the vendor's application gone", "remove-vendor-application", func(t *tenant) request { return t.vendors(http.MethodDelete, t.portal(), nil) }, 404, 0},
		{"more for an application", "propose-vendor-application", func(t *tenant) request {
			return t.vendors(http.MethodPost, t.portal()+"/changes", everywhere())
		}, 201, 0},
		{"more for an application read again", "get-vendor-application-change", func(t *tenant) request {
			path := t.portal() + "/changes"
			return t.vendors(http.MethodGet, path+"/"+t.send(t.vendors(http.MethodPost, path, everywhere())).ok(t.t).text("id"), nil)
		}, 0, 0},
		{"more for an application confirmed", "confirm-vendor-application", func(t *tenant) request {
			path := t.portal() + "/changes"
			return t.vendorsConfirm(path, everywhere(), path)
		}, 200, 0},
	}
}

func vendorKeySamples() []sample {
	return []sample{
		{"the system's keys", "list-vendor-keys", func(t *tenant) request { return t.vendors(http.MethodGet, "/keys", nil) }, 0, 0},
		{"a key of the system wanted", "propose-vendor-key", func(t *tenant) request {
			return t.vendors(http.MethodPost, "/keys", fields{"administrator": "root-" + t.id, "name": "second"})
		}, 201, 0},
		{"a wanted key of the system read again", "get-vendor-key-change", func(t *tenant) request {
			r := t.send(t.vendors(http.MethodPost, "/keys", fields{"administrator": "root-" + t.id})).ok(t.t)
			return t.vendors(http.MethodGet, "/keys/changes/"+r.text("id"), nil)
		}, 0, 0},
		// secret_already_shown: whoever has not seen it rotates it.
		{"a key of the system", "confirm-vendor-key", func(t *tenant) request {
			return t.vendorsConfirm("/keys", fields{"reader": "auditor-" + t.id, "expires_at": "2099-01-01T00:00:00Z"}, "/keys/changes")
		}, 409, 0},
		{"a key of the vendor's application", "confirm-vendor-key", func(t *tenant) request {
			t.portal()
			return t.vendorsConfirm("/keys", fields{"application": "portal-" + t.id}, "/keys/changes")
		}, 409, 0},
		{"a revocation in the system", "revoke-vendor-key", func(t *tenant) request {
			issued := t.send(t.vendorsConfirm("/keys", fields{"administrator": "root-" + t.id}, "/keys/changes")).ok(t.t)
			return t.vendors(http.MethodDelete, "/keys/"+issued.text("id"), nil)
		}, 204, 0},
	}
}

func colleagueSamples() []sample {
	return []sample{
		{"all system administrators", "list-system-administrators", func(t *tenant) request { return t.vendors(http.MethodGet, "/administrators", nil) }, 0, 0},
		{"one system administrator", "get-system-administrator", func(t *tenant) request {
			return t.vendors(http.MethodGet, "/administrators/root-"+t.id, nil)
		}, 0, 0},
		{"a system administrator's name", "change-system-administrator", func(t *tenant) request {
			return t.vendors(http.MethodPatch, "/administrators/"+t.early(), fields{"name": "Ruth"})
		}, 200, 0},
		{"a system administrator gone", "remove-system-administrator", func(t *tenant) request {
			t.send(t.acceptance()).ok(t.t)
			return t.vendors(http.MethodDelete, "/administrators/cai-"+t.id, nil)
		}, 404, 0}, // it is done
		{"a system administrator gone, before there is a roster", "remove-system-administrator", func(t *tenant) request {
			return t.vendors(http.MethodDelete, "/administrators/"+t.early(), nil)
		}, 404, 0},
		{"a system administrator wanted", "propose-system-administrator", func(t *tenant) request {
			return t.vendors(http.MethodPost, "/administrators", t.colleague())
		}, 201, 0},
		{"a wanted system administrator read again", "get-system-administrator-change", func(t *tenant) request {
			r := t.send(t.vendors(http.MethodPost, "/administrators", t.colleague())).ok(t.t)
			return t.vendors(http.MethodGet, "/administrators/changes/"+r.text("id"), nil)
		}, 0, 0},
		{"a system administrator invited", "confirm-system-administrator", func(t *tenant) request {
			return t.vendorsConfirm("/administrators", t.colleague(), "/administrators/changes")
		}, 200, 0},
		{"a system administrator moved", "confirm-system-administrator", func(t *tenant) request {
			return t.vendorsConfirm("/administrators", fields{"administrator": t.early(), "email": "ruth@" + t.id + ".example"}, "/administrators/changes")
		}, 200, 0},
		// secret_already_shown: whoever has not seen it is given another.
		{"a system administrator's invitation", "accept-system-invitation", func(t *tenant) request { return t.acceptance() }, 409, 0},
	}
}
