package attack_test

import (
	"slices"
	"testing"
)

// Design §7: what a request costs, counted between the store and the table.
func TestRequestsToTheTable(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	token := ten.login(eve)
	read, write := "BatchGetItem", "UpdateItem"
	for _, c := range []struct {
		name string
		call func() reply
		want []string
	}{
		{"a login", func() reply { return ten.begin(eve) }, []string{read}},
		{"an order", func() reply {
			return ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"})
		}, []string{read, write}},
		{"the same order again", func() reply {
			return ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"})
		}, []string{read}},
		{"a wrong answer", func() reply { return ten.answer(token, "totp", p.wrong()) }, []string{read, write}},
		{"a right answer", func() reply { return ten.answerAs(token, "totp", p.code(0), "mine") }, []string{read, write}},
		{"its retry", func() reply { return ten.answerAs(token, "totp", p.code(0), "mine") }, []string{read}},
		{"a used answer", func() reply { return ten.answer(token, "totp", p.code(0)) }, []string{read, write}},
		{"a registration", func() reply { return ten.begin("new") }, []string{read, "TransactWriteItems"}},
		{"no key of ours", func() reply { return ten.call("secret", "/v1/logins", fields{}) }, nil},
		{"a body of no use", func() reply { return ten.call(ten.app, "/v1/logins", fields{"user": 1}) }, nil},
	} {
		ten.wire.Record()
		c.call()
		if got := ten.wire.Calls(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// Locked: neither evaluated nor written.
	for range 5 {
		ten.answer(token, "totp", p.wrong())
	}
	ten.wire.Record()
	ten.answer(token, "totp", p.wrong()).want(t, 422, "code_refused")
	if got := ten.wire.Calls(); !slices.Equal(got, []string{read}) {
		t.Errorf("a try while locked: %v", got)
	}
}
