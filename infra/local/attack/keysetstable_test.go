package attack_test

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/build"
	"twofold/infra/local/dynamodb"
	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
	"twofold/pkg/seal"
)

// A keyset that somebody has put in another's place in the table, or changed, does not open: KMS binds it to its purpose.
func TestAKeysetInAnothersPlaceDoesNotOpen(t *testing.T) {
	v := newProduct(t).vault()
	t.Setenv("AWS_ENDPOINT_URL_KMS", v.url)
	before := v.moment()
	wrapped := func(p seal.Purpose) []byte {
		return before.rows["KEYSET#"+string(p)+" KEYSET"]["wrapped"].(*types.AttributeValueMemberB).Value
	}
	for _, p := range seal.Purposes() {
		changed := slices.Clone(wrapped(p))
		changed[len(changed)/2] ^= 1
		for name, instead := range map[string][]byte{
			"another's": wrapped(other(p)), "a changed one": changed, "the plain one": v.raw[p], "half of it": changed[:len(changed)/2],
		} {
			row := maps.Clone(before.rows["KEYSET#"+string(p)+" KEYSET"])
			row["wrapped"] = &types.AttributeValueMemberB{Value: instead}
			_, err := v.bare.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String(v.table), Item: row})
			v.must(err)
			v.failsToOpen("enroll", seal.Purposes(), string(p)+": "+name)
			v.rewind(before)
		}
	}
	if rings, err := v.open(t.Context(), "enroll", seal.Purposes()); err != nil || len(rings) != len(seal.Purposes()) {
		t.Errorf("in their own places: %v", err)
	}
}

// The same with the binary that is deployed: while KMS is down the process ends and nobody is answered, let alone let in;
// the next one starts when KMS is back.
func TestTheBinaryEndsWhileKMSIsDown(t *testing.T) {
	v := newProduct(t).vault()
	root, err := template.Root()
	v.must(err)
	binary := filepath.Join(t.TempDir(), "verify")
	v.must(build.Function(t.Context(), root, "functions/verify", binary))
	pool := lambda.NewPool(lambda.Function{
		Name: "verify", Binary: binary, Handler: "bootstrap", Timeout: 10 * time.Second, MemoryMB: 256, LogFormat: "JSON", Region: "eu-west-1",
		Environment: map[string]string{
			"TABLE_NAME": v.table, "KMS_KEY_ARN": v.kms.ARN(), "ISSUER": issuer,
			"AWS_ENDPOINT_URL_DYNAMODB": dynamodb.ForTest(t), "AWS_ENDPOINT_URL_KMS": v.url,
		},
	})
	t.Cleanup(pool.Stop)
	keys := v.event(request{method: "GET", path: "/.well-known/jwks.json"})
	for _, status := range []int{400, 500} {
		v.kms.SetFault(func(string) int { return status })
		if answer, err := pool.Invoke(t.Context(), keys); !errors.Is(err, lambda.ErrInit) || answer != nil {
			t.Errorf("KMS answers %d: %v, want %v", status, err, lambda.ErrInit)
		}
	}
	v.kms.SetFault(nil)
	if answer, err := pool.Invoke(t.Context(), keys); err != nil || len(answer) == 0 {
		t.Errorf("KMS is back: %v", err)
	}
}
