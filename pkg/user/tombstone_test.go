package user_test

import (
	"reflect"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

var buriedAt = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// A tombstone has the ids and the time, and nothing else, whatever a profile will hold one day.
func TestATombstoneHoldsNoFact(t *testing.T) {
	p := user.Profile{Organization: "acme", User: "ann", Rev: 4}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		fill(v.Field(i))
	}
	p.DeletedAt = time.Time{}
	got := p.Bury(buriedAt)
	if want := (user.Profile{Organization: p.Organization, User: p.User, Rev: p.Rev + 1, DeletedAt: buriedAt}); !reflect.DeepEqual(got, want) || !got.Deleted() || p.Deleted() {
		t.Errorf("left %+v", got)
	}
	again := got.Exhume("new@acme.example", buriedAt.Add(time.Hour))
	if again.Deleted() || again.Rev != got.Rev+1 || again.Enforcement.Kind != "" || again.Email != "new@acme.example" || again.RegisteredAt.IsZero() {
		t.Errorf("begun as %+v", again)
	}
}

// fill gives a field something that is not its zero value, as far as profiles and factors have such fields.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint16, reflect.Uint32, reflect.Uint8:
		v.SetUint(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(buriedAt))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

func TestFactorsOfADeletedUser(t *testing.T) {
	var f user.Factors
	fill(reflect.ValueOf(&f).Elem())
	got := f.Bury()
	attempt := got.Attempt
	got.Attempt = nil
	want := user.Factors{
		Organization: "x", User: "x", Rev: 8, Epoch: 8, RecoveryCodes: user.RecoveryCodes{Generation: 7, Used: got.RecoveryCodes.Used},
	}
	if !reflect.DeepEqual(got, want) || len(attempt) == 0 || got.RecoveryCodes.Left() != 0 {
		t.Errorf("left %+v, want %+v", got, want)
	}
}

func TestFactorsOfAnotherAddress(t *testing.T) {
	var f user.Factors
	fill(reflect.ValueOf(&f).Elem())
	got := f.Readdress()
	if got.Enrollment != nil || len(got.Challenges) != 0 || got.Epoch != f.Epoch || got.Rev != f.Rev+1 || got.Deliver != "" {
		t.Errorf("left %+v", got)
	}
	if !reflect.DeepEqual(got.Authenticators, f.Authenticators) || !reflect.DeepEqual(got.Throttle, f.Throttle) || got.RecoveryCodes != f.RecoveryCodes {
		t.Errorf("what has nothing to do with the address is %+v", got)
	}
}

func TestEverEnrolled(t *testing.T) {
	enrolled := user.Factors{Authenticators: []user.Authenticator{{ID: "a", Method: org.TOTP}}}
	native := enrolled
	native.RecoveryCodes = native.RecoveryCodes.Renew(1)
	for name, c := range map[string]struct {
		f    user.Factors
		want bool
	}{
		"never": {user.Factors{}, false}, "one who failed": {user.Factors{Throttle: throttle.State{Consecutive: 3}}, false},
		"one whose password changed": {user.Factors{}.Kill(), false}, "one with another address": {user.Factors{}.Readdress(), false},
		"enrolled": {native, true}, "imported": {enrolled, true}, "imported, then wiped": {enrolled.Wipe(), true}, "enrolled, then wiped": {native.Wipe(), true},
		"reset": {native.Reset(), true}, "deleted": {user.Factors{}.Bury(), true},
	} {
		if got := c.f.EverEnrolled(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestCountedOfATombstone(t *testing.T) {
	p := user.Profile{Organization: "acme", User: "ann", Rev: 1, CodesSpent: true}
	gone := p.Bury(buriedAt)
	if c := p.Counted(); c.Gone || c.Class != p.Class() || c.Rev != 1 || !c.In() {
		t.Errorf("a profile is counted as %+v", c)
	}
	if c := gone.Counted(); !c.Gone || c.Class != (user.Class{}) || c.Rev != 2 || c.In() {
		t.Errorf("a tombstone is counted as %+v", c)
	}
	if (user.Counted{}).In() {
		t.Error("who was never counted is in a class")
	}
	living, tombstone := user.Split(&p)
	if living != &p || tombstone != nil {
		t.Error("a profile is taken for a tombstone")
	}
	if living, tombstone = user.Split(&gone); living != nil || tombstone != &gone {
		t.Error("a tombstone is taken for a profile")
	}
	if living, tombstone = user.Split(nil); living != nil || tombstone != nil {
		t.Error("nobody is somebody")
	}
}

func TestPartsOfAChange(t *testing.T) {
	full := user.Change{}
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		fill(v.Field(i))
	}
	if n := full.Parts(); n != v.NumField() {
		t.Errorf("%d parts of %d", n, v.NumField())
	}
	if n := (user.Change{}).Parts(); n != 0 {
		t.Errorf("nothing has %d parts", n)
	}
}
