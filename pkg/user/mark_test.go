package user_test

import (
	"testing"
	"time"

	"twofold/pkg/user"
)

func marked(marks ...user.Mark) user.Profile {
	return user.Profile{
		Organization: "acme", User: "ann", Rev: 1, Email: "Ann@example.com", RecoveryEmail: []byte("sealed"), RecoveryDigest: []byte("digest"), Marks: marks,
	}
}

func onLogin(why user.Why, since time.Time) user.Mark {
	return user.Mark{Why: why, Since: since, Email: "ann@example.com"}
}

func onRecovery(why user.Why, digest string) user.Mark {
	return user.Mark{Why: why, Since: noon, Digest: []byte(digest)}
}

// What is heard again, or says less, is no news; after an administrator has cleared an address only what was heard since is.
func TestWhatIsNewsOfAnAddress(t *testing.T) {
	before, after := noon.Add(-time.Minute), noon.Add(time.Minute)
	for _, c := range []struct {
		stands []user.Mark
		heard  user.Mark
		news   bool
	}{
		{nil, onLogin(user.Bounced, noon), true},
		{nil, onLogin(user.Complained, noon), true},
		{[]user.Mark{onLogin(user.Bounced, noon)}, onLogin(user.Bounced, after), false},
		{[]user.Mark{onLogin(user.Bounced, noon)}, onLogin(user.Suppressed, after), false},
		{[]user.Mark{onLogin(user.Bounced, noon)}, onLogin(user.Complained, after), false},
		{[]user.Mark{onLogin(user.Complained, noon)}, onLogin(user.Bounced, before), true},
		{[]user.Mark{onLogin(user.Cleared, noon)}, onLogin(user.Bounced, before), false},
		{[]user.Mark{onLogin(user.Cleared, noon)}, onLogin(user.Bounced, noon), false},
		{[]user.Mark{onLogin(user.Cleared, noon)}, onLogin(user.Complained, after), true},
		{[]user.Mark{onRecovery(user.Bounced, "digest")}, onLogin(user.Bounced, noon), true},
		{[]user.Mark{onLogin(user.Bounced, noon)}, onRecovery(user.Bounced, "digest"), true},
	} {
		if got := marked(c.stands...).News(c.heard); got != c.news {
			t.Errorf("after %+v, %+v is news: %t", c.stands, c.heard, got)
		}
	}
}

// A mark is of an address and of nothing else: another address begins without, and the old one keeps it.
func TestAMarkStandsOnTheAddress(t *testing.T) {
	p := marked()
	p.Set(onLogin(user.Bounced, noon))
	p.Set(onRecovery(user.Complained, "digest"))
	if !p.EmailMark().Stops() || p.RecoveryMark(noon).Stops() || !p.RecoveryMark(noon).Known() || len(p.Standing()) != 2 {
		t.Fatalf("marked as %+v", p.Marks)
	}
	moved := p
	moved.Email, moved.RecoveryDigest = "other@example.com", []byte("other")
	if moved.EmailMark().Known() || moved.RecoveryMark(noon).Known() || len(moved.Standing()) != 0 || len(moved.Troubles(noon)) != 0 {
		t.Errorf("other addresses have marks: %+v", moved.Troubles(noon))
	}
	waits := p
	waits.NextRecovery = user.NextContact{Contact: user.Contact{Sealed: []byte("s"), Digest: []byte("next")}, From: noon.Add(time.Hour)}
	waits.Set(onRecovery(user.Bounced, "next"))
	if waits.RecoveryMark(noon).Stops() || !waits.RecoveryMark(noon.Add(time.Hour)).Stops() || len(waits.Standing()) != 3 || len(p.Marks) != 2 {
		t.Errorf("an address that waits: %+v, before %+v", waits.Marks, p.Marks)
	}
	if none := (user.Profile{Marks: []user.Mark{{Why: user.Bounced}}}); none.RecoveryMark(noon).Known() {
		t.Error("a user without a recovery email has a mark on it")
	}
}

func TestAMarkIsCleared(t *testing.T) {
	p := marked(onLogin(user.Bounced, noon), onRecovery(user.Suppressed, "digest"))
	before := p
	if !p.Clear(noon.Add(time.Hour)) || p.EmailMark().Known() || p.RecoveryMark(noon).Known() || !before.EmailMark().Stops() {
		t.Errorf("cleared: %+v, before %+v", p.Marks, before.Marks)
	}
	if p.Clear(noon.Add(2*time.Hour)) || !p.Marks[0].Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("cleared twice: %+v", p.Marks)
	}
	fresh := marked()
	if fresh.Clear(noon) {
		t.Error("nothing was cleared")
	}
}

// A row of a report has the marks, and no recovery email to compare them with.
func TestTroublesOfARow(t *testing.T) {
	p := marked(onLogin(user.Complained, noon), onRecovery(user.Bounced, "digest"))
	row := user.Profile{Email: p.Email, Marks: p.Marks}
	for _, one := range []user.Profile{p, row} {
		all := one.Troubles(noon)
		if len(all) != 2 || all[0].Which != user.LoginAddress || all[1].Which != user.RecoveryAddress || one.Stopped(user.LoginAddress, noon) || !one.Stopped(user.RecoveryAddress, noon) {
			t.Errorf("troubles %+v", all)
		}
	}
}
