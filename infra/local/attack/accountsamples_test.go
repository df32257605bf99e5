package attack_test

import (
	"encoding/base32"
	"encoding/json"
	"net/http"
	"strings"

	"twofold/pkg/factor"
)

// registering registers a user, or gives one another address.
func (t *tenant) registering(key, id, email string) request {
	return request{key: key, method: http.MethodPut, path: t.path("/users/" + id), body: fields{"email": email}}
}

// delete deletes a user.
func (t *tenant) delete(id string) request {
	return request{key: t.app, method: http.MethodDelete, path: t.path("/users/" + id)}
}

// gone makes a user who was enrolled, and deleted.
func (t *tenant) gone(id string) phone {
	t.t.Helper()
	p := t.enrolled(id)
	t.send(t.delete(id)).ok(t.t)
	return p
}

// otherAddress is where eve signs in after a change.
const otherAddress = "eve@elsewhere.example"

func accountSamples() []sample {
	return []sample{
		{"a user registered", "put-user", func(t *tenant) request { return t.registering(t.app, "new", loginAddress("new")) }, 200, 0},
		{"a deleted user registered again", "put-user", func(t *tenant) request {
			t.gone(eve)
			return t.registering(t.admin, eve, otherAddress)
		}, 200, 0},
		{"another login address", "put-user", func(t *tenant) request {
			t.trusted(eve)
			return t.registering(t.app, eve, otherAddress)
		}, 200, 0},
		{"a user", "get-user", func(t *tenant) request {
			t.enrolled(eve)
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve")}
		}, 0, 0},
		{"a user deleted", "delete-user", func(t *tenant) request {
			t.trusted(eve)
			t.idle(eve, 2)
			return t.delete(eve)
		}, 404, 0}, // it is done
	}
}

// importing sends lines of NDJSON.
func (t *tenant) importing(key string, lines ...fields) request {
	var text strings.Builder
	for _, l := range lines {
		encoded, err := json.Marshal(l)
		t.must(err)
		text.Write(encoded)
		text.WriteByte('\n')
	}
	return request{key: key, method: http.MethodPost, path: t.path("/imports"), body: text.String(), mediaType: "application/x-ndjson"}
}

// importingCSV sends them as CSV.
func (t *tenant) importingCSV(key string, lines ...string) request {
	r := t.importing(key)
	r.body, r.mediaType = strings.Join(lines, "\r\n")+"\r\n", "text/csv; charset=utf-8"
	return r
}

func named(id string) fields { return fields{"user": id, "email": loginAddress(id)} }

// bringing is a line of a user with an authenticator app from elsewhere.
func (t *tenant) bringing(id string) (fields, phone) {
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(factor.NewTOTPSecret())
	l := named(id)
	l["otpauth"] = "otpauth://totp/Old:" + id + "?secret=" + secret + "&issuer=Old&algorithm=SHA1&digits=6&period=30"
	return l, phone{t.clock.Now, secret}
}

func importSamples() []sample {
	return []sample{
		{"users imported with their authenticators", "import-users", func(t *tenant) request {
			t.login("known") // whom the import enrols
			known, _ := t.bringing("known")
			unknown, _ := t.bringing("unknown")
			return t.importing(t.admin, known, unknown)
		}, 200, 0},
		{"users imported as CSV", "import-users", func(t *tenant) request {
			t.enrolled(eve) // whose address is another
			return t.importingCSV(t.app, "email,user", otherAddress+","+eve, loginAddress("new")+`,"new"`)
		}, 200, 0},
		{"users imported", "import-users", func(t *tenant) request { return t.importing(t.app, named("new"), named("newer")) }, 200, 0},
	}
}
