package console

import (
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/page"
)

// policyVersion is one of a policy's, with what it changed of the one before.
type policyVersion struct {
	Version int64
	At      time.Time
	By      string
	Changes []altered
	First   bool // there was none before
}

// policyVersions is a page of them, the latest first.
type policyVersions struct {
	Versions   []policyVersion
	More, Back string
}

// historyPage is how many versions a page has.
const historyPage = 20

// policyHistory reads one more than it shows, for what the last one changed.
func (v *visit) policyHistory() error {
	before, err := strconv.ParseInt(v.form("before"), 10, 64)
	if err != nil || before < 1 {
		before = 0
	}
	found, err := v.Policies.History(v.r.Context(), v.caller, v.home, before, historyPage+1)
	if err != nil {
		return err
	}
	h := policyVersions{Versions: v.versions(found.Versions), Back: v.at("/policy")}
	if len(found.Versions) > historyPage {
		h.More = v.at("/policy/history", "before", strconv.FormatInt(found.Versions[historyPage-1].Version, 10))
	}
	return v.shown(http.StatusOK, page.View{Body: "console/policy/history", Title: v.say.Say("console.policy.history"), Data: h})
}

func (v *visit) versions(found []org.Policy) []policyVersion {
	var all []policyVersion
	for at, p := range found[:min(len(found), historyPage)] {
		one := policyVersion{Version: p.Version, At: p.ChangedAt, By: p.ChangedBy, First: at+1 == len(found)}
		if !one.First {
			one.Changes = v.alterations(p, found[at+1])
		}
		all = append(all, one)
	}
	return all
}
