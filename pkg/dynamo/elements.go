package dynamo

import (
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The packed elements of the factors item. Each begins with packVersion; integers are varints unless they say
// otherwise, times four bytes of seconds, ids one byte of kind and then their bytes. What stands at an end and is absent where
// it is empty came later: an element that an earlier version wrote is read as it was.

func packAuthenticator(p *packer, a user.Authenticator) {
	p.id(a.ID)
	p.text(string(a.Method))
	p.blob(a.Secret)
	p.int(a.LastStep)
	p.floor(a.CreatedAt)
	if len(a.Digest) > 0 {
		p.blob(a.Digest)
	}
	if a.Country != "" {
		p.text(a.Country)
	}
}

func unpackAuthenticator(u *unpacker) user.Authenticator {
	a := user.Authenticator{
		ID: u.id(), Method: org.Method(u.text()), Secret: u.blob(), LastStep: u.int(), CreatedAt: u.moment(),
	}
	if u.more() {
		a.Digest = u.blob()
	}
	if u.more() {
		a.Country = u.text()
	}
	return a
}

func packChallenge(p *packer, c user.Challenge) {
	p.id(c.ID)
	p.id(c.Login)
	p.text(shortened(string(c.Purpose)))
	p.u32(c.KeyID)
	p.blob(c.Address)
	p.floor(c.ExpiresAt)
	p.int(int64(c.Tries))
}

func unpackChallenge(u *unpacker) user.Challenge {
	return user.Challenge{
		ID: u.id(), Login: u.id(), Purpose: user.Purpose(lengthened(u.text())), KeyID: u.u32(), Address: u.blob(),
		ExpiresAt: u.moment(), Tries: int(u.int()),
	}
}

func packRecovery(p *packer, r user.RecoveryCodes) {
	p.int(r.Generation)
	p.u32(r.KeyID)
	p.u16(r.Used)
}

func unpackRecovery(u *unpacker) user.RecoveryCodes {
	return user.RecoveryCodes{Generation: u.int(), KeyID: u.u32(), Used: u.u16()}
}

func packSuccess(p *packer, s user.Success) {
	p.blob(s.Tag)
	p.id(s.ID)
	p.floor(s.At)
	p.text(s.Way)
	p.int(s.PolicyVersion)
	p.flags(s.Enrolled, s.Enrolls)
	if len(s.Taken) > 0 {
		p.blob(s.Taken)
	}
}

func unpackSuccess(u *unpacker) user.Success {
	s := user.Success{Tag: u.blob(), ID: u.id(), At: u.moment(), Way: u.text(), PolicyVersion: u.int()}
	flags := u.byte()
	s.Enrolled, s.Enrolls = flags&1 != 0, flags&2 != 0
	if u.more() {
		s.Taken = u.blob()
	}
	return s
}

func packEnrollment(p *packer, e user.Enrollment) {
	p.id(e.Login)
	p.flags(e.Proven, e.RecoveryVerified, e.Replaces, e.Ticket)
	p.blob(e.RecoveryEmail)
	p.blob(e.RecoveryDigest)
	p.id(e.AuthenticatorID)
	p.blob(e.Secret)
	p.floor(e.ExpiresAt)
	if e.Method != "" || e.By != "" {
		p.text(shortened(string(e.Method)))
		p.text(shortened(e.By))
	}
	if len(e.Digest) > 0 {
		p.blob(e.Digest)
		p.text(e.Country)
	}
}

func unpackEnrollment(u *unpacker) user.Enrollment {
	e := user.Enrollment{Login: u.id()}
	flags := u.byte()
	e.Proven, e.RecoveryVerified, e.Replaces, e.Ticket = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
	e.RecoveryEmail, e.RecoveryDigest = u.blob(), u.blob()
	e.AuthenticatorID, e.Secret, e.ExpiresAt = u.id(), u.blob(), u.moment()
	if u.more() {
		e.Method, e.By = org.Method(lengthened(u.text())), lengthened(u.text())
	}
	if u.more() {
		e.Digest, e.Country = u.blob(), u.text()
	}
	return e
}
