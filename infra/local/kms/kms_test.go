package kms

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
)

func open(t *testing.T, path string) (*KMS, *kms.Client) {
	t.Helper()
	k, err := New(path, "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	return k, kms.NewFromConfig(aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(server.URL),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	})
}

func encrypt(t *testing.T, client *kms.Client, arn, text string, context map[string]string) []byte {
	t.Helper()
	out, err := client.Encrypt(t.Context(), &kms.EncryptInput{
		KeyId: aws.String(arn), Plaintext: []byte(text), EncryptionContext: context,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.CiphertextBlob
}

func TestRoundTripWithItsContextOnly(t *testing.T) {
	k, client := open(t, "")
	sealedFor := map[string]string{"purpose": "codes", "stage": "a"}
	blob := encrypt(t, client, k.ARN(), "hello", sealedFor)
	if bytes.Contains(blob, []byte("hello")) {
		t.Error("not encrypted")
	}
	for _, id := range []*string{aws.String(k.ARN()), nil} {
		out, err := client.Decrypt(t.Context(), &kms.DecryptInput{
			KeyId: id, CiphertextBlob: blob, EncryptionContext: map[string]string{"stage": "a", "purpose": "codes"},
		})
		if err != nil || string(out.Plaintext) != "hello" || *out.KeyId != k.ARN() {
			t.Errorf("got %+v, %v", out, err)
		}
	}
	for name, wrong := range map[string]map[string]string{
		"none": nil, "less": {"purpose": "codes"}, "more": {"purpose": "codes", "stage": "a", "x": "y"},
		"other": {"purpose": "sign", "stage": "a"}, "shifted": {"purpose": "codes", "stag": "ea"},
	} {
		_, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: wrong})
		var invalid *types.InvalidCiphertextException
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTamperedAndForeignBlobs(t *testing.T) {
	k, client := open(t, "")
	foreign, other := open(t, "")
	blob := encrypt(t, client, k.ARN(), "hello", nil)
	for at := range blob {
		changed := bytes.Clone(blob)
		changed[at] ^= 1
		if _, ok := k.key.open(changed, nil); ok {
			t.Errorf("byte %d may be changed", at)
		}
	}
	for _, bad := range [][]byte{blob[:20], blob[:len(blob)-1], encrypt(t, other, foreign.ARN(), "hello", nil)} {
		_, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: bad})
		var invalid *types.InvalidCiphertextException
		if !errors.As(err, &invalid) {
			t.Errorf("got %v", err)
		}
	}
}

func TestKeyIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "kms.json")
	first, client := open(t, path)
	blob := encrypt(t, client, first.ARN(), "hello", nil)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	second, client := open(t, path)
	if first.ARN() != second.ARN() {
		t.Errorf("%s became %s", first.ARN(), second.ARN())
	}
	if out, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob}); err != nil || string(out.Plaintext) != "hello" {
		t.Errorf("after a restart: %v", err)
	}
}

func TestProcessesThatStartAtOnceShareOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kms.json")
	arns := make([]string, 20)
	var all sync.WaitGroup
	for n := range arns {
		all.Go(func() {
			if k, err := New(path, "eu-west-1"); err == nil {
				arns[n] = k.ARN()
			}
		})
	}
	all.Wait()
	for _, arn := range arns {
		if arn == "" || arn != arns[0] {
			t.Fatalf("keys %q", arns)
		}
	}
}

func TestABrokenFileIsNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kms.json")
	for _, content := range []string{"", `{"material":"c2VjcmV0LW1hdGVyaWFs"}`, "secret-material"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(path, "eu-west-1")
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "c2Vj") {
			t.Errorf("%q: %v", content, err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != content {
			t.Errorf("the file became %q", now)
		}
	}
}

func TestOtherOperations(t *testing.T) {
	k, client := open(t, "")
	data, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{
		KeyId: aws.String(k.ARN()), KeySpec: types.DataKeySpecAes256, EncryptionContext: map[string]string{"a": "b"},
	})
	if err != nil || len(data.Plaintext) != 32 {
		t.Fatalf("%v", err)
	}
	back, err := client.Decrypt(t.Context(), &kms.DecryptInput{
		CiphertextBlob: data.CiphertextBlob, EncryptionContext: map[string]string{"a": "b"},
	})
	if err != nil || !bytes.Equal(back.Plaintext, data.Plaintext) {
		t.Errorf("the data key does not open: %v", err)
	}
	about, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String(k.ARN())})
	if err != nil || *about.KeyMetadata.Arn != k.ARN() || about.KeyMetadata.KeyState != types.KeyStateEnabled {
		t.Errorf("described as %+v, %v", about, err)
	}
	if calls := k.Calls(); calls["GenerateDataKey"] != 1 || calls["Decrypt"] != 1 || calls["DescribeKey"] != 1 {
		t.Errorf("calls %v", calls)
	}
}

func TestRefusals(t *testing.T) {
	k, client := open(t, "")
	blob := encrypt(t, client, k.ARN(), "hello", nil)
	unknown := aws.String(k.ARN() + "0")
	for kind, call := range map[string]func(context.Context) error{
		"NotFoundException": func(ctx context.Context) error {
			_, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: unknown, Plaintext: []byte("a")})
			return err
		},
		"IncorrectKeyException": func(ctx context.Context) error {
			_, err := client.Decrypt(ctx, &kms.DecryptInput{KeyId: unknown, CiphertextBlob: blob})
			return err
		},
		"ValidationException": func(ctx context.Context) error { // what the service would not take must fail here too
			_, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(k.ARN()), Plaintext: make([]byte, 4097)})
			return err
		},
		"UnknownOperationException": func(ctx context.Context) error {
			_, err := client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: aws.String(k.ARN())})
			return err
		},
	} {
		var api smithy.APIError
		if err := call(t.Context()); !errors.As(err, &api) || api.ErrorCode() != kind {
			t.Errorf("want %s, got %v", kind, err)
		}
	}
}

func TestFaults(t *testing.T) {
	k, client := open(t, "")
	blob := encrypt(t, client, k.ARN(), "hello", nil)
	for status, kind := range map[int]string{500: "KMSInternalException", 503: "KMSInternalException",
		429: "ThrottlingException", 409: "KMSInvalidStateException"} {
		k.SetFault(func(operation string) int {
			if operation == "Decrypt" {
				return status
			}
			return 0
		})
		_, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != kind {
			t.Errorf("%d: %v", status, err)
		}
		encrypt(t, client, k.ARN(), "others go on", nil)
	}
	k.SetFault(nil)
	if _, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
