package policy

import (
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Standing is how a user stands: what a login in a browser would be answered now, and what that rests on.
type Standing struct {
	Profile     user.Profile
	Decision    decision.Decision
	Methods     []org.Method // enrolled, the default first
	Deadline    time.Time    // when the grace of an obliged user ends, or ended; zero: not obliged
	Suspended   bool
	LockedUntil time.Time // zero: not locked
	CodesLeft   int       // saved recovery codes
	MayDisable  bool      // enrolled, and nothing obliges the user: may switch off
}

func standing(snap login.Snapshot, now time.Time) Standing {
	state := login.State(snap, decision.Web, now)
	obliged := state.Obliged(now)
	st := Standing{
		Profile: *snap.Profile, Decision: decision.Decide(state, now), Methods: state.Methods, Suspended: state.Suspended,
		LockedUntil: state.LockedUntil, CodesLeft: snap.Factors.RecoveryCodes.Left(), MayDisable: snap.Factors.Enrolled() && !obliged,
	}
	if obliged {
		st.Deadline = state.Deadline()
	}
	return st
}
