package seal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Client is the part of *kms.Client that this package calls. Both calls may be retried.
type Client interface {
	Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// maxBlob is how much KMS encrypts at once (API reference, Encrypt, Plaintext: 4096 bytes).
const maxBlob = 4096

// Wrap has KMS encrypt a blob for its purpose. keyARN names the KMS key in full.
// A blob that was rotated so often that KMS would refuse it is refused here, in plain words.
func Wrap(ctx context.Context, client Client, keyARN string, p Purpose, raw []byte) ([]byte, error) {
	if _, err := parseBlob(p, raw); err != nil {
		return nil, err
	}
	if len(raw) > maxBlob {
		return nil, fmt.Errorf("%w: %d bytes after too many rotations, KMS takes %d", ErrBlob, len(raw), maxBlob)
	}
	out, err := client.Encrypt(ctx, &kms.EncryptInput{
		KeyId: &keyARN, Plaintext: raw, EncryptionContext: encryptionContext(p),
	})
	if err != nil {
		return nil, fmt.Errorf("seal: wrapping the keys for %s: %w", p, err)
	}
	return out.CiphertextBlob, nil
}

// Unwrap gives back the blob that Wrap was given. The KMS key is named, so that
// a blob that somebody else's key wrapped is refused by KMS rather than believed.
func Unwrap(ctx context.Context, client Client, keyARN string, p Purpose, wrapped []byte) ([]byte, error) {
	if _, err := partsFor(p); err != nil {
		return nil, err
	}
	out, err := client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &keyARN, CiphertextBlob: wrapped, EncryptionContext: encryptionContext(p),
	})
	if err != nil {
		return nil, fmt.Errorf("seal: unwrapping the keys for %s: %w", p, err)
	}
	return out.Plaintext, nil
}

// encryptionContext is what the functions' roles are bound to
// (kms:EncryptionContext:purpose), and what KMS writes to CloudTrail.
func encryptionContext(p Purpose) map[string]string {
	return map[string]string{"purpose": string(p)}
}
