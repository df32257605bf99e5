package sample

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// User is somebody with an account. The id is the application's own, and what Twofold knows the user by.
type User struct {
	ID, Name, Email string
}

// account is a user with a password. It is shown on the login page, because nobody real has one here.
type account struct {
	User
	Shown      string
	salt, hash []byte
	rounds     int // that the hash was made with, so that tomorrow's may have more
}

// iterations of PBKDF2 with SHA-256: OWASP's Password Storage Cheat Sheet.
const iterations = 600_000

// accounts are all users.
type accounts []account

func newAccounts(rounds int) (accounts, error) {
	all := accounts{
		{User: User{"lena", "Lena Ahrens", "lena@larkspur.example"}, Shown: "meadow-lantern-42"},
		{User: User{"marc", "Marc Duval", "marc@larkspur.example"}, Shown: "copper-violin-17"},
		{User: User{"noor", "Noor Haddad", "noor@larkspur.example"}, Shown: "winter-orchard-88"},
	}
	for i := range all {
		all[i].salt = make([]byte, 16)
		_, _ = rand.Read(all[i].salt) // never fails: crypto/rand
		all[i].rounds = rounds
		var err error
		if all[i].hash, err = hashed(all[i].Shown, all[i].salt, rounds); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func hashed(password string, salt []byte, rounds int) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
}

// check takes as long whoever is meant and whatever is wrong.
func (all accounts) check(email, password string) (User, bool) {
	of := account{salt: make([]byte, 16), hash: make([]byte, sha256.Size), rounds: all[0].rounds} // nobody's: no password has that hash
	for _, a := range all {
		if a.Email == email {
			of = a
		}
	}
	hash, err := hashed(password, of.salt, of.rounds)
	right := subtle.ConstantTimeCompare(hash, of.hash) == 1
	return of.User, right && err == nil
}
