package seal

import (
	"bytes"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

type template func() *tinkpb.KeyTemplate

var (
	aeadTemplate template = aead.AES256GCMKeyTemplate
	prfTemplate  template = prf.HMACSHA256PRFKeyTemplate
	macTemplate  template = mac.HMACSHA256Tag128KeyTemplate
)

// keysetKind is the kind of a Tink keyset. Its keys stand in the order of their
// age: the last one is the next, the one before it is in use.
func keysetKind(t template) kind {
	return kind{
		fresh: func() ([]byte, error) {
			manager := keyset.NewManager()
			first, err := manager.Add(t())
			if err != nil {
				return nil, err
			}
			return putToUse(manager, first, t)
		},
		rotate: func(old []byte) ([]byte, error) {
			handle, err := readKeyset(old)
			if err != nil {
				return nil, err
			}
			next, err := handle.Entry(handle.Len() - 1)
			if err != nil {
				return nil, err
			}
			return putToUse(keyset.NewManagerFromHandle(handle), next.KeyID(), t)
		},
	}
}

// putToUse makes a key the one in use, and adds another to come after it.
func putToUse(manager *keyset.Manager, id uint32, t template) ([]byte, error) {
	if err := manager.SetPrimary(id); err != nil {
		return nil, err
	}
	if _, err := manager.Add(t()); err != nil {
		return nil, err
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&out)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// readKeyset hides Tink's reason, which may quote what it read.
func readKeyset(raw []byte) (*keyset.Handle, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("%w: a keyset cannot be read", ErrBlob)
	}
	return handle, nil
}
