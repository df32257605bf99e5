package dynamo

import (
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// profileAttributes are all that this version knows: one that a write does not set is removed by it.
var profileAttributes = []string{
	"rev", "email", "language", "registered_at", "enforcement", "exempt_until",
	"enforcement_reason", "enforcement_by", "enforcement_at", "grace_until", "grace_reason", "grace_by", "grace_at", "recovery_email", "recovery_digest",
	"next_recovery_email", "next_recovery_digest", "next_recovery_from", "names", "opted_out_at",
	"methods", "enrolled_at", "suspended_at", "codes_spent", "services", "marks", "deleted_at", "r_org", "r_user", "r_email", "r_method", "r_enrolled",
	"s_shard", "s_user", "s_enrolled",
}

func encodeProfile(p user.Profile) item {
	i := profileKey(p.Organization, p.User).item()
	i.number("rev", p.Rev)
	if p.Deleted() { // a tombstone has no place in the indexes
		i.moment("deleted_at", p.DeletedAt)
		return i
	}
	i.text("email", p.Email)
	i.text("language", p.Language)
	i.moment("registered_at", p.RegisteredAt)
	i.text("enforcement", string(p.Enforcement.Kind))
	i.moment("exempt_until", p.Enforcement.Until)
	i.text("enforcement_reason", p.Enforcement.Reason)
	i.text("enforcement_by", p.Enforcement.SetBy)
	i.moment("enforcement_at", p.Enforcement.SetAt)
	i.moment("grace_until", p.Grace.Until)
	i.text("grace_reason", p.Grace.Reason)
	i.text("grace_by", p.Grace.SetBy)
	i.moment("grace_at", p.Grace.SetAt)
	i.bytes("recovery_email", p.RecoveryEmail)
	i.bytes("recovery_digest", p.RecoveryDigest)
	i.bytes("next_recovery_email", p.NextRecovery.Sealed)
	i.bytes("next_recovery_digest", p.NextRecovery.Digest)
	i.moment("next_recovery_from", p.NextRecovery.From)
	i.dictionary("names", p.Names)
	i.moment("opted_out_at", p.OptedOutAt)
	i.texts("methods", words(p.Methods))
	i.moment("enrolled_at", p.EnrolledAt)
	i.moment("suspended_at", p.SuspendedAt)
	if p.CodesSpent {
		i.flag("codes_spent", true)
	}
	i.texts("services", p.Services)
	i.texts("marks", markWords(p.Standing()))
	i.text("r_org", p.Organization)
	i.text("r_user", report.ByUser.Value(p))
	i.text("r_email", report.ByEmail.Value(p))
	i.text("r_method", report.ByMethod.Value(p))
	i.text("r_enrolled", report.ByEnrolled.Value(p))
	i.text("s_shard", shardOf(p.Organization+"#"+p.User))
	i.text("s_user", report.ByUser.SystemValue(p))
	i.text("s_enrolled", report.ByEnrolled.SystemValue(p))
	return i
}

func decodeProfile(i item) (user.Profile, error) {
	must, may, err := read("PROFILE", i)
	p := user.Profile{DeletedAt: may.moment("deleted_at")}
	if !p.Deleted() {
		p = facts(must, may)
	}
	p.Rev = must.number("rev")
	p.RecoveryEmail, p.RecoveryDigest = may.bytes("recovery_email"), may.bytes("recovery_digest")
	p.NextRecovery.Sealed, p.NextRecovery.Digest = may.bytes("next_recovery_email"), may.bytes("next_recovery_digest")
	p.Language = may.text("language")
	p.NextRecovery.From, p.Names = may.moment("next_recovery_from"), may.dictionary("names")
	p.OptedOutAt = may.moment("opted_out_at")
	e, g := &p.Enforcement, &p.Grace
	e.Reason, e.SetBy, e.SetAt = may.text("enforcement_reason"), may.text("enforcement_by"), may.moment("enforcement_at")
	g.Reason, g.SetBy, g.SetAt = may.text("grace_reason"), may.text("grace_by"), may.moment("grace_at")
	var ok bool
	if p.Organization, p.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	return p, *err
}

// decodeFacts decodes what reports read of a profile.
func decodeFacts(i item) (user.Profile, error) {
	must, may, err := read("PROFILE", i)
	p := facts(must, may)
	var ok bool
	if p.Organization, p.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	return p, *err
}

func facts(must, may fields) user.Profile {
	p := user.Profile{
		Email: may.text("email"), RegisteredAt: must.moment("registered_at"),
		Methods:    worded[org.Method](may.texts("methods")),
		EnrolledAt: may.moment("enrolled_at"), SuspendedAt: may.moment("suspended_at"),
		CodesSpent: may.flag("codes_spent"), Services: may.texts("services"),
		Marks: marksOf(may.texts("marks"), may),
	}
	p.Enforcement.Kind = choice(may, "enforcement", user.Inherit, user.Required, user.Exempt)
	p.Enforcement.Until, p.Grace.Until = may.moment("exempt_until"), may.moment("grace_until")
	p.Facts = factsOf(may)
	return p
}
