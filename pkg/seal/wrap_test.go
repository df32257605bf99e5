package seal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// fakeKMS wraps with a ring of its own, and binds to key and encryption context as KMS does.
type fakeKMS struct {
	ring *Ring
	err  error
	seen []map[string]string
}

func (f *fakeKMS) bound(key *string, encryptionContext map[string]string) []byte {
	f.seen = append(f.seen, maps.Clone(encryptionContext))
	text, _ := json.Marshal([]any{*key, encryptionContext})
	return text
}

func (f *fakeKMS) Encrypt(_ context.Context, in *kms.EncryptInput, _ ...func(*kms.Options)) (*kms.EncryptOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	sealed, err := f.ring.Seal(in.Plaintext, f.bound(in.KeyId, in.EncryptionContext))
	return &kms.EncryptOutput{CiphertextBlob: sealed}, err
}

func (f *fakeKMS) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	plain, err := f.ring.Open(in.CiphertextBlob, f.bound(in.KeyId, in.EncryptionContext))
	if err != nil {
		return nil, &types.InvalidCiphertextException{}
	}
	return &kms.DecryptOutput{Plaintext: plain}, nil
}

func TestUnwrapGivesBackWhatWasWrapped(t *testing.T) {
	ctx, fake := context.Background(), &fakeKMS{ring: newRing(t, Secrets)}
	for _, p := range Purposes() {
		raw := newBlob(t, p)
		wrapped, err := Wrap(ctx, fake, keyARN, p, raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Unwrap(ctx, fake, keyARN, p, wrapped)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%s: not the same, %v", p, err)
		}
		for _, seen := range fake.seen {
			if !maps.Equal(seen, map[string]string{"purpose": string(p)}) {
				t.Errorf("%s: encryption context %v", p, seen)
			}
		}
		fake.seen = nil
		for _, other := range Purposes() {
			if _, err := Unwrap(ctx, fake, keyARN, other, wrapped); (err == nil) != (other == p) {
				t.Errorf("wrapped for %s, unwrapped for %s: %v", p, other, err)
			}
		}
		fake.seen = nil
		if _, err := Unwrap(ctx, fake, keyARN+"0", p, wrapped); err == nil {
			t.Errorf("%s: unwrapped by another key", p)
		}
		fake.seen = nil
	}
}

func TestWrapRefusesWhatIsNotABlob(t *testing.T) {
	ctx, fake := context.Background(), &fakeKMS{ring: newRing(t, Secrets)}
	if _, err := Wrap(ctx, fake, keyARN, Sign, newBlob(t, Codes)); !errors.Is(err, ErrBlob) {
		t.Errorf("a blob of another purpose: %v", err)
	}
	if _, err := Unwrap(ctx, fake, keyARN, "other", []byte("wrapped")); !errors.Is(err, ErrBlob) {
		t.Errorf("an unknown purpose: %v", err)
	}
	if len(fake.seen) != 0 {
		t.Error("KMS was asked all the same")
	}
}

// KMS takes 4096 bytes at once. How many rotations fit is a promise to operators.
func TestAYearlyRotationFitsKMS(t *testing.T) {
	ctx, fake := context.Background(), &fakeKMS{ring: newRing(t, Secrets)}
	for p, rotations := range map[Purpose]int{Sign: 7, Secrets: 20, Contacts: 8, Codes: 20} {
		raw := newBlob(t, p)
		for range rotations {
			raw = rotate(t, p, raw)
		}
		if _, err := Wrap(ctx, fake, keyARN, p, raw); err != nil {
			t.Errorf("%s after %d rotations: %v", p, rotations, err)
		}
		for len(raw) <= maxBlob {
			raw = rotate(t, p, raw)
			rotations++
		}
		t.Logf("%s: %d rotations do not fit", p, rotations)
		if _, err := Wrap(ctx, fake, keyARN, p, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s, too large: %v", p, err)
		}
	}
}

func TestFailuresOfKMSKeepTheirCauseAndNoKey(t *testing.T) {
	ctx := context.Background()
	cause := &types.KMSInternalException{}
	fake := &fakeKMS{err: cause}
	raw := newBlob(t, Secrets)
	_, wrapErr := Wrap(ctx, fake, keyARN, Secrets, raw)
	_, unwrapErr := Unwrap(ctx, fake, keyARN, Secrets, []byte("wrapped"))
	for _, err := range []error{wrapErr, unwrapErr} {
		if !errors.Is(err, cause) {
			t.Errorf("the cause is lost: %v", err)
		}
		if err != nil && strings.Contains(err.Error(), string(raw[20:60])) {
			t.Error("the error holds keys")
		}
	}
}
