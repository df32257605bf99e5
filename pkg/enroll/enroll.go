// Package enroll is the workflow by which a user gets a second factor and loses
// it: proof, recovery email, authenticator, completion; switch-off and reset. It
// may not import AWS, HTTP or another workflow. Every step is one batch read and
// one conditional write; what changes security state is one transaction with its
// audit event.
package enroll

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Store is what the workflow needs of a store.
type Store interface {
	login.DeviceStore
	login.AppPasswordStore
	stepup.Store
	// Activity are the latest events about a user, up to a limit, the latest first. They may be a moment behind.
	Activity(ctx context.Context, organization, user string, limit int) ([]audit.Event, error)
	// Members gets profiles and factors of many users, strongly consistent.
	Members(ctx context.Context, organization string, users []string) (map[string]user.Member, error)
	// WriteMany is Write for several users: all of the changes or nothing. Together they may have MaxParts.
	WriteMany(ctx context.Context, changes []user.Change) error
	// ReadWithDelivery is Read with how a delivery stands, by its delivery.ID.
	ReadWithDelivery(ctx context.Context, c access.Credential, organization, user, delivery string) (login.Snapshot, error)
	// Counts are a moment old; an organisation never counted has the zero value.
	Counts(ctx context.Context, organization string) (user.Counts, error)
}

// Service enrols users. All fields are needed.
type Service struct {
	Store    Store
	Tokens   login.Sealer
	Retries  login.MAC
	Secrets  login.Sealer // authenticators' secrets
	Contacts login.Sealer // recovery emails
	Codes    factor.PRF
	Signer   login.Signer
	Now      func() time.Time

	AppPasswordKeys login.Sealer // app passwords, to be shown again
}

var rule = access.Rule{Roles: []access.Role{access.Application}}

// Rule is what enrolling demands of a key.
func Rule() access.Rule { return rule }

// The refusals of an enrolment.
var (
	ErrRefused    = login.ErrRefused.At("code")
	ErrCode       = fault.New(fault.Unprocessable, "code_malformed", "This cannot be a code of this step.").At("code")
	ErrEnrolled   = fault.New(fault.Conflict, "already_enrolled", "This user has a second factor. Changing it needs a fresh proof of it.")
	ErrNotOffered = fault.New(fault.Conflict, "enrollment_not_offered", "The decision of this login offers no enrolment.")
	ErrStep       = fault.New(fault.Conflict, "wrong_step", "This enrolment is at another step: do what `next` says.")
	ErrMismatch   = fault.New(fault.Unprocessable, "emails_differ", "The two recovery addresses are not the same.").At("recovery_email_again")
	ErrAddress    = fault.New(fault.Unprocessable, "invalid_email", "This is not one bare email address.").At("recovery_email")
	ErrDistinct   = fault.New(fault.Unprocessable, "recovery_email_not_distinct", "The recovery address must differ from the login address.").At("recovery_email")
	ErrLimit      = fault.New(fault.Conflict, "user_limit_reached", "The organisation has as many users with two-factor authentication as it is entitled to. Its administrator can ask the vendor for more.")
	ErrMethod     = fault.New(fault.Unprocessable, "method_not_allowed", "The policy does not allow this method.").At("method")
)

// step is one request of an enrolment on its way through a race.
type step struct {
	*Service
	c     access.Caller
	token string
	l     login.Login
	now   time.Time
	id    string // of the success, if this step completes: the same in every round
	snap  login.Snapshot
	d     decision.Decision
	f     user.Factors // the next state, as far as it is known

	generated *user.AppPasswords // with the enrolment
}

// begin reads the token; nothing else is known yet.
func (s *Service) begin(ctx context.Context, c access.Caller, token string) (step, error) {
	t := step{Service: s, c: c, token: token, now: s.Now(), id: uuid.NewString()}
	var err error
	if t.l, err = login.Parse(s.Tokens, token); err != nil {
		return t, login.Refuse(ctx, s.Store, c, rule, t.now, err)
	}
	return t, nil
}

// load reads the state of the user and judges caller and login.
func (t *step) load(ctx context.Context) error {
	snap, err := login.Load(ctx, t.Store, t.c, rule, t.l.Organization, t.l.User, t.now)
	if err != nil {
		return err
	}
	t.snap = snap
	if err := t.l.Check(snap, t.now); err != nil {
		return err
	}
	t.d = t.l.Decide(snap, t.now)
	t.f = snap.Factors.Next()
	return nil
}

// admit judges whether this user may enrol now, and takes over what an earlier login left. Lock and suspension are
// read from the failures themselves: the decision names neither where an exemption lets the user in without a proof. The
// code is the one that was sent, empty for none.
func (t *step) admit(code string) error {
	_, locked := t.snap.Factors.Throttle.Locked(t.now)
	switch {
	case t.snap.Factors.Enrolled() && !t.snap.Factors.Reenrols(t.l.ID, t.now):
		return ErrEnrolled
	case locked && code == "":
		return login.ErrNotSent
	case locked:
		return ErrRefused
	case !t.offered() || t.snap.Factors.Throttle.Suspended():
		return ErrNotOffered
	}
	t.adopt()
	return nil
}

// offered reports whether the decision, made anew, lets the user enrol: for the first time or, where a challenge was answered
// in this login with what buys that, again.
func (t *step) offered() bool {
	if t.snap.Factors.Enrolled() {
		return t.d.Status == decision.Challenge || t.d.Reason == decision.Undeliverable // with no other way back than this
	}
	return t.d.MayEnroll
}

// adopt begins the enrolment of this login. Pending parts of an earlier login die; a recovery email that was
// verified stays, because only somebody who gave the proof can have entered it. The proof itself is never taken over:
// whoever begins a later login may be a thief with the password.
func (t *step) adopt() {
	e := t.f.Enrollment
	if e != nil && e.Login == t.l.ID {
		return
	}
	fresh := &user.Enrollment{Login: t.l.ID, ExpiresAt: t.l.ExpiresAt}
	if e != nil && e.RecoveryVerified && (e.Proven || e.Ticket) {
		fresh.RecoveryEmail, fresh.RecoveryDigest, fresh.RecoveryVerified = e.RecoveryEmail, e.RecoveryDigest, true
	}
	t.f.Enrollment = fresh
	t.f.Challenges = slices.DeleteFunc(t.f.Challenges, func(c user.Challenge) bool { return !c.Given() })
}

// write stores a step that changes no security state yet.
func (t *step) write(ctx context.Context) error { return t.commit(ctx, user.Change{Factors: &t.f}) }

func (t *step) commit(ctx context.Context, c user.Change) error { return login.Save(ctx, t.Store, c) }

// do names the step that an enrolment waits for.
func (t *step) do() login.Do {
	e := t.f.Enrollment
	switch {
	case !e.ProvenBy(t.snap.Organization.Policy.EnrollmentProof):
		return login.DoProve
	case len(e.RecoveryEmail) == 0 && !e.RecoveryVerified:
		return login.DoRecoveryEmail
	case !e.RecoveryVerified:
		return login.DoVerifyRecovery
	case e.AuthenticatorID == "" || choosable(*t.snap.Organization, e.Of()) != nil: // the policy may have moved since
		return login.DoChooseMethod
	}
	return login.DoConfirm
}

// answer says where the enrolment stands.
func (t *step) answer() (login.Answer, error) {
	e := t.f.Enrollment
	next := login.Next{Do: t.do(), ExpiresAt: e.ExpiresAt}
	var err error
	switch next.Do {
	case login.DoProve:
		if next.Proof = t.snap.Organization.Policy.EnrollmentProof; next.Proof == org.ProofLoginEmail {
			next.SentTo = login.Mask(t.snap.Profile.Email)
			next.Order, next.ResendAt = t.f.Ordered(user.ProveLogin), t.f.ResendAt(user.ProveLogin, t.now)
		}
	case login.DoVerifyRecovery:
		next.SentTo, err = t.maskedRecovery()
		next.Order, next.ResendAt = t.f.Ordered(user.VerifyRecovery), t.f.ResendAt(user.VerifyRecovery, t.now)
	case login.DoChooseMethod:
		next.Methods = t.snap.Organization.Offered()
	case login.DoConfirm:
		next.Methods = []org.Method{e.Of()}
		if e.By == "" { // a way back makes no device, whatever is set up after it
			next.RememberDays = t.snap.Organization.Policy.Remembered()
		}
		next.Choices = t.snap.Organization.Offered()
		err = t.confirmation(&next)
	}
	d := t.d
	d.Status = decision.Enroll
	if e.Replaces {
		d = login.Enrolling(user.Success{Way: e.By, PolicyVersion: t.d.PolicyVersion})
	}
	return login.Answer{Token: t.token, Decision: d, Next: next}, err
}

// confirmation says how the pending authenticator is set up, or where its first code went.
func (t *step) confirmation(next *login.Next) (err error) {
	e := t.f.Enrollment
	switch e.Of() {
	case org.TOTP:
		next.Setup, err = t.setup(t.snap, *e)
	case org.Email:
		next.SentTo, err = t.maskedRecovery()
	case org.SMS:
		next.SentTo, err = t.maskedPhone(e.Secret, t.l.Organization, t.l.User, e.AuthenticatorID)
	}
	if purpose := user.By(user.Confirm, e.Of()); user.Mails(e.Of()) {
		next.Order, next.ResendAt = t.f.Ordered(purpose), t.f.ResendAt(purpose, t.now)
	}
	return err
}

// recovery is the recovery email that codes of this enrolment go to: the one that was entered or, of whoever enrols anew, the
// one that stands.
func (t *step) recovery() user.Contact {
	e := t.f.Enrollment
	if len(e.RecoveryEmail) > 0 {
		return user.Contact{Sealed: e.RecoveryEmail, Digest: e.RecoveryDigest}
	}
	return t.snap.Profile.Recovery(t.now)
}

func (t *step) maskedRecovery() (string, error) {
	return t.masked(t.recovery(), t.l.Organization, t.l.User)
}

// masked opens an address and shows enough of it to recognise it.
func (s *Service) masked(c user.Contact, organization, id string) (string, error) {
	address, err := s.Contacts.Open(c.Sealed, user.RecoveryUse(organization, id))
	if err != nil {
		return "", fault.Down(err)
	}
	return login.Mask(string(address)), nil
}

// setup shows the secret of an authenticator app that waits for its first code.
func (s *Service) setup(snap login.Snapshot, e user.Enrollment) (*login.Setup, error) {
	secret, err := s.Secrets.Open(e.Secret, snap.Factors.SecretUse(e.AuthenticatorID))
	if err != nil {
		return nil, fault.Down(err)
	}
	uri := factor.TOTPURI(secret, snap.Organization.Name, snap.Profile.Email)
	png, err := factor.QR(uri)
	if err != nil {
		return nil, err
	}
	return &login.Setup{Secret: factor.TOTPSecretText(secret), URI: uri, QR: png}, nil
}

// keys are what codes are judged by.
func (s *Service) keys() user.Keys { return user.Keys{Secrets: s.Secrets, Codes: s.Codes} }
