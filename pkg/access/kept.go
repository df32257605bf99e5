package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// keptRoles are those whose credentials are kept, by the byte that says so.
var keptRoles = []Role{Application, SystemAdministrator, OrganizationAdministrator}

// Keep writes down the credential of an application or an administrator, for a place that is sealed: whoever can open that may do what the
// key may, as long as it may. The key's text cannot be had from it. It is nil for any other.
func (c Credential) Keep() []byte {
	id, err := hex.DecodeString(c.ID + c.Parent)
	role := slices.Index(keptRoles, c.role)
	if err != nil || len(id) != idBytes && len(id) != 2*idBytes || role < 0 {
		return nil
	}
	return slices.Concat([]byte{byte(role)}, c.digest[:], id)
}

// Kept is the credential that Keep wrote down; the zero value, which is nobody's, of anything else.
func Kept(b []byte) Credential {
	const before = 1 + sha256.Size
	if len(b) != before+idBytes && len(b) != before+2*idBytes || int(b[0]) >= len(keptRoles) {
		return Credential{}
	}
	id := hex.EncodeToString(b[before:])
	return Credential{ID: id[:2*idBytes], Parent: id[2*idBytes:], role: keptRoles[b[0]], digest: [sha256.Size]byte(b[1:before])}
}
