package installation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/user"
)

const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

var now = time.Date(2026, 11, 22, 16, 5, 0, 0, time.UTC)

var errInjected = errors.New("injected failure")

// account is the table and KMS in memory. One call, counted from failAt down, fails: before
// it did anything, or afterwards, as when the acknowledgement is lost.
type account struct {
	mu        sync.Mutex
	keysets   map[string][]byte
	mark      Mark
	keys      map[string]access.Key
	holders   map[string]bool
	events    []audit.Event
	people    []string
	encrypted int

	failAt    int // 0: never
	persisted bool
	calls     int
}

func newAccount() *account {
	return &account{keysets: map[string][]byte{}, keys: map[string]access.Key{}, holders: map[string]bool{}}
}

// call runs one operation, with the failure that is due.
func (a *account) call(operation func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	due := a.calls == a.failAt
	if due && !a.persisted {
		return errInjected
	}
	operation()
	if due {
		return errInjected
	}
	return nil
}

func (a *account) Keysets(_ context.Context, purposes ...string) (out map[string][]byte, err error) {
	err = a.call(func() { out = maps.Clone(a.keysets) })
	return out, err
}

func (a *account) PutKeyset(_ context.Context, purpose string, wrapped []byte, _ time.Time) (created bool, err error) {
	err = a.call(func() {
		if a.keysets[purpose] == nil {
			a.keysets[purpose], created = wrapped, true
		}
	})
	return created, err
}

func (a *account) CreateSystemAdministrator(_ context.Context, key access.Key, name, email string, event audit.Event) error {
	var conflict error
	err := a.call(func() {
		if _, exists := a.keys[key.ID]; exists || a.holders[key.Holder] {
			conflict = user.ErrConflict.Because(errors.New("condition failed"))
			return
		}
		a.keys[key.ID] = key
		a.holders[key.Holder] = true
		a.people = append(a.people, name+" <"+email+">")
		a.events = append(a.events, event)
	})
	return errors.Join(err, conflict)
}

func (a *account) Keys(_ context.Context, ids ...string) (found []access.Key, err error) {
	err = a.call(func() {
		for _, id := range ids {
			if key, exists := a.keys[id]; exists {
				found = append(found, key)
			}
		}
	})
	return found, err
}

func (a *account) Read(context.Context) (mark Mark, err error) {
	err = a.call(func() { mark = a.mark })
	return mark, err
}

func (a *account) Claim(_ context.Context, keyID string, _ time.Time) (mark Mark, err error) {
	err = a.call(func() {
		if a.mark.KeyID == "" {
			a.mark = Mark{KeyID: keyID}
		}
		mark = a.mark
	})
	return mark, err
}

func (a *account) Issued(_ context.Context, keyID string, _ time.Time) error {
	var wrong error
	err := a.call(func() {
		if a.mark.KeyID != keyID {
			wrong = fmt.Errorf("marked as issued without a claim")
			return
		}
		a.mark.Issued = true
	})
	return errors.Join(err, wrong)
}

// Encrypt and Decrypt put the purpose before the text: enough to see that each
// keyset was wrapped for its own.
func (a *account) Encrypt(_ context.Context, in *kms.EncryptInput, _ ...func(*kms.Options)) (*kms.EncryptOutput, error) {
	out := &kms.EncryptOutput{}
	err := a.call(func() {
		a.encrypted++
		out.CiphertextBlob = append([]byte(wrapping(*in.KeyId, in.EncryptionContext)), in.Plaintext...)
	})
	return out, err
}

func (a *account) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	head := len(wrapping(*in.KeyId, in.EncryptionContext))
	if len(in.CiphertextBlob) < head || string(in.CiphertextBlob[:head]) != wrapping(*in.KeyId, in.EncryptionContext) {
		return nil, errors.New("wrapped for another purpose or by another key")
	}
	return &kms.DecryptOutput{Plaintext: in.CiphertextBlob[head:]}, nil
}

func wrapping(keyID string, encryptionContext map[string]string) string {
	return fmt.Sprint(keyID, encryptionContext)
}
