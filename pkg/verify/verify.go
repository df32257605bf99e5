// Package verify is the workflow of a login: decide, order a code, judge an
// answer. It may not import AWS, HTTP or another workflow. A login makes one
// batch read and no write; an answer one batch read and one conditional write,
// right and wrong alike.
package verify

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// Service serves logins. All fields are needed.
type Service struct {
	Store   login.Store
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
	Nonce        string
	Service      string // empty: web
}

// Begin registers a user never seen, and decides.
func (s *Service) Begin(ctx context.Context, c access.Caller, in Begin) (login.Answer, error) {
	now := s.Now()
	snap, err := user.Race(func() (login.Snapshot, error) { return s.registered(ctx, c, in, now) })
	if err != nil {
		return login.Answer{}, err
	}
	l := login.Login{
		ID: uuid.NewString(), Organization: in.Organization, User: in.User, Application: snap.Key.Qualified(),
		Audience: snap.Key.Addressee(), Nonce: in.Nonce, Service: in.Service, PolicyVersion: snap.Organization.Policy.Version, Epoch: snap.Factors.Epoch,
		Claimed: c.Claimed, Agent: c.Agent,
	}
	return s.decided(l, snap, now)
}

// registered reads the user and, where there is none, registers one. That, and a service that the user was never seen
// to use, is written once; every other login writes nothing.
func (s *Service) registered(ctx context.Context, c access.Caller, in Begin, now time.Time) (login.Snapshot, error) {
	snap, err := login.Load(ctx, s.Store, c, rule, in.Organization, in.User, now)
	if err != nil {
		return snap, err
	}
	of := login.Login{Organization: in.Organization, User: in.User}
	var events []audit.Event
	if snap.Profile == nil {
		snap.Profile = &user.Profile{Organization: in.Organization, User: in.User, Email: in.Email, RegisteredAt: now}
		events = append(events, of.Event(audit.UserRegistered, snap, c, now))
	}
	if in.Service != decision.Web && snap.Profile.NewService(in.Service) {
		used := *snap.Profile
		used.Services = append(slices.Clone(used.Services), in.Service)
		snap.Profile = &used
		event := of.Event(audit.ServiceUsed, snap, c, now)
		event.Details = map[string]string{"service": in.Service}
		events = append(events, event)
	}
	if len(events) == 0 {
		return snap, nil
	}
	next := snap.Profile.Next()
	snap.Profile = &next
	return snap, login.Save(ctx, s.Store, user.Change{Profile: snap.Profile, Events: events})
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
	return login.Answer{Token: token, Decision: d, Next: next(d, snap)}, nil
}

func next(d decision.Decision, snap login.Snapshot) login.Next {
	switch {
	case d.Status == decision.Challenge:
		return login.Next{Do: login.DoAnswer, Methods: d.Methods, WaysBack: waysBack(snap)}
	case d.Reason == decision.IsSuspended:
		return login.Next{Do: login.DoAnswer, WaysBack: waysBack(snap)}
	case d.MayEnroll:
		return login.Next{Do: login.DoEnroll, Methods: snap.Organization.Policy.Methods}
	}
	return login.Next{}
}

// waysBack are those that the policy opens and that this user has.
func waysBack(snap login.Snapshot) []login.WayBack {
	var ways []login.WayBack
	if snap.Organization.Policy.Recovery.MailedCode && len(snap.Profile.RecoveryEmail) > 0 {
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
