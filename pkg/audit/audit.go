// Package audit is the record of who changed whose security, written in the
// change's own transaction (design §8.6). It holds no secrets and knows no store.
package audit

import "time"

// Kind is what happened. Kinds are stable: auditors search for them.
type Kind string

// The kinds of events.
const (
	OrganizationCreated  Kind = "organization.created"
	OrganizationChanged  Kind = "organization.changed"
	AllowanceProposed    Kind = "allowance.proposed"
	AllowanceGranted     Kind = "allowance.granted"
	EntitlementsProposed Kind = "entitlements.proposed"
	EntitlementsChanged  Kind = "entitlements.changed"
	AdministratorAdded   Kind = "administrator.added"
	ApplicationAdded     Kind = "application.added"
	KeyProposed          Kind = "key.proposed"
	KeyIssued            Kind = "key.issued"
	KeyRevoked           Kind = "key.revoked"
	PolicyProposed       Kind = "policy.proposed"
	PolicyChanged        Kind = "policy.changed"
	UserRegistered       Kind = "user.registered"
	UserReaddressed      Kind = "user.email_changed" // the login address; both are told
	UserDeleted          Kind = "user.deleted"
	UserChanged          Kind = "user.changed"      // the language
	ServiceUsed          Kind = "user.service_used" // a mail client or the like, for the first time
	UserEnrolled         Kind = "user.enrolled"
	UserReenrolled       Kind = "user.reenrolled" // after a way back, or because the old method is not allowed any more
	UserDisabled         Kind = "user.disabled"
	UserReset            Kind = "user.reset"
	UserRequired         Kind = "user.required"
	UserExempted         Kind = "user.exempted"
	UserInherits         Kind = "user.inherits"  // what was set for the user alone is gone
	UsersExempted        Kind = "users.exempted" // one call exempted several; each has an event of its own besides
	GraceExtended        Kind = "user.grace_extended"
	GraceEnded           Kind = "user.grace_ended"      // what was extended for the user alone is gone
	PasswordChanged      Kind = "user.password_changed" // the application says so
	RecoveryUsed         Kind = "recovery.used"
	UserSuspended        Kind = "user.suspended"
	UserLocked           Kind = "user.locked"             // too many wrong codes for now. The user is told; the audit does not hold it, the sign-in log does
	UserUndeliverable    Kind = "user.undeliverable"      // mail to an address of the user's came back, or its reader complained
	NumberOptedOut       Kind = "authenticator.opted_out" // the owner of a number wants no SMS
	NumberOptedIn        Kind = "authenticator.opted_in"  // an SMS to it was taken again
	UserDeliverable      Kind = "user.deliverable"        // an administrator says that mail arrives again
	SystemBootstrapped   Kind = "system.bootstrapped"
	SenderClaimed        Kind = "sender.claimed"
	SenderChanged        Kind = "sender.changed"
	SenderVerified       Kind = "sender.verified"
	SenderFailed         Kind = "sender.failed"
	SenderLost           Kind = "sender.lost" // the domain was verified, and is not any more
	SenderRemoved        Kind = "sender.removed"
	BrandingChanged      Kind = "branding.changed" // how mail to users looks and reads, and pages look

	ApplicationChanged  Kind = "application.changed"
	ApplicationRemoved  Kind = "application.removed"
	ApplicationProposed Kind = "application.proposed"
	ApplicationWidened  Kind = "application.widened"

	AdministratorProposed Kind = "administrator.proposed"
	AdministratorInvited  Kind = "administrator.invited"
	AdministratorAccepted Kind = "administrator.accepted"
	AdministratorRaised   Kind = "administrator.raised"
	AdministratorMoved    Kind = "administrator.address_changed"
	AdministratorLinked   Kind = "administrator.user_linked" // who the administrator is as a user: somebody, somebody else, or nobody any more
	AdministratorChanged  Kind = "administrator.changed"
	AdministratorRemoved  Kind = "administrator.removed"

	AdministratorSignedIn  Kind = "administrator.signed_in" // to the console
	AdministratorSignedOut Kind = "administrator.signed_out"

	DeviceTrusted  Kind = "device.trusted"
	DeviceRenamed  Kind = "device.renamed"
	DeviceRevoked  Kind = "device.revoked"
	DevicesRevoked Kind = "devices.revoked" // all of a user's
	DeviceTheft    Kind = "device.theft"    // a token that had been replaced was shown again: the device is gone

	AuthenticatorAdded   Kind = "authenticator.added"
	AuthenticatorChanged Kind = "authenticator.changed" // its name, or that it is the default
	AuthenticatorRemoved Kind = "authenticator.removed"
	RecoveryCodesRenewed Kind = "recovery_codes.renewed"
	RecoveryEmailChanged Kind = "recovery_email.changed"
	BypassMade           Kind = "bypass.made" // a code by which a user gets in once without an authenticator
	TicketMade           Kind = "ticket.made" // a code by which a user may enrol

	GuessingSeen Kind = "pattern.guessing" // many wrong codes: of one user, from one address, or in the organisation
	BombingSeen  Kind = "pattern.bombing"  // many messages with codes: to one mailbox or number, or of the organisation

	AppPasswordCreated Kind = "app_password.created"
	AppPasswordViewed  Kind = "app_password.viewed"
	AppPasswordRevoked Kind = "app_password.revoked"

	AnnouncementCreated Kind = "announcement.created"
	AnnouncementChanged Kind = "announcement.changed" // paused, resumed or cancelled

	AnnouncementsDeclined Kind = "announcements.declined" // a user wants none
	AnnouncementsWanted   Kind = "announcements.wanted"   // again

	WebhookSet      Kind = "webhook.set" // audit events go out to a URL, or to another one
	WebhookRenewed  Kind = "webhook.secret_renewed"
	WebhookReplayed Kind = "webhook.replayed" // its place in the log was set back, or ahead
	WebhookRemoved  Kind = "webhook.removed"
	WebhookDisabled Kind = "webhook.disabled" // it failed for a day, or its receiver wants no more

	ImpersonationBegun Kind = "impersonation.begun"
	ImpersonationEnded Kind = "impersonation.ended" // before its time
)

// System is the role of events that nobody decided: what the product itself found out.
const System = "system"

// Recipient is the role of whoever got a mail of ours and followed what it offers: the user, as far as anybody knows.
const Recipient = "recipient"

// Event is one change. Who is the actor's role and id; Seen is the address that
// the API Gateway saw, Claimed the browser's address as the application reported it.
type Event struct {
	ID           string // UUID version 7: in order of time
	At           time.Time
	Kind         Kind
	Organization string // empty: the system's own log
	User         string
	Role         string
	Actor        string
	Key          string // the API key's id
	Subject      string // of an impersonation: the administrator in whose place the actor acts
	Session      string // its id
	Reason       string
	Seen         string
	Claimed      string
	RequestID    string
	// Details say what changed: before and after, without secrets.
	Details map[string]string
	// Notify asks the mailer to tell the people concerned. It stands on the event, so the
	// notice is ordered by the write that causes it.
	Notify bool
}

// Words is the layout of a time in an event's details.
const Words = "2 January 2006, 15:04 MST"

// InWords is a time as people read it in events: to the minute, in UTC. Mail shows it in the reader's language.
func InWords(t time.Time) string { return t.UTC().Format(Words) }
