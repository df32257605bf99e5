package mail

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"twofold/pkg/audit"
)

// Who hears of what happened to a user, or in an organisation. Nobody: its workflows never ask for a notice, and there are no
// words for one.
const (
	theUser = 1 << iota
	theAdministrators
	nobody = 0
	both   = theUser | theAdministrators
)

// hears is who hears of each kind of event. Of a policy, entitlements, senders, keys, applications and people it is the
// administrators; of exemptions too, since what an administrator lets a user off is nothing to the user. What an impersonator does
// to a user, the user hears of as of any other change; that the vendor is there, the administrators.
var hears = map[audit.Kind]int{
	audit.UserEnrolled: theUser, audit.UserReenrolled: theUser, audit.UserDisabled: theUser, audit.UserReset: theUser,
	audit.UserLocked: theUser, audit.UserSuspended: both, audit.RecoveryUsed: theUser,
	audit.NumberOptedOut: theUser, audit.UserUndeliverable: theUser, audit.AuthenticatorAdded: theUser, audit.AuthenticatorRemoved: theUser, audit.RecoveryCodesRenewed: theUser,
	audit.RecoveryEmailChanged: theUser, audit.UserReaddressed: theUser, audit.UserDeleted: theUser,
	audit.BypassMade: theUser, audit.TicketMade: theUser,
	audit.DeviceTrusted: theUser, audit.DeviceTheft: both,
	audit.AppPasswordCreated: theUser, audit.AppPasswordViewed: theUser, audit.AppPasswordRevoked: theUser,

	audit.UserExempted: theAdministrators, audit.UsersExempted: theAdministrators, audit.GraceExtended: theAdministrators,
	audit.AllowanceGranted: theAdministrators, audit.EntitlementsChanged: theAdministrators, audit.PolicyChanged: theAdministrators,
	audit.GuessingSeen: theAdministrators, audit.BombingSeen: theAdministrators,
	audit.SenderClaimed: theAdministrators, audit.SenderLost: theAdministrators, audit.SenderRemoved: theAdministrators,
	audit.WebhookSet: theAdministrators, audit.WebhookRemoved: theAdministrators, audit.WebhookDisabled: theAdministrators, audit.WebhookRenewed: theAdministrators, audit.WebhookReplayed: theAdministrators,
	audit.KeyIssued: theAdministrators, audit.ApplicationRemoved: theAdministrators, audit.ApplicationWidened: theAdministrators,
	audit.AdministratorInvited: theAdministrators, audit.AdministratorRaised: theAdministrators, audit.AdministratorMoved: theAdministrators,
	audit.AdministratorLinked: theAdministrators, audit.AdministratorRemoved: theAdministrators, audit.ImpersonationBegun: theAdministrators, audit.AnnouncementCreated: theAdministrators,

	audit.OrganizationCreated: nobody, audit.OrganizationChanged: nobody, audit.AllowanceProposed: nobody, audit.EntitlementsProposed: nobody,
	audit.AdministratorAdded: nobody, audit.ApplicationAdded: nobody, audit.KeyProposed: nobody, audit.KeyRevoked: nobody, audit.PolicyProposed: nobody,
	audit.UserRegistered: nobody, audit.ServiceUsed: nobody, audit.UserRequired: nobody, audit.UserInherits: nobody, audit.GraceEnded: nobody,
	audit.PasswordChanged: nobody, audit.SystemBootstrapped: nobody, audit.SenderChanged: nobody, audit.SenderVerified: nobody, audit.SenderFailed: nobody,
	audit.ApplicationChanged: nobody, audit.ApplicationProposed: nobody,
	audit.AdministratorProposed: nobody, audit.AdministratorAccepted: nobody, audit.AdministratorChanged: nobody, audit.AdministratorSignedIn: nobody, audit.AdministratorSignedOut: nobody,
	audit.DeviceRenamed: nobody, audit.DeviceRevoked: nobody, audit.DevicesRevoked: nobody, audit.AuthenticatorChanged: nobody,
	audit.NumberOptedIn: nobody, audit.UserDeliverable: nobody,
	audit.AnnouncementChanged: nobody, audit.AnnouncementsDeclined: nobody, audit.AnnouncementsWanted: nobody, audit.ImpersonationEnded: nobody,
	audit.UserChanged: nobody, audit.BrandingChanged: theAdministrators,
}

// kinds are all that package audit declares.
func kinds(t *testing.T) []audit.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../audit/audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []audit.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Kind" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, audit.Kind(value))
		}
		return true
	})
	return all
}

// Every kind of event that there is: it says here who hears of it, and they do, each once, at all addresses; and whatever is told
// has words.
func TestWhoHearsOfEveryKind(t *testing.T) {
	all := kinds(t)
	if len(all) != len(hears) {
		t.Errorf("there are %d kinds, and %d here", len(all), len(hears))
	}
	if !slices.Equal(all, audit.Kinds()) {
		t.Error("audit.Kinds are not those that there are")
	}
	for _, kind := range all {
		who, known := hears[kind]
		words := [2]string{}
		for i, part := range []string{".heading", ".lead"} {
			if key := "notice." + string(kind) + part; acmeSays.Has(key) {
				words[i] = acmeSays.Say(key)
			}
		}
		switch {
		case !known:
			t.Errorf("%s: nobody has said who hears of it", kind)
		case who == nobody && words != [2]string{}:
			t.Errorf("%s has words, and nobody to hear them", kind)
		case who != nobody && (words[0] == "" || words[1] == ""):
			t.Errorf("%s has no words", kind)
		case who != nobody:
			told(t, kind, who)
		}
	}
}

func told(t *testing.T, kind audit.Kind, who int) {
	t.Helper()
	var want []string
	id := "ann"
	if who&theUser != 0 {
		want = []string{"ann@example.com", "ann@home.example"}
	} else if !forThemOnly[kind] {
		id = "" // it is about no user
	}
	if who&theAdministrators != 0 {
		want = append(want, "adam@example.com", "eve@example.com")
	}
	p := newPost(t)
	for range 2 {
		if err := p.Deliver(context.Background(), about(kind, id)); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	if got := p.out.recipients(); !slices.Equal(got, want) {
		t.Errorf("%s: told %v, want %v", kind, got, want)
	}
}
