package attack_test

import "net/http"

func (t *tenant) impersonation(administrator string) request {
	r := t.asked(t.path("/impersonations"), fields{"administrator": administrator, "reason": "ticket 4711"})
	r.key = t.system
	return r
}

// begun is an impersonation of the tenant's system administrator.
func (t *tenant) inPlaceOf(administrator string) reply {
	t.t.Helper()
	return t.send(t.impersonation(administrator)).ok(t.t)
}

// impersonating is the token of one.
func (t *tenant) impersonating(administrator string) string {
	t.t.Helper()
	return t.inPlaceOf(administrator).text("token")
}

func impersonationSamples() []sample {
	return []sample{
		// Asked for again, it is another, and the first ends.
		{"an impersonation", "begin-impersonation", func(t *tenant) request { return t.impersonation("ann") }, 201, 3},
		{"all impersonations", "list-impersonations", func(t *tenant) request { return t.read(t.path("/impersonations")) }, 0, 0},
		{"an impersonation ended", "end-impersonation", func(t *tenant) request {
			id := t.inPlaceOf("bob").at("impersonation", "id").(string)
			return t.direct(http.MethodDelete, "/impersonations/"+id, nil)
		}, 204, 0},
	}
}
