package attack_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"twofold/infra/local/faults"
	"twofold/pkg/seal"
)

// kmsFaults are what Decrypt documents, what connections do, and answers that are not what was wrapped.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
func (v *vault) kmsFaults(p seal.Purpose) []faults.Fault {
	var all []faults.Fault
	for status, names := range map[int][]string{
		500: {"KMSInternalException", "KeyUnavailableException"},
		503: {"DependencyTimeoutException"},
		400: {
			"ThrottlingException", "AccessDeniedException", "DisabledException", "IncorrectKeyException", "InvalidCiphertextException",
			"InvalidKeyUsageException", "KMSInvalidStateException", "NotFoundException",
		},
	} {
		for _, name := range names {
			all = append(all, faults.Always(name, faults.Answer(status, name)))
		}
	}
	for name, plain := range map[string][]byte{
		"nothing": nil, "what is no keyset": []byte("not a keyset"), "half a keyset": v.raw[p][:len(v.raw[p])/2],
		"two keysets": append(v.raw[p][:len(v.raw[p]):len(v.raw[p])], v.raw[p]...), "another's keyset": v.raw[other(p)],
		"one that says it is another's": bytes.Replace(v.raw[p], []byte(`"`+p+`"`), []byte(`"`+other(p)+`"`), 1),
	} {
		answer := map[string]any{"KeyId": v.kms.ARN(), "Plaintext": base64.StdEncoding.EncodeToString(plain)}
		all = append(all, faults.Always("the answer holds "+name, faults.Reply(200, answer)))
	}
	return append(all, faults.Always("unreached", faults.Unreached), faults.Always("torn", faults.Torn), faults.Always("hangs", faults.Hang))
}

func other(p seal.Purpose) seal.Purpose {
	if p == seal.Codes {
		return seal.Secrets
	}
	return seal.Codes
}

// of lets a fault meet the keyset of one purpose alone: they are asked for all at once, in no order.
func of(p seal.Purpose, f faults.Fault) faults.Fault {
	f.Then = func(inner faults.Reaction) faults.Reaction {
		return func(t *faults.Try) (*smithyhttp.Response, error) {
			raw, err := t.Body()
			if err != nil {
				return nil, err
			}
			var in struct{ EncryptionContext map[string]string }
			if err := json.Unmarshal(raw, &in); err != nil || in.EncryptionContext["purpose"] != string(p) {
				return t.Pass()
			}
			return inner(t)
		}
	}(f.Then)
	return f
}
