// Package verify is the workflow of a login: decide, order a code, judge an
// answer. It may not import AWS, HTTP or another workflow. A login makes one
// batch read and no write; an answer one batch read and one conditional write,
// right and wrong alike.
package verify

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Store is what the workflow needs of a store.
type Store interface {
	login.DeviceStore
	login.AppPasswordStore
}

// Service serves logins. All fields are needed.
type Service struct {
	Store   Store
	Tokens  login.Sealer
	Retries login.MAC
	Secrets login.Sealer // opens authenticators' secrets
	Codes   factor.PRF
	Signer  login.Signer
	Now     func() time.Time
}

var rule = access.Rule{Roles: []access.Role{access.Application}}

// Rule is what the operations of this workflow demand of a key.
func Rule() access.Rule { return rule }

// Begin is the question "let in, enrol, verify or refuse?".
type Begin struct {
	Organization string
	User         string
	Email        string // registers a user never seen; ignored afterwards
	Language     string // likewise; a tag of BCP 47, or empty
	Nonce        string
	Service      string // empty: web
	ReturnTo     string // one of the application's return addresses: the answer has an entry to a page of ours
	State        string // comes back with it
	DeviceToken  string // what the browser keeps, if anything; whatever is no device of this user is as if there were none
}

// decided answers with a decision, and a fresh token for the steps that follow.
func (s *Service) decided(l login.Login, snap login.Snapshot, now time.Time) (login.Answer, error) {
	d := l.Decide(snap, now)
	l.PolicyVersion = d.PolicyVersion
	l.ExpiresAt = now.Add(login.Life)
	if d.MayEnroll {
		l.ExpiresAt = now.Add(login.EnrollingLife)
	}
	token, err := login.Token(s.Tokens, l)
	if err != nil {
		return login.Answer{}, err
	}
	return login.Answer{Token: token, Decision: d, Next: next(d, snap, now), ExpiresAt: l.ExpiresAt}, nil
}

func next(d decision.Decision, snap login.Snapshot, now time.Time) login.Next {
	switch {
	case d.Status == decision.Challenge:
		n := login.Next{Do: login.DoAnswer, Methods: d.Methods, WaysBack: waysBack(snap, now)}
		if d.Rule == decision.RuleVerify { // a method that is no longer allowed makes no device
			n.RememberDays = snap.Organization.Policy.Remembered()
		}
		return n
	case d.Reason == decision.IsSuspended || d.Reason == decision.Undeliverable:
		return login.Next{Do: login.DoAnswer, WaysBack: waysBack(snap, now)}
	case d.MayEnroll:
		return login.Next{Do: login.DoEnroll, Methods: snap.Organization.Policy.Methods}
	}
	return login.Next{}
}

// keys are what codes are judged by.
func (s *Service) keys() user.Keys { return user.Keys{Secrets: s.Secrets, Codes: s.Codes} }

// waysBack are those that the policy opens and that this user has. A mailbox that is the only factor is no way back from
// itself, and one that mail comes back from is none at all. An administrator's code is none that anybody is offered: whoever has one knows.
func waysBack(snap login.Snapshot, now time.Time) []login.WayBack {
	var ways []login.WayBack
	mailbox := snap.Profile.Recovery(now).Known() && !snap.Profile.RecoveryMark(now).Stops()
	if snap.Organization.Policy.Recovery.MailedCode && mailbox && !snap.Factors.Only(org.Email) {
		ways = append(ways, login.MailedRecovery)
	}
	if snap.Organization.Policy.Recovery.SavedCodes && snap.Factors.RecoveryCodes.Left() > 0 {
		ways = append(ways, login.SavedRecovery)
	}
	return ways
}

// resumed reads a login's token and state, and judges both.
func (s *Service) resumed(ctx context.Context, c access.Caller, l login.Login, now time.Time) (login.Snapshot, error) {
	snap, err := login.Load(ctx, s.Store, c, rule, l.Organization, l.User, now)
	if err != nil {
		return snap, err
	}
	return snap, l.Check(snap, now)
}

// signed is an assertion's text.
func (s *Service) signed(ctx context.Context, a login.Assertion) (string, error) {
	text, err := s.Signer.Sign(ctx, a)
	if err != nil {
		return "", fault.Down(err)
	}
	return text, nil
}
