package dynamo

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/mail"
	"twofold/pkg/signin"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// TestSignInOf: what the write of a code leaves, and the write of anything else.
func TestSignInOf(t *testing.T) {
	started := now.Add(-2 * time.Hour)
	fails := func(n int) user.Factors {
		f := user.Factors{Organization: "acme", User: "u#1", Rev: 7}
		for i := range n {
			f.Throttle = f.Throttle.Fail(started.Add(time.Duration(i) * time.Minute))
		}
		f.Miss(user.Try{Way: "totp", For: user.SignIn, Address: "192.0.2.7"}, "", "", now)
		return f
	}
	suspended := fails(3)
	suspended.Throttle.Consecutive = throttle.SuspendAfter
	right := fails(0)
	right.Hit(user.Try{Way: "email", For: user.Confirm}, now)
	void := fails(0)
	void.Miss(user.Try{Way: "email", For: user.Prove}, user.ProveLogin, "l", now)
	row := func(o signin.Outcome, why signin.Reason, until time.Time) signin.Entry {
		return signin.Entry{
			Organization: "acme", User: "u#1", At: now, ID: signin.IDOf("u#1", "", 7), Outcome: o, Reason: why, Way: "totp", For: user.SignIn,
			Address: "192.0.2.7", LockedUntil: until,
		}
	}
	confirmed, unordered := row(signin.Right, "", time.Time{}), row(signin.Wrong, signin.NotOpen, time.Time{})
	confirmed.Way, confirmed.For, confirmed.Address = "email", user.Confirm, ""
	unordered.Way, unordered.For, unordered.Address = "email", user.Prove, ""
	for name, c := range map[string]struct {
		of   user.Factors
		want signin.Seen
	}{
		"wrong":     {fails(0), signin.Seen{Entry: row(signin.Wrong, signin.NotRight, time.Time{}), Failures: 1}},
		"locked":    {fails(4), signin.Seen{Entry: row(signin.Locked, signin.NotRight, now.Add(throttle.FirstDelay)), Failures: 1}},
		"the cap":   {fails(29), signin.Seen{Entry: row(signin.Locked, signin.NotRight, started.Add(throttle.Window)), Failures: 1}},
		"suspended": {suspended, signin.Seen{Entry: row(signin.Suspended, signin.NotRight, time.Time{}), Failures: 1}},
		"right":     {right, signin.Seen{Entry: confirmed}},
		"void":      {void, signin.Seen{Entry: unordered, Failures: 2}},
	} {
		got, ok, err := SignInOf(record(t, encoded(t, c.of)))
		if err != nil || !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v, got\n%+v, want\n%+v", name, ok, err, got, c.want)
		}
	}
	for name, other := range map[string]events.DynamoDBEventRecord{
		"a removal": {EventName: "REMOVE"}, "a write that judged nothing": record(t, encoded(t, right.Next())),
		"a profile": record(t, encodeProfile(user.Profile{Organization: "acme", User: "u", Rev: 1, RegisteredAt: now})),
	} {
		if _, ok, err := SignInOf(other); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	broken := encoded(t, right)
	delete(broken, "epoch")
	if _, ok, err := SignInOf(record(t, broken)); ok || err == nil {
		t.Errorf("broken factors: %v, %v", ok, err)
	}
}

func TestSignInOfAnAppPassword(t *testing.T) {
	for source, address := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8::/64": "2001:db8::/64", "key 0123": ""} {
		l := user.AppLimit{Organization: "acme", User: "u", Source: source}
		for range 6 {
			l = l.Miss(user.NewAttempt(), now)
		}
		i, err := encodeAppLimit(l)
		if err != nil {
			t.Fatal(err)
		}
		got, ok, err := SignInOf(record(t, i))
		want := signin.Entry{
			Organization: "acme", User: "u", At: now, ID: signin.IDOf("u", source, l.Rev), Outcome: signin.Locked, Reason: signin.NotRight,
			Way: signin.AppPassword, For: signin.AppPassword, Address: address, LockedUntil: l.Throttle.LockedUntil,
		}
		if err != nil || !ok || got.Entry != want || got.Failures != 6 {
			t.Errorf("%s: %v, %v, %+v, want %+v", source, ok, err, got, want)
		}
		if got.ID == signin.IDOf("u", "", l.Rev) {
			t.Error("a wrong app password and a wrong code may have one place")
		}
	}
}

// TestSpentOf: counts of one organisation are looked at, by names as the mailer makes them; nothing else is.
func TestSpentOf(t *testing.T) {
	hour, day := now.Truncate(time.Hour), now.Truncate(24*time.Hour)
	for name, want := range map[string]signin.Spent{
		"2026-11-22T12#mailbox#00ff#acme": {Pattern: signin.BombingMailbox, Subject: "00ff", Window: hour},
		"2026-11-22T12#mail#3#acme":       {Pattern: signin.BombingOrganization, Window: hour},
		"2026-11-22#prefix#+4915#acme":    {Pattern: signin.BombingPrefix, Subject: "+4915", Window: day},
		"2026-11-22#organization#acme":    {Pattern: signin.BombingSMS, Window: day},
		"2026-11-22T12#mailbox#00ff":      {}, "2026-11-22#prefix#+4915": {}, "2026-11-22#number#00ff#acme": {}, "2026-11-22T12#reserved#00ff#acme": {},
		"2026-11-22#notice#00ff#user.reset#acme": {}, "2026-11-22#notices#00ff#acme": {}, "2026-11-22#round#00ff": {}, "round#mailbox#00ff#acme": {}, "mailbox": {},
	} {
		i := spentKey(name).item()
		i.number("n", 4)
		i.number("limit", 5)
		if want.Pattern != "" {
			want.Organization, want.Used, want.Limit = "acme", 4, 5
		}
		got, ok, err := SpentOf(record(t, i))
		if err != nil || ok != (want.Pattern != "") || ok && got != want {
			t.Errorf("%s: %v, %v, %+v, want %+v", name, ok, err, got, want)
		}
	}
	if _, ok, err := SpentOf(record(t, encoded(t, user.Factors{Organization: "acme", User: "u", Rev: 1}))); ok || err != nil {
		t.Errorf("factors: %v, %v", ok, err)
	}
	broken := spentKey("2026-11-22T12#mailbox#00ff#acme").item()
	if _, ok, err := SpentOf(record(t, broken)); ok || err == nil {
		t.Errorf("a broken count: %v, %v", ok, err)
	}
	earlier := spentKey("2026-11-22T12#mailbox#00ff#acme").item() // of a version that wrote no limit
	earlier.number("n", 4)
	if got, _, err := SpentOf(record(t, earlier)); err != nil || got.Limit != 0 {
		t.Errorf("without a limit: %+v, %v", got, err)
	}
}

// TestCountsOfMessagesSayTheirLimit: a count alone does not tell that nearly all is used up.
func TestCountsOfMessagesSayTheirLimit(t *testing.T) {
	s := New(nil, "table")
	write := s.spent(mail.Spending{Name: "n", Limit: 15, Until: now})
	if got := write.Update.ExpressionAttributeNames["#limit"]; got != "limit" {
		t.Errorf("the limit is written as %q", got)
	}
}
