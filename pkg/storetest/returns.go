package storetest

import (
	"bytes"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

const somebody = "user#1/ü 😀"

// second is a time that the factors item can hold exactly.
func second(n int) time.Time { return time.Date(2026, 11, 22, 12, 0, n, 0, time.UTC) }

// fullFactors has something in every field.
func fullFactors() user.Factors {
	return user.Factors{
		Organization: Organization, User: somebody, Rev: 1, Epoch: 41, Attempt: []byte("attempt1"),
		Authenticators: []user.Authenticator{
			{ID: "a1b2c3d4e5f60718", Method: org.TOTP, Secret: bytes.Repeat([]byte{7}, 53), LastStep: 59_999_999, CreatedAt: second(1)},
			{ID: "not hex", Method: org.Email, CreatedAt: second(2)},
			{ID: "b1b2c3d4e5f60718", Method: org.SMS, Secret: []byte("sealed number"), Digest: []byte("of the number"), Country: "DE", CreatedAt: second(2)},
		},
		RecoveryCodes: user.RecoveryCodes{Generation: 3, KeyID: 0xffffffff, Used: 0b10_0000_0001},
		Challenges: []user.Challenge{
			{ID: "00112233445566aa", Login: "0190c2d8-7f3e-4c1a-9b7e-0123456789ab", Purpose: user.Recover, KeyID: 9,
				Address: []byte("sixteen bytes ad"), ExpiresAt: second(3), Tries: 4},
			{ID: "ABCD", Login: "0190C2D8-7F3E-4C1A-9B7E-0123456789AB", Purpose: user.ProveLogin, ExpiresAt: second(4)},
			{ID: "", Login: "", Purpose: user.By(user.MoveRecovery, org.SMS), KeyID: 1, ExpiresAt: second(5)},
		},
		Enrollment: &user.Enrollment{
			Login: "0190c2d8-7f3e-4c1a-9b7e-0123456789ab", Proven: true, RecoveryEmail: []byte("sealed"),
			RecoveryDigest: []byte("digest"), AuthenticatorID: "ffeeddccbbaa9988", Secret: []byte("sealed too"), ExpiresAt: second(6),
			Method: org.SMS, Digest: []byte("of another"), Country: "AT", Replaces: true, Ticket: true, By: string(login.Bypass),
		},
		Throttle: throttle.State{Consecutive: 7, Failures: []time.Time{second(1), second(1), second(2)}, LockedUntil: second(9)},
		Sends:    []time.Time{second(3), second(3), second(4)},
		Entered:  12,
		Successes: []user.Success{
			{Tag: []byte("tag"), ID: "0190c2d8-7f3e-4c1a-9b7e-0123456789ac", At: second(7), Way: "totp", PolicyVersion: 12, Enrolled: true},
			{ID: "jti", At: second(8), Way: string(login.SavedRecovery), PolicyVersion: 1, Enrolls: true, Taken: []byte("taken by")},
		},
		Tried:   user.Try{Right: true, Way: string(login.SavedRecovery), For: user.SignIn, At: second(8), Address: "2001:db8::8"},
		Deliver: "00112233445566aa", From: user.Origin{Address: "2001:db8::7", Browser: 4, System: 7},
	}
}

func factorsReturn(t *testing.T, s Contract) {
	want := fullFactors()
	must(t, s.Write(t.Context(), user.Change{Factors: &want}))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "factors", snap.Factors, fullFactors())
	want.Authenticators[0].Secret[0] = 99
	snap.Factors.Authenticators[0].Secret[0] = 98
	again, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "factors, after what was written and read was overwritten", again.Factors, fullFactors())
}

func bareFactorsReturn(t *testing.T, s Contract) {
	want := user.Factors{Organization: Organization, User: somebody}.Next()
	must(t, s.Write(t.Context(), user.Change{Factors: &want}))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	want.Authenticators, want.Challenges, want.Successes = nil, nil, nil
	same(t, "factors", snap.Factors, want)
}

// factorsRound: limits may last longer by less than a second, and what was granted shorter, never the other way.
func factorsRound(t *testing.T, s Contract) {
	fraction := second(10).Add(time.Nanosecond)
	f := user.Factors{Organization: Organization, User: somebody}.Next()
	f.Throttle = throttle.State{Consecutive: 5, Failures: []time.Time{fraction}, LockedUntil: fraction}
	f.Sends = []time.Time{fraction}
	f.Challenges = []user.Challenge{{ID: "c", ExpiresAt: fraction}}
	f.Enrollment = &user.Enrollment{ExpiresAt: fraction}
	must(t, s.Write(t.Context(), user.Change{Factors: &f}))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	got := snap.Factors
	same(t, "locked until", got.Throttle.LockedUntil, second(11))
	same(t, "failures", got.Throttle.Failures, []time.Time{second(11)})
	same(t, "sends", got.Sends, []time.Time{second(11)})
	same(t, "challenge expires", got.Challenges[0].ExpiresAt, second(10))
	same(t, "enrolment expires", got.Enrollment.ExpiresAt, second(10))
}

func fullProfile() user.Profile {
	at := time.Date(2026, 11, 22, 12, 0, 0, 123_456_000, time.UTC)
	return user.Profile{
		Organization: Organization, User: somebody, Rev: 1, Email: "Ann@Acme.Example", Language: "de-CH", RegisteredAt: at,
		Enforcement: user.Enforcement{
			Kind: user.Exempt, Until: at.Add(time.Hour), Reason: "phone lost", SetBy: "ann", SetAt: at.Add(time.Second),
		},
		Grace:         user.Grace{Until: at.Add(2 * time.Hour), Reason: "on leave", SetBy: "bob", SetAt: at.Add(2 * time.Second)},
		RecoveryEmail: []byte("sealed"), RecoveryDigest: []byte("digest"), Methods: []org.Method{org.TOTP, org.Email},
		EnrolledAt: at.Add(time.Minute), SuspendedAt: at.Add(time.Hour), CodesSpent: true, Services: []string{"smtp", "imap"},
		Marks:        []user.Mark{{Why: user.OptedOut, Since: at.Add(time.Minute), Digest: []byte("number\x00\xff"), Number: true}},
		NextRecovery: user.NextContact{Contact: user.Contact{Sealed: []byte("next"), Digest: []byte("of next")}, From: at}, Names: map[string]string{"00112233": "Phone"}, OptedOutAt: at,
	}
}

func profileReturns(t *testing.T, s Contract) {
	want := fullProfile()
	must(t, s.Write(t.Context(), user.Change{Profile: &want}))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	want = fullProfile()
	same(t, "profile", snap.Profile, &want)
}

// leftOutIsGone: a write replaces all of an item, so that nothing of an earlier state comes to life again.
func leftOutIsGone(t *testing.T, s Contract) {
	f, p := fullFactors(), fullProfile()
	must(t, s.Write(t.Context(), user.Change{Factors: &f, Profile: &p}))
	bare := user.Factors{Organization: Organization, User: somebody, Rev: 2, Attempt: []byte("attempt2")}
	bareProfile := user.Profile{Organization: Organization, User: somebody, Rev: 2, RegisteredAt: second(1)}
	must(t, s.Write(t.Context(), user.Change{
		Factors: &bare, Profile: &bareProfile, Events: []audit.Event{{ID: "e", At: second(1), Kind: audit.UserReset, Organization: Organization}},
	}))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "factors", snap.Factors, bare)
	same(t, "profile", snap.Profile, &bareProfile)
}

func oddUsers(t *testing.T, s Contract) {
	odd := []string{"a", "a#b", "a#b#FACTORS", "#", " ", "a/b", "A", "\u00e4", "a\u0308"}
	for at, id := range odd {
		f := user.Factors{Organization: Organization, User: id, Rev: 1, Epoch: int64(at), Attempt: []byte("a")}
		must(t, s.Write(t.Context(), user.Change{Factors: &f}))
	}
	for at, id := range odd {
		snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, id)
		must(t, err)
		if snap.Factors.User != id || snap.Factors.Epoch != int64(at) {
			t.Errorf("user %q: got the factors of %q, epoch %d", id, snap.Factors.User, snap.Factors.Epoch)
		}
	}
}
