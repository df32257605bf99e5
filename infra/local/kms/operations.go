package kms

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
)

// Limits of the service in bytes:
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
const (
	maxPlaintext = 4096
	maxDataKey   = 1024
)

var (
	errValidation  = &failure{http.StatusBadRequest, "ValidationException"}
	errNotFound    = &failure{http.StatusBadRequest, "NotFoundException"}
	errCiphertext  = &failure{http.StatusBadRequest, "InvalidCiphertextException"}
	errIncorrect   = &failure{http.StatusBadRequest, "IncorrectKeyException"}
	errOperation   = &failure{http.StatusBadRequest, "UnknownOperationException"}
	errUnparseable = &failure{http.StatusBadRequest, "SerializationException"}
)

// input holds the fields of all operations.
type input struct {
	KeyId               string
	Plaintext           []byte
	CiphertextBlob      []byte
	EncryptionContext   map[string]string
	EncryptionAlgorithm string
	KeySpec             string
	NumberOfBytes       int
}

func (k *key) do(operation string, body []byte) (any, *failure) {
	var in input
	if json.Unmarshal(body, &in) != nil {
		return nil, errUnparseable
	}
	if in.EncryptionAlgorithm != "" && in.EncryptionAlgorithm != "SYMMETRIC_DEFAULT" {
		return nil, &failure{http.StatusBadRequest, "InvalidKeyUsageException"}
	}
	known := in.KeyId == k.arn || in.KeyId == k.id.String()
	if !known && (operation != "Decrypt" || in.KeyId != "") {
		if operation == "Decrypt" {
			return nil, errIncorrect
		}
		return nil, errNotFound
	}
	switch operation {
	case "Encrypt":
		return k.encrypt(in)
	case "Decrypt":
		return k.decrypt(in)
	case "GenerateDataKey":
		return k.generateDataKey(in)
	case "DescribeKey":
		return k.describe(), nil
	}
	return nil, errOperation
}

func (k *key) encrypt(in input) (any, *failure) {
	if len(in.Plaintext) == 0 || len(in.Plaintext) > maxPlaintext {
		return nil, errValidation
	}
	return map[string]any{
		"CiphertextBlob": k.seal(in.Plaintext, in.EncryptionContext), "KeyId": k.arn,
		"EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
	}, nil
}

func (k *key) decrypt(in input) (any, *failure) {
	plaintext, ok := k.open(in.CiphertextBlob, in.EncryptionContext)
	if !ok {
		return nil, errCiphertext
	}
	return map[string]any{
		"Plaintext": plaintext, "KeyId": k.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
	}, nil
}

func (k *key) generateDataKey(in input) (any, *failure) {
	size, named := map[string]int{"AES_128": 16, "AES_256": 32}[in.KeySpec]
	switch {
	case named == (in.NumberOfBytes != 0), !named && in.KeySpec != "": // exactly one of the two
		return nil, errValidation
	case !named:
		size = in.NumberOfBytes
	}
	if size < 1 || size > maxDataKey {
		return nil, errValidation
	}
	plaintext := make([]byte, size)
	_, _ = rand.Read(plaintext) // crypto/rand.Read never fails
	return map[string]any{
		"Plaintext": plaintext, "CiphertextBlob": k.seal(plaintext, in.EncryptionContext), "KeyId": k.arn,
	}, nil
}

func (k *key) describe() any {
	return map[string]any{"KeyMetadata": map[string]any{
		"KeyId": k.id.String(), "Arn": k.arn, "AWSAccountId": "000000000000", "Enabled": true,
		"KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT",
		"EncryptionAlgorithms": []string{"SYMMETRIC_DEFAULT"}, "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
	}}
}

// seal makes key id, nonce and ciphertext into one blob, as the caller need not name the key when decrypting.
func (k *key) seal(plaintext []byte, context map[string]string) []byte {
	nonce := make([]byte, k.aead.NonceSize())
	_, _ = rand.Read(nonce) // crypto/rand.Read never fails
	blob := slices.Concat(k.id[:], nonce)
	return k.aead.Seal(blob, nonce, plaintext, associated(context))
}

func (k *key) open(blob []byte, context map[string]string) ([]byte, bool) {
	head := len(k.id) + k.aead.NonceSize()
	if len(blob) < head || !slices.Equal(blob[:len(k.id)], k.id[:]) {
		return nil, false
	}
	plaintext, err := k.aead.Open(nil, blob[len(k.id):head], blob[head:], associated(context))
	return plaintext, err == nil
}

// associated is the context in one canonical form: the encoder sorts the names. None and an empty one are the same.
func associated(context map[string]string) []byte {
	if len(context) == 0 {
		return nil
	}
	data, _ := json.Marshal(context) // a map of texts always has a form
	return data
}
