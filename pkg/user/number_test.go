package user_test

import (
	"testing"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

func onNumber(why user.Why, digest string) user.Mark {
	return user.Mark{Why: why, Since: noon, Digest: []byte(digest), Number: true}
}

func texting(digests ...string) user.Factors {
	f := user.Factors{Authenticators: []user.Authenticator{{ID: "app", Method: org.TOTP}}}
	for _, d := range digests {
		f.Authenticators = append(f.Authenticators, user.Authenticator{ID: d, Method: org.SMS, Digest: []byte(d)})
	}
	return f
}

// SMS stop where all numbers have opted out, and an order that names none goes to one that has not.
func TestWhereSMSStop(t *testing.T) {
	for _, c := range []struct {
		f     user.Factors
		marks []user.Mark
		stop  bool
		first string
	}{
		{texting("n1", "n2"), nil, false, "n1"},
		{texting("n1", "n2"), []user.Mark{onNumber(user.OptedOut, "n1")}, false, "n2"},
		{texting("n1", "n2"), []user.Mark{onNumber(user.OptedOut, "n1"), onNumber(user.OptedOut, "n2")}, true, "n1"},
		{texting("n1"), []user.Mark{onNumber(user.Cleared, "n1")}, false, "n1"},
		{texting("n1"), []user.Mark{onRecovery(user.Bounced, "n1")}, false, "n1"}, // of an address with the same digest
		{texting(), []user.Mark{onNumber(user.OptedOut, "n1")}, false, ""},
	} {
		p := marked(c.marks...)
		if got := p.TextsStop(c.f); got != c.stop {
			t.Errorf("%+v: stop %t", c.marks, got)
		}
		if a, _, _ := user.Reach(p, c.f, org.SMS, "", noon); a.ID != c.first {
			t.Errorf("%+v: an order goes to %q", c.marks, a.ID)
		}
		if a, _, found := user.Reach(p, c.f, org.SMS, "n1", noon); c.first != "" && (!found || a.ID != "n1") {
			t.Errorf("%+v: the named one is not reached", c.marks)
		}
	}
}

// The mark goes with the number's authenticator: another number begins without, and so does the same one when it is added again.
func TestAMarkGoesWithItsNumber(t *testing.T) {
	p := marked(onNumber(user.OptedOut, "n1"), onNumber(user.OptedOut, "n2"), onLogin(user.Bounced, noon))
	if standing := p.Standing(); len(standing) != 3 {
		t.Errorf("of the numbers and the address %+v stand", standing)
	}
	p.Enrolled(texting("n2"))
	if p.NumberMark([]byte("n1")).Known() || !p.NumberMark([]byte("n2")).Known() || !p.EmailMark().Known() {
		t.Errorf("kept %+v", p.Marks)
	}
	if p.Unmark(onNumber("", "n2")); p.NumberMark([]byte("n2")).Known() || !p.EmailMark().Known() {
		t.Errorf("kept %+v", p.Marks)
	}
	if p.NumberMark(nil).Known() || p.RecoveryMark(noon).Known() {
		t.Error("nothing has a mark")
	}
}

// People read of it, with the addresses; an administrator clears it with them, and what is heard after that counts.
func TestANumberThatOptedOutIsATrouble(t *testing.T) {
	p := marked(onNumber(user.OptedOut, "n1"))
	if all := p.Troubles(noon); len(all) != 1 || all[0].Which != user.PhoneNumber || all[0].Why != user.OptedOut || p.Stopped(user.RecoveryAddress, noon) {
		t.Errorf("troubles %+v", all)
	}
	later := onNumber(user.OptedOut, "n1")
	if p.News(later) || !p.Clear(noon.Add(1)) || len(p.Troubles(noon)) != 0 || p.TextsStop(texting("n1")) {
		t.Errorf("cleared: %+v", p.Marks)
	}
	if later.Since = noon.Add(2); !p.News(later) {
		t.Error("a new refusal is no news")
	}
}
