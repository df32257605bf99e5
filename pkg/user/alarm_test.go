package user

import "testing"

func TestAnAlarmSaysFromWhereToWhoIsEnrolled(t *testing.T) {
	for _, c := range []struct {
		enrolled   bool
		from, want string
	}{{true, "203.0.113.7", "203.0.113.7"}, {true, "", ""}, {false, "203.0.113.7", ""}} {
		var f Factors
		if c.enrolled {
			f.Authenticators = []Authenticator{{ID: "a"}}
		}
		f.Alarm(c.from)
		if from, ok := Alarmed(f.Deliver); !ok || from != c.want {
			t.Errorf("%+v: %q is read as %q, %t", c, f.Deliver, from, ok)
		}
	}
	for _, other := range []string{"", DeliverCodes, NewID(), "lockedx", "locke"} {
		if _, ok := Alarmed(other); ok {
			t.Errorf("%q is an alarm", other)
		}
	}
	f := Factors{Deliver: "x"}
	if f.Alarm(""); f.Next().Deliver != "" {
		t.Error("the next write alarms again")
	}
}
