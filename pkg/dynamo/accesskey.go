package dynamo

import (
	"twofold/pkg/access"
)

func encodeAccessKey(k access.Key) item {
	i := accessKeyKey(k.ID).item()
	i.text("id", k.ID)
	i.bytes("digest", k.Digest)
	i.text("role", string(k.Role))
	i.text("holder", k.Holder)
	i.texts("organizations", k.Organizations)
	i.flag("everywhere", k.Everywhere)
	i.texts("permissions", words(k.Permissions))
	i.moment("created_at", k.CreatedAt)
	i.moment("expires_at", k.ExpiresAt)
	i.moment("revoked_at", k.RevokedAt)
	return i
}

func decodeAccessKey(i item) (access.Key, error) {
	must, may, err := read("KEY", i)
	k := access.Key{
		ID: must.text("id"), Digest: must.bytes("digest"), Holder: may.text("holder"),
		Role: choice(must, "role",
			access.SystemAdministrator, access.OrganizationAdministrator, access.Application, access.Reader),
		Organizations: may.texts("organizations"), Everywhere: must.flag("everywhere"),
		Permissions: worded[access.Permission](may.texts("permissions")),
		CreatedAt:   may.moment("created_at"), ExpiresAt: may.moment("expires_at"), RevokedAt: may.moment("revoked_at"),
	}
	return k, *err
}
