package attack_test

import "testing"

// What the design names and this version does not do is refused by its name, never taken and ignored.
func TestWhatIsNotBuiltIsRefused(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.entitle(fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE"}, "app_passwords": true}).ok(t)
	proposing := func(name string, value any) request {
		body := forcing()
		body["policy"].(fields)[name] = value
		return ten.proposing(ten.admin, body)
	}
	before := ten.dump()
	for _, c := range []struct {
		field   string
		request request
	}{
		{"policy.outage", proposing("outage", "open")},
	} {
		r := ten.send(c.request)
		if r.status != 422 || r.code() != "not_built" || r.text("field") != c.field {
			t.Errorf("%s %s: answered %d %s at %q, want 422 not_built at %q",
				c.request.method, c.request.path, r.status, r.code(), r.text("field"), c.field)
		}
	}
	ten.unchanged(before)
}
