// Package storetest is the contract that every store keeps: one suite, run on the
// real store and on the one in memory, and the small deterministic keys and clock
// that it and tests of workflows need. It is for tests alone and may be imported
// by nothing that is deployed.
package storetest

import (
	"context"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/branding"
	"twofold/pkg/enroll"
	"twofold/pkg/lastuse"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/notary"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/retention"
	"twofold/pkg/sender"
	"twofold/pkg/signin"
	"twofold/pkg/webhook"
)

// Contract is what the workflows need of a store, together.
type Contract interface {
	login.DeviceStore
	enroll.Store
	login.AppPasswordStore
	policy.Store
	people.Store
	admission.Store
	lastuse.Store
	mail.Store
	mail.AnnouncementStore
	report.Store
	report.CountStore
	notary.Store
	retention.Store
	report.FactsStore
	signin.Store
	signin.Ledger
	report.RecountStore
	enroll.Store
	sender.Store
	branding.Store
	// Face is prompt.Faces.
	Face(ctx context.Context, organization string) (*org.Organization, org.Branding, error)
	webhook.Store
	webhook.CourierStore
	webhook.WakerStore
	// CreateSystemAdministrator writes a key that is good everywhere and its event in the system's own log, or answers user.ErrConflict.
	CreateSystemAdministrator(ctx context.Context, k access.Key, name, email string, e audit.Event) error
}

// Run runs the suite. newStore gives an empty store for each test.
func Run(t *testing.T, newStore func(t *testing.T) Contract) {
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) { c.test(t, newStore(t)) })
	}
}

var suite = []struct {
	name string
	test func(*testing.T, Contract)
}{
	{"absent things are nil", absent},
	{"factors come back as they were written", factorsReturn},
	{"factors without anything come back", bareFactorsReturn},
	{"factors lose fractions of seconds on the safe side", factorsRound},
	{"profile comes back as it was written", profileReturns},
	{"what a write leaves out is gone", leftOutIsGone},
	{"organisation, people and keys come back", organizationReturns},
	{"docket comes back as it was written", docketReturns},
	{"an arrival comes back as it was written", arrivalReturns},
	{"an arrival is written on the one before", arrivalFollows},
	{"a code for the console is there to be mailed", arriving},
	{"many who come in first find one organisation of the administrators", foundedOnce},
	{"many who sign in at once are all signed in", signedInTogether},
	{"a docket is written with its proof, or not at all", proofsReturn},
	{"one code of an authenticator, many confirmations, one success", proofOnce},
	{"one code of an authenticator, confirmations and logins, one success", proofOrLogin},
	{"guesses for a confirmation and at login are one budget", guessesAreOneBudget},
	{"event comes back as it was written", eventReturns},
	{"what happened to a user comes latest first", activityReturns},
	{"recipient and pending proposal are read together", recipientReturns},
	{"user ids may hold anything", oddUsers},
	{"many users are read at once", membersReturn},
	{"who writes second is told", secondWriter},
	{"a repeated write is one write", repeatedWrite},
	{"a change of which a part is there already", halfTheSame},
	{"brandings come back, with whoever is mailed", brandingsReturn},
	{"a branding is written by who comes first", brandingsConflict},
	{"senders and claims of domains come back", sendersReturn},
	{"a sender and a domain are written by who comes first", sendersConflict},
	{"one domain, many organisations, one claim", domainClaimedOnce},
	{"a lost sender is written with its event", senderLost},
	{"a change of a user is all or nothing", userAllOrNothing},
	{"a change of an organisation is all or nothing", organizationAllOrNothing},
	{"holders and their keys come back", holdersReturn},
	{"a change of people is all or nothing", peopleAllOrNothing},
	{"who is removed is gone", removedHolders},
	{"applications and keys of the vendor's own come back", vendorsReturn},
	{"organisations are known by their ids", knownOrganizations},
	{"system administrators who remove each other at once: one remains", oneColleague},
	{"an application narrowed and widened at once reaches what it says", reachesWhatItSays},
	{"administrators who remove and demote each other at once: one remains", oneDecides},
	{"an invitation, 20 acceptances, one key", invitationOnce},
	{"guesses of an invitation, five evaluated", invitationGuesses},
	{"the last use of a key is noted and never goes back", usesNoted},
	{"a key is altered until it is revoked", alteredKey},
	{"a session is read with its key", sessionsReturn},
	{"an impersonation begun by many at once", impersonatedOnce},
	{"a key that many confirm at once is shown once", keyShownOnce},
	{"nobody has too many keys, however many ask at once", keysBounded},
	{"a first key is written once", firstKeyOnce},
	{"a system administrator's change is mailed with its organisation", systemPending},
	{"one code, 100 submissions, one success", oneCodeOneSuccess},
	{"parallel guesses, five evaluated", parallelGuesses},
	{"one recovery code, 30 uses, one success", recoveryOnce},
	{"a reset racing a verification", resetRace},
	{"a reset kills what was issued", resetKills},
	{"devices come back as they were written", devicesReturn},
	{"a device is written and removed by who read it last", devicesConflict},
	{"one device, 20 logins at the first moment of a day, one rotation", rotatedOnce},
	{"a stolen device racing its use", theftRace},
	{"a reset racing a device", resetOrDevice},
	{"devices made by many at once", devicesBounded},
	{"app passwords come back as they were written", appPasswordsReturn},
	{"app passwords are written by who read them last, and go with the factors", appPasswordsConflict},
	{"what failed from a source comes back", appLimitsReturn},
	{"a user registered by many at once", registeredOnce},
	{"a tombstone is no user", tombstoneReturns},
	{"changes of several users are all or nothing", manyTogether},
	{"a deletion racing logins", deleteOrLogin},
	{"a deletion racing an enrolment", deleteOrEnroll},
	{"a deleted id registered by many at once", againOnce},
	{"imports racing logins", importOrLogin},
	{"a user required by many at once", requiredOnce},
	{"a requirement racing a verification", requirementRace},
	{"a policy confirmed twice at once", confirmedTwice},
	{"two administrators confirm at once", twoAdministrators},
	{"the history of a policy", policyHistory},
	{"an allowance confirmed and used by many at once", allowedOnce},
	{"an organisation put by many at once", putOnce},
	{"announcements come back", announcementsReturn},
	{"an announcement is due while it is live", announcementsMove},
	{"an announcement advanced by many at once", announcementsConflict},
	{"pages of users without a second factor", unenrolledPages},
	{"counts by day", countsByDay},
	{"organisations that nobody is counted in", listsOrganizations},
	{"counts that are made anew", recounts},
	{"reports of anybody, as a look at everybody gives them", reportsOfAnybody},
	{"pages while users move", pagesWhileUsersMove},
	{"pages of users", userPages},
	{"spans of orders", spans},
	{"the users of all organisations", everyone},
	{"facts page by page", factPages},
	{"cursors of users stay within their organisation", userCursors},
	{"pages of events", eventPages},
	{"events by time, actor, user and kind", eventQueries},
	{"events that are rare", rareEvents},
	{"counts under repeated and reordered records", countsReordered},
	{"counts of users who were deleted", countsOfDeleted},
	{"counts under many observers at once", countsParallel},
	{"a count from a stale class changes nothing", countStale},
	{"facts under repeated, late and reordered records", factsReordered},
	{"facts of whoever is not there, and of somebody before", factsOfNobody},
	{"facts under many observers at once", factsParallel},
	{"facts stay beside the profile", factsStay},
	{"rows of the sign-in log come back", signInsReturn},
	{"a sign-in log under repeated, late and failing records", signInsReordered},
	{"a pattern that many see at once is told once", patternOnce},
	{"claims of deliveries", claims},
	{"one claim among many", oneClaim},
	{"a lapsed claim does not end a later one", lapsedClaim},
	{"deliveries come back", deliveriesReturn},
	{"a notice is read again", toldAgain},
	{"what a provider says of a delivery stands", reports},
	{"marks of addresses come back", marksReturn},
	{"an SMS is counted once, within its budgets", spends},
	{"an SMS beyond a budget stays unsent", cappedDelivery},
	{"one budget, many SMS", budgetOfMany},
	{"subscriptions come back", subscriptionsReturn},
	{"a subscription is written by who comes first", subscriptionsConflict},
	{"open webhooks are found", openWebhooksAreFound},
	{"logs of the audit come back", logsReturn},
	{"a log is extended by who comes first", logsConflict},
	{"a log waits for a checkpoint exactly while it is dirty", logsWait},
	{"organisations that logs are removed of come back", sheddingReturns},
	{"what is outdated comes back, and is removed", outdatedReturns},
	{"what is older than is kept is as gone", keptIsShown},
	{"what is kept no longer is removed, and the log proves what is left", swept},
	{"sweepers and policies at once lose nothing that is kept", sweptTogether},
	{"events appended by many at once stand in the log once", appendedOnce},
}
