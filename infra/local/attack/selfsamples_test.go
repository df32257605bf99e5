package attack_test

import "net/http"

// becoming are changes of ann's own: all that she may say of herself.
func (t *tenant) becoming() fields {
	t.enrolled(eve)
	return fields{"name": "Ann", "email": "ann@new.example", "user": eve}
}

func selfSamples() []sample {
	return []sample{
		{"oneself", "get-self", func(t *tenant) request { return t.read(t.path("/self")) }, 0, 0},
		{"a change of oneself", "propose-self", func(t *tenant) request {
			return t.direct(http.MethodPost, "/self/changes", t.becoming())
		}, 201, 0},
		{"a change of oneself read again", "get-self-change", func(t *tenant) request {
			r := t.send(t.direct(http.MethodPost, "/self/changes", t.becoming())).ok(t.t)
			return t.read(t.path("/self/changes/" + r.text("id")))
		}, 0, 0},
		{"oneself changed", "confirm-self", func(t *tenant) request {
			r := t.send(t.direct(http.MethodPost, "/self/changes", t.becoming())).ok(t.t)
			return t.direct(http.MethodPost, "/self/changes/"+r.text("id")+"/confirm", fields{"code": t.mailed(t.addressOf("ann"))})
		}, 200, 0},
	}
}
