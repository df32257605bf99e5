package console

import (
	"net/http"
	"net/url"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

// foretold is a page of the users of one group.
type foretold struct {
	Group  string
	At     time.Time
	Users  []foretoldUser
	More   string
	Back   string
	Change bool // of a proposal
}

// foretoldUser is a row of it.
type foretoldUser struct {
	ID, Email, Outcome, Tone string
	Path                     string // of the user's own page; empty: it is not offered
	Until                    time.Time
	Methods                  string
	Remarks                  []string
}

// foretoldPage is how many users a page has.
const foretoldPage = 50

// fateTones are the colours that outcomes have beside their words.
var fateTones = map[policy.Outcome]string{
	policy.Verify: "good", policy.WithinGrace: "warn", policy.MustEnroll: "warn", policy.Suspended: "bad", policy.MethodNotAllowed: "bad",
}

// standingUsers are those of a group as the policy that stands has them, changeUsers as a proposal would.
func (v *visit) standingUsers() error { return v.foretold("", "/policy") }

func (v *visit) changeUsers() error {
	change := v.r.PathValue("change")
	return v.foretold(change, "/policy/changes/"+url.PathEscape(change))
}

func (v *visit) foretold(change, under string) error {
	of, known := groupOf(v.form("group"))
	if !known {
		return access.ErrNotFound
	}
	found, err := v.Policies.Foretold(v.r.Context(), v.caller, v.home, policy.ForetoldQuery{
		Group: of, Later: v.checked("later"), Change: change, Limit: foretoldPage, Cursor: v.form("cursor"),
	})
	if err != nil {
		return err
	}
	shown := foretold{Group: v.groupName(of), At: found.At, Back: v.at(under), Change: change != ""}
	for _, u := range found.Users {
		shown.Users = append(shown.Users, v.foretoldUser(u))
	}
	if found.Cursor != "" {
		shown.More = v.at(under+"/users", "group", string(of), "later", v.form("later"), "cursor", found.Cursor)
	}
	return v.shown(http.StatusOK, page.View{Body: "console/policy/users", Title: shown.Group, Data: shown})
}

func (v *visit) foretoldUser(u policy.Foretold) foretoldUser {
	row := foretoldUser{
		ID: u.Profile.User, Email: u.Profile.Email, Outcome: v.groupName(policy.Group(u.Fate.Outcome)), Tone: fateTones[u.Fate.Outcome],
		Until: u.Fate.Decision.Until, Methods: v.methodNames(u.Profile.Methods),
	}
	if v.may(policy.StatusRule) {
		row.Path = v.at("/users/one", "user", u.Profile.User)
	}
	if u.Fate.RecoveryImpossible {
		row.Remarks = append(row.Remarks, v.groupName(policy.GroupRecoveryImpossible))
	}
	if u.Fate.ExemptionEnding {
		row.Remarks = append(row.Remarks, v.groupName(policy.GroupExemptionEnding))
	}
	if len(u.Fate.Refused) > 0 {
		row.Remarks = append(row.Remarks, v.say.Say("console.dry.refused_at", "services", commaList(u.Fate.Refused)))
	}
	return row
}
