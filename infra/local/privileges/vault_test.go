package privileges

import (
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"twofold/infra/local/iam"
	"twofold/infra/local/kms"
	"twofold/infra/local/template"
	"twofold/pkg/seal"
)

// vault is the local KMS behind the committed roles, with one wrapped keyset of each purpose.
type vault struct {
	endpoint, key string
	raw, wrapped  map[seal.Purpose][]byte
	functions     []string
}

func newVault(t *testing.T) *vault {
	t.Helper()
	emulator, err := kms.New("", "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	guard := &iam.Guard{Roles: map[string]iam.Role{}, Log: slog.New(slog.DiscardHandler)}
	v := &vault{key: emulator.ARN(), raw: map[seal.Purpose][]byte{}, wrapped: map[seal.Purpose][]byte{}}
	named := maps.Clone(values)
	named["Key.Arn"] = emulator.ARN()
	file, err := template.Load(committed(t), named)
	if err != nil {
		t.Fatal(err)
	}
	functions, err := file.Functions()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		statements, err := file.Policy(f.ID)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := iam.Compile(statements)
		if err != nil {
			t.Fatal(err)
		}
		guard.Roles[f.Name] = iam.Role{Function: f.Name, Policy: policy}
		v.functions = append(v.functions, f.Name)
	}
	server := httptest.NewServer(guard.KMS(emulator, emulator.ARN()))
	t.Cleanup(server.Close)
	v.endpoint = server.URL
	for _, p := range seal.Purposes() {
		if v.raw[p], err = seal.NewBlob(p); err != nil {
			t.Fatal(err)
		}
		if v.wrapped[p], err = seal.Wrap(t.Context(), v.as("operator"), v.key, p, v.raw[p]); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// committed is the path of the repository's template.
func committed(t *testing.T) string {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "template.yaml")
}

// as is a client with a function's credentials; those of nobody's function are an operator's.
func (v *vault) as(function string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(v.endpoint), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(function, "local", ""),
	})
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
