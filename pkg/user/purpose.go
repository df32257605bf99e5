package user

import (
	"strings"

	"twofold/pkg/org"
)

// Purpose is what a challenge is for. A code answers only its own purpose.
type Purpose string

// The purposes that have nothing to do with a method.
const (
	ProveLogin     Purpose = "enroll"   // the proof beyond the password, to the login address
	VerifyRecovery Purpose = "recovery" // shows that the recovery email can be read
	Recover        Purpose = "recover"  // the way back of an enrolled user
	Bypass         Purpose = "bypass"   // an administrator's code, which no mail carries
	Ticket         Purpose = "ticket"   // likewise: the proof beyond the password, where the policy asks for that
)

// Act is what a code of a method, sent to the user, is given for.
type Act string

// The acts. All of these but the first two are changes by an enrolled user, which need a fresh proof (design §5).
const (
	SignIn             Act = "sign_in"
	Confirm            Act = "confirm" // that the method works, before it counts
	AddMethod          Act = "add_authenticator"
	RemoveMethod       Act = "remove_authenticator"
	RenewCodes         Act = "renew_recovery_codes"
	MoveRecovery       Act = "change_recovery_email"
	ManageAppPasswords Act = "app_passwords" // make, view or revoke one
	SwitchOff          Act = "disable"
)

// Changes are the acts that need a fresh proof.
func Changes() []Act {
	return []Act{AddMethod, RemoveMethod, RenewCodes, MoveRecovery, ManageAppPasswords, SwitchOff}
}

// By is the purpose of a code of a method for an act: one of another act, or another method's, answers it not.
func By(a Act, m org.Method) Purpose { return Purpose(string(a) + "/" + string(m)) }

// Method is the method that codes of a purpose are sent by; empty where it is of none: those go by mail.
func (p Purpose) Method() org.Method {
	_, method, _ := strings.Cut(string(p), "/")
	return org.Method(method)
}

// Sent reports whether there are codes of a purpose: an authenticator app has its own.
func (p Purpose) Sent() bool { return p != "" && (p.Method() == "" || Mails(p.Method())) }

// Act is what codes of a purpose are given for; empty where it is none of a method.
func (p Purpose) Act() Act {
	act, _, found := strings.Cut(string(p), "/")
	if !found {
		return ""
	}
	return Act(act)
}
