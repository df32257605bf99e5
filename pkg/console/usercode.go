package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/page"
)

// given are the deeds that give the administrator a code for the user.
var given = []deed{
	{name: "bypass", rule: enroll.ResetRule(), reason: always, told: "user", frees: true},
	{name: "ticket", rule: enroll.ResetRule(), reason: always, told: "user"},
}

// lives are for how many minutes each kind of code may be good; the usual one is the first.
var lives = map[string][]int{"bypass": {60, 15, 240, 1440}, "ticket": {1440, 4320, 10080}}

var errLife = fault.New(fault.Unprocessable, "users_life", "This is none of the times to choose from.").At("life")

// lifeField is the choice between them.
func (v *visit) lifeField(name string) page.Field {
	f := page.Field{Name: "life", Label: v.say.Say("console.deed.life")}
	for _, minutes := range lives[name] {
		text := strconv.Itoa(minutes)
		f.Options = append(f.Options, page.Option{Value: text, Label: v.say.Say("console.deed.life." + text)})
	}
	f.Value = f.Options[0].Value
	return f
}

// givenCode is the page that shows such a code, once.
type givenCode struct {
	Lead  string
	User  string
	Code  string
	Until time.Time
	Back  string
}

// give makes a code and shows it, in this answer alone.
func (v *visit) give(d deed) error {
	id := v.userID()
	w, err := v.wanted(d)
	minutes, malformed := strconv.Atoi(v.form("life"))
	if err == nil && (malformed != nil || !slices.Contains(lives[d.name], minutes)) {
		err = errLife
	}
	if err != nil || id == "" {
		return v.showUser(d.name, err)
	}
	made, err := v.makes(d.name)(v.r.Context(), v.caller, enroll.Subject{Organization: v.home, User: id}, w.reason, time.Duration(minutes)*time.Minute)
	if err != nil {
		return v.showUser(d.name, err)
	}
	return v.shown(http.StatusOK, page.View{
		Body: "console/user/code", Title: v.say.Say("console.deed." + d.name), Secret: true, Data: givenCode{
			Lead: v.say.Say("console.user.given." + d.name), User: id, Code: page.Grouped(made.Code), Until: made.ExpiresAt, Back: v.at(userPath, "user", id),
		},
	})
}

// makes is what makes a kind of code.
func (v *visit) makes(name string) func(context.Context, access.Caller, enroll.Subject, string, time.Duration) (enroll.Given, error) {
	if name == "ticket" {
		return v.Users.MakeTicket
	}
	return v.Users.MakeBypass
}
