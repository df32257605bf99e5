package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/org"
)

// The attributes that this version knows: one that a write does not set is removed by it.
var (
	administratorAttributes = []string{
		"rev", "id", "name", "email", "permissions", "keys", "created_at", "next_email", "next_email_at", "invitation", "deliver", "user",
	}
	applicationAttributes = []string{
		"rev", "id", "name", "keys", "created_at", "return_addresses", "organizations", "everywhere", "audience",
	}
	readerAttributes = []string{"rev", "id", "keys", "created_at"}
)

func encodeAdministrator(a org.Administrator) item {
	i := administratorKey(a.Organization, a.ID).item()
	i.text("id", a.ID)
	i.text("name", a.Name)
	i.text("email", a.Email)
	i.number("rev", a.Rev)
	i.texts("permissions", a.Permissions)
	i.texts("keys", a.Keys)
	i.text("next_email", a.NextEmail)
	i.moment("next_email_at", a.NextEmailAt)
	i.text("deliver", a.Deliver)
	i.text("user", a.User)
	if a.Invitation != nil {
		i["invitation"] = &types.AttributeValueMemberM{Value: encodeInvitation(*a.Invitation)}
	}
	i.moment("created_at", a.CreatedAt)
	return i
}

func decodeAdministrator(i item) (org.Administrator, error) {
	must, may, err := read("ADMIN", i)
	a := org.Administrator{
		ID: must.text("id"), Organization: organizationOf(must), Name: may.text("name"), Email: must.text("email"),
		Permissions: may.texts("permissions"), Keys: may.texts("keys"), CreatedAt: may.moment("created_at"), Rev: must.number("rev"),
		NextEmail: may.text("next_email"), NextEmailAt: may.moment("next_email_at"), Deliver: may.text("deliver"),
		User: may.text("user"),
	}
	if m, ok := member[*types.AttributeValueMemberM](may, "invitation"); ok {
		invitation := decodeInvitation(m.Value, err)
		a.Invitation = &invitation
	}
	return a, *err
}

func encodeApplication(a org.Application) item {
	i := applicationKey(a.Organization, a.ID).item()
	i.text("id", a.ID)
	i.number("rev", a.Rev)
	i.text("name", a.Name)
	i.texts("keys", a.Keys)
	i.texts("return_addresses", a.ReturnAddresses)
	i.texts("organizations", a.Organizations)
	if a.Everywhere {
		i.flag("everywhere", true)
	}
	i.text("audience", a.Audience)
	i.moment("created_at", a.CreatedAt)
	return i
}

func decodeApplication(i item) (org.Application, error) {
	must, may, err := read("APP", i)
	a := org.Application{
		ID: must.text("id"), Organization: organizationOf(must), Name: may.text("name"), Keys: may.texts("keys"),
		CreatedAt: may.moment("created_at"), Rev: must.number("rev"), ReturnAddresses: may.texts("return_addresses"),
		Organizations: may.texts("organizations"), Everywhere: may.flag("everywhere"), Audience: may.text("audience"),
	}
	return a, *err
}

func encodeReader(r org.Reader) item {
	i := readerKey(r.Organization, r.ID).item()
	i.text("id", r.ID)
	i.number("rev", r.Rev)
	i.texts("keys", r.Keys)
	i.moment("created_at", r.CreatedAt)
	return i
}

func decodeReader(i item) (org.Reader, error) {
	must, may, err := read("READER", i)
	r := org.Reader{
		ID: must.text("id"), Organization: organizationOf(must), Keys: may.texts("keys"), CreatedAt: may.moment("created_at"),
		Rev: must.number("rev"),
	}
	return r, *err
}

func organizationOf(f fields) string {
	id, ok := strings.CutPrefix(f.item.key().pk, organizationPrefix)
	if !ok {
		f.fail("pk", "is not an organisation's")
	}
	return id
}
