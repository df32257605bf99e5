// Package seal keeps the product's own keys: it makes them, has KMS wrap them,
// and seals, derives and authenticates with them. There is one blob for each
// purpose, and a function may unwrap only the blobs of its own purposes: the
// purpose is KMS's encryption context, which the functions' roles are bound to.
//
// It may not decide what is sealed, read the table, or log. No key leaves it,
// except the JWK set of the signing keys, which package sign needs whole; it is
// the one package that handles keysets in the clear.
//
// # Rotation
//
// Every part of a blob holds, beside the key in use, the one that comes next.
// Rotate puts the next one to use and makes another. So an instance that loaded
// its blob before a rotation opens, derives and verifies what an instance that
// loaded it afterwards makes, and no verifier meets a signing key that had not
// been published already. After Rotate, wait until no older instance runs and
// the published JWK set has expired from caches before rotating again.
package seal

import (
	"errors"
	"fmt"
)

// Purpose is what a blob of keys is for.
type Purpose string

// The purposes. One keyset leaked or misused does not touch what the others guard.
const (
	Sign     Purpose = "sign"     // assertions, and tokens that come back to us
	Secrets  Purpose = "secrets"  // what authenticators share with us: TOTP secrets
	Contacts Purpose = "contacts" // addresses: sealed, and their digests
	Codes    Purpose = "codes"    // one-time codes, which are derived and never stored

	AppPasswords Purpose = "app_passwords" // app passwords, to be shown again; checking one needs no key
	Exports      Purpose = "exports"       // pages of exports, and the cursors between them
	Checkpoints  Purpose = "checkpoints"   // what is signed of the audit's logs
	Webhooks     Purpose = "webhooks"      // URLs of webhooks, and what posts to them are signed with
)

// Purposes are all there are.
func Purposes() []Purpose {
	return []Purpose{Sign, Secrets, Contacts, Codes, AppPasswords, Exports, Checkpoints, Webhooks}
}

var (
	// ErrNoSuchKey means that the ring holds no key of that kind, or none with that id.
	ErrNoSuchKey = errors.New("seal: the ring holds no such key")
	// ErrOpen means that a ciphertext was not sealed by this ring with this associated data.
	ErrOpen = errors.New("seal: cannot be opened")
	// ErrMAC means that a tag is not this ring's for that data.
	ErrMAC = errors.New("seal: the tag does not fit")
	// ErrBlob means that a blob is not one that this version can read for this purpose.
	ErrBlob = errors.New("seal: not a usable blob of keys")
)

// part names one group of keys inside a blob.
type part string

const (
	partAEAD part = "aead" // AES-256-GCM
	partPRF  part = "prf"  // HMAC-SHA-256
	partMAC  part = "mac"  // HMAC-SHA-256 cut to 128 bits (RFC 2104 §5)
	partJWKS part = "jwks" // ES256 (RFC 7518 §3.4)

	partSeeds part = "seeds" // Ed25519 (RFC 8032 §5.1)
)

// partsOf says what a blob of each purpose holds: exactly these, no more and no fewer.
var partsOf = map[Purpose][]part{
	Sign:     {partAEAD, partMAC, partJWKS},
	Secrets:  {partAEAD},
	Contacts: {partAEAD, partPRF},
	Codes:    {partPRF},

	AppPasswords: {partAEAD},
	Exports:      {partAEAD, partJWKS},
	Checkpoints:  {partSeeds},
	Webhooks:     {partAEAD},
}

func partsFor(p Purpose) ([]part, error) {
	parts, known := partsOf[p]
	if !known {
		return nil, fmt.Errorf("%w: unknown purpose %q", ErrBlob, p)
	}
	return parts, nil
}
