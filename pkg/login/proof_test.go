package login_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// mac is HMAC-SHA-256 under its own text as the key; an empty one is out of order.
type mac string

func (m mac) MAC(data []byte) ([]byte, error) {
	if m == "" {
		return nil, errors.New("no keys")
	}
	h := hmac.New(sha256.New, []byte(m))
	h.Write(data)
	return h.Sum(nil), nil
}

func (m mac) VerifyMAC(tag, data []byte) error {
	want, err := m.MAC(data)
	if err == nil && !hmac.Equal(tag, want) {
		err = errors.New("another tag")
	}
	return err
}

const retries = mac("a key")

func success(t *testing.T, l login.Login, code, key string) user.Success {
	t.Helper()
	s, err := l.Success(retries, "id-1", code, key, "totp", 7, noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Only the very same request, sent again, gets the same claims.
func TestRepeated(t *testing.T) {
	l := sample()
	first := success(t, l, "123456", "key-1")
	f := user.Factors{Successes: []user.Success{{ID: "older"}, first}}
	other := func(change func(*login.Login)) login.Login { c := sample(); change(&c); return c }
	for name, c := range map[string]struct {
		l         login.Login
		m         mac
		code, key string
		want      bool
	}{
		"the same":                      {l, retries, "123456", "key-1", true},
		"another code":                  {l, retries, "123457", "key-1", false},
		"no code":                       {l, retries, "", "key-1", false},
		"another key":                   {l, retries, "123456", "key-2", false},
		"no key":                        {l, retries, "123456", "", false},
		"code and key parted elsewhere": {l, retries, "12345", "6key-1", false},
		"another login":                 {other(func(l *login.Login) { l.ID = "l2" }), retries, "123456", "key-1", false},
		"another application":           {other(func(l *login.Login) { l.Application = "erp" }), retries, "123456", "key-1", false},
		"the vendor's of that id":       {other(func(l *login.Login) { l.Application = "crm" }), retries, "123456", "key-1", false},
		"parted elsewhere":              {other(func(l *login.Login) { l.Application, l.ID = "acme/crml", "1" }), retries, "123456", "key-1", false},
		"another MAC":                   {l, "another key", "123456", "key-1", false},
		"a MAC out of order":            {l, "", "123456", "key-1", false},
	} {
		got, found := c.l.Repeated(c.m, f, c.code, c.key)
		if found != c.want || found && got.ID != first.ID || !found && !reflect.DeepEqual(got, user.Success{}) {
			t.Errorf("%s: found %v %q", name, found, got.ID)
		}
	}
}

func TestRepeatedFindsEachOfTheLastTwo(t *testing.T) {
	l := sample()
	var f user.Factors
	for _, key := range []string{"key-1", "key-2", "key-3"} {
		f.Remember(success(t, l, "123456", key))
	}
	for key, want := range map[string]bool{"key-1": false, "key-2": true, "key-3": true} {
		if _, found := l.Repeated(retries, f, "123456", key); found != want {
			t.Errorf("%s: found %v", key, found)
		}
	}
}

// Without an idempotency key nothing is tagged, so a second request with the code is a second use of it.
func TestWithoutAKeyThereIsNoRetry(t *testing.T) {
	l := sample()
	s := success(t, l, "123456", "")
	if s.Tag != nil || s.ID == "" {
		t.Errorf("got %+v", s)
	}
	if _, found := l.Repeated(retries, user.Factors{Successes: []user.Success{s}}, "123456", ""); found {
		t.Error("found without a key")
	}
}

func TestASuccessThatCannotBeTaggedIsAnOutage(t *testing.T) {
	if _, err := sample().Success(mac(""), "id-1", "123456", "key-1", "totp", 7, noon); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestASuccessHoldsNoCode(t *testing.T) {
	a := success(t, sample(), "123456", "key-1")
	if a.ID != "id-1" || len(a.Tag) != sha256.Size || !a.At.Equal(noon) || a.Way != "totp" || a.PolicyVersion != 7 {
		t.Errorf("got %+v", a)
	}
	s, err := sample().Success(retries, "id-1", "1", "k", "totp", 7, noon.Add(999*time.Millisecond))
	if err != nil || !s.At.Equal(noon) {
		t.Errorf("the time is %v: claims have whole seconds, and a retry must give the same", s.At)
	}
}

func TestAssertion(t *testing.T) {
	s := user.Success{ID: "j1", At: noon, Way: "totp", PolicyVersion: 7}
	want := login.Assertion{
		Audience: "crm", Subject: "ann", Organization: "acme", ID: "j1", Nonce: "n-1", AuthTime: noon, IssuedAt: noon,
		ExpiresAt: noon.Add(5 * time.Minute), Methods: []string{"otp"}, Class: login.ClassTOTP, PolicyVersion: 7,
	}
	if got := sample().Assertion(s); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if !reflect.DeepEqual(sample().Assertion(s), sample().Assertion(s)) {
		t.Error("a retry gets other claims")
	}
}

// A recovery is labelled as what it is, so that an application can demand more.
func TestARecoveryIsMarked(t *testing.T) {
	for _, way := range []login.WayBack{login.MailedRecovery, login.SavedRecovery} {
		a := sample().Assertion(user.Success{ID: "j1", At: noon, Way: string(way), PolicyVersion: 7})
		if a.Class != login.ClassRecovery || a.Recovery != string(way) || !reflect.DeepEqual(a.Methods, []string{"otp", "recovery"}) {
			t.Errorf("%s: %+v", way, a)
		}
	}
}

// An organisation that is not there and one that the key may not know of are one answer.
func TestAuthorizeHidesWhatIsNotThere(t *testing.T) {
	key, text := access.NewKey(access.Application, noon)
	key.Holder, key.Organizations = "crm", []string{"acme", "gone"}
	credential, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	caller, rule := access.Caller{Credential: credential}, access.Rule{Roles: []access.Role{access.Application}}
	full := snapshot()
	full.Key = &key
	empty := full
	empty.Organization = nil
	unknown := full
	unknown.Key = nil
	for name, c := range map[string]struct {
		s            login.Snapshot
		organization string
		want         *fault.Error
	}{
		"its own":         {full, "acme", nil},
		"another's":       {full, "globex", access.ErrNotFound},
		"not there":       {empty, "gone", access.ErrNotFound},
		"neither":         {empty, "globex", access.ErrNotFound},
		"an unknown key":  {unknown, "acme", access.ErrUnauthenticated},
		"no key, no such": {login.Snapshot{}, "globex", access.ErrUnauthenticated},
	} {
		err := login.Authorize(c.s, caller, rule, c.organization, noon)
		if c.want == nil && err != nil || c.want != nil && err != error(c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
