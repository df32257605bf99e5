// Package sample is Larkspur Notes, a small application with a password login that asks Twofold for the second factor, in both ways that there
// are: by the hosted prompt (hosted.go) and with pages of its own through the API (ownpages.go). It is there to be copied. Hence nothing but the standard
// library and pkg/sign, whose verifier it checks assertions with; twofold.go and calls.go are the whole client. `make run` starts it; it may not be
// imported by anything that is deployed.
//
// Its users are made up and their passwords stand on the login page. What an application needs besides, and this one has not: a limit to
// guesses of a password, sessions that outlive the process, and a call of …/password-changed, …/users/{user} and DELETE when
// those things happen.
package sample
