package login

import (
	"time"

	"twofold/pkg/access"
)

const (
	// AccountEntryLife is how long the page of a user's own settings may be entered: as long as a redirect takes, and a slow network.
	AccountEntryLife = 5 * time.Minute
	// AccountLife is how long it may be used from then on.
	AccountLife = 30 * time.Minute
)

// Account is a user's own settings in a page of ours. It carries the credential that the application opened it with, as Hosted does: each
// step is judged as the application's own would be. Whoever has it sees what the user sees, masked, and changes nothing that protects without
// a fresh proof.
type Account struct {
	ID           string    `json:"i"`
	Organization string    `json:"o"`
	User         string    `json:"u"`
	Epoch        int64     `json:"e"` // of the factors: what kills devices and logins kills the page
	Rev          int64     `json:"v"` // of the factors when the entry was made: it is good once
	Key          []byte    `json:"k"` // access.Credential.Keep
	ReturnTo     string    `json:"r"`
	Language     string    `json:"g,omitempty"` // the user's own, if it is known
	Whom         string    `json:"w"`           // masked
	ExpiresAt    time.Time `json:"x"`
}

// What stands in a URL is no cookie, nor the other way round, and neither is of a login.
var (
	accountEntryUse = []byte("twofold account entry v1")
	accountPageUse  = []byte("twofold account page v1")
)

// Entry is what a browser is sent to the page with.
func (a Account) Entry(s Sealer) (string, error) { return SealText(s, accountEntryUse, a) }

// ParseAccountEntry reads an entry that has not expired, as the page that it opens; ErrInvalid otherwise. Whether it was used is for the store to
// say.
func ParseAccountEntry(s Sealer, text string, now time.Time) (Account, error) {
	a, err := parseAccount(s, accountEntryUse, text, now)
	a.ExpiresAt = now.Add(AccountLife)
	return a, err
}

// Page is what a browser keeps in a cookie.
func (a Account) Page(s Sealer) (string, error) { return SealText(s, accountPageUse, a) }

// ParseAccount reads it; ErrInvalid where it has expired, or is none.
func ParseAccount(s Sealer, text string, now time.Time) (Account, error) {
	return parseAccount(s, accountPageUse, text, now)
}

func parseAccount(s Sealer, use []byte, text string, now time.Time) (Account, error) {
	var a Account
	if !OpenText(s, use, text, &a) || !now.Before(a.ExpiresAt) {
		return Account{}, ErrInvalid
	}
	return a, nil
}

// Caller is who takes a step in the page: the application. What the page sees of the browser it has seen itself.
func (a Account) Caller(requestID, seen, agent string) access.Caller {
	return Hosted{Key: a.Key}.Caller(requestID, seen, agent)
}
