package console

import (
	"errors"
	"net/http"
	"strconv"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// became is the page of what became of each of several users.
type became struct {
	At      string
	Deed    string
	Rows    []fate
	Again   []string // who may be tried again
	Propose string   // where an allowance is asked for; empty: nobody needs any
	Return  string
	Back    string
}

// fate is what became of one.
type fate struct {
	User, Path string
	Word, Tone string
	Text       string // why not; empty: there is nothing to say
}

func (v *visit) became(d deed, ids []string, results []policy.LineResult) error {
	b := became{At: v.at("/users"), Deed: d.name, Return: v.form("back"), Back: v.listed(v.cameFrom())}
	barred := 0
	for i, r := range results {
		b.Rows = append(b.Rows, v.fate(ids[i], r))
		if again(r.Err) {
			b.Again = append(b.Again, ids[i])
		}
		if errors.Is(r.Err, stepup.ErrAllowance) {
			barred++
		}
	}
	if barred > 0 {
		b.Propose = v.at("/allowances/new", "users", strconv.Itoa(barred))
	}
	return v.shown(http.StatusOK, page.View{Body: "console/users/became", Title: v.say.Say("console.bulk.became"), Data: b})
}

func (v *visit) fate(id string, r policy.LineResult) fate {
	f := fate{User: id, Path: v.at("/users/one", "user", id), Word: v.say.Say("console.bulk.done"), Tone: "good"}
	switch {
	case r.Err != nil:
		f.Word, f.Tone, f.Text = v.say.Say("console.bulk.not_done"), "bad", v.why(r.Err)
	case !r.Changed:
		f.Word, f.Tone = v.say.Say("console.bulk.stood"), ""
	}
	return f
}

// why says why something was not done to one user.
func (v *visit) why(err error) string {
	switch fault.As(err).Kind {
	case fault.NotFound:
		return v.say.Say("console.bulk.gone")
	case fault.Unauthenticated, fault.Forbidden:
		return v.say.Say("console.bulk.forbidden")
	}
	if _, text := v.explained(err); text != "" {
		return text
	}
	return v.say.Say("console.bulk.unknown")
}

// again reports whether what failed may go well the next time.
func again(err error) bool {
	return errors.Is(err, stepup.ErrAllowance) || errors.Is(err, user.ErrConflict) || err != nil && fault.As(err).Kind == fault.Unavailable
}
