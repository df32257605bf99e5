package user_test

import (
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

func TestWhatMayBeExtended(t *testing.T) {
	until := func(days int) user.Grace { return user.Grace{Until: noon.AddDate(0, 0, days), Reason: "on leave"} }
	for name, c := range map[string]struct {
		want, stands user.Grace
		code, field  string
	}{
		"a week":                    {until(7), user.Grace{}, "", ""},
		"90 days":                   {until(90), user.Grace{}, "", ""},
		"a moment more":             {user.Grace{Until: noon.AddDate(0, 0, 90).Add(1), Reason: "r"}, user.Grace{}, "invalid_grace", "until"},
		"until now":                 {until(0), user.Grace{}, "invalid_grace", "until"},
		"for ever":                  {user.Grace{Reason: "r"}, user.Grace{}, "invalid_grace", "until"},
		"no reason":                 {user.Grace{Until: noon.Add(time.Hour)}, user.Grace{}, "invalid_grace", "reason"},
		"a reason too long":         {user.Grace{Until: noon.Add(time.Hour), Reason: strings.Repeat("r", 201)}, user.Grace{}, "invalid_grace", "reason"},
		"a reason of two lines":     {user.Grace{Until: noon.Add(time.Hour), Reason: "a\nb"}, user.Grace{}, "invalid_grace", "reason"},
		"the same again":            {until(7), until(7), "", ""},
		"longer":                    {until(8), until(7), "", ""},
		"shorter":                   {until(6), until(7), "grace_shortened", "until"},
		"anew, after one has ended": {until(6), until(-1), "", ""},
	} {
		err := c.want.Check(c.stands, noon)
		if got := fault.As(err); err == nil && c.code != "" || err != nil && (got.Code != c.code || got.Field != c.field) {
			t.Errorf("%s: got %v, want %q at %q", name, err, c.code, c.field)
		}
	}
}
