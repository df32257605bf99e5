package attack_test

import (
	"context"
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"twofold/infra/local/faults"
	"twofold/infra/local/kms"
	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/seal"
)

// vault is a table with the wrapped keysets of a deployment, and the KMS that unwraps them.
type vault struct {
	*product
	kms  *kms.KMS
	url  string
	wire faults.Wire // between the functions and KMS
	raw  map[seal.Purpose][]byte
}

func (p *product) vault() *vault {
	p.t.Helper()
	service, err := kms.New("", "eu-west-1")
	p.must(err)
	server := httptest.NewServer(service)
	p.t.Cleanup(server.Close)
	v := &vault{product: p, kms: service, url: server.URL, raw: map[seal.Purpose][]byte{}}
	client := sdk.NewFromConfig(v.config(), func(o *sdk.Options) { o.BaseEndpoint, o.APIOptions = aws.String(v.url), nil })
	for _, purpose := range seal.Purposes() {
		v.raw[purpose], err = seal.NewBlob(purpose)
		p.must(err)
		wrapped, err := seal.Wrap(p.t.Context(), client, service.ARN(), purpose, v.raw[purpose])
		p.must(err)
		_, err = p.store.PutKeyset(p.t.Context(), string(purpose), wrapped, p.clock.Now())
		p.must(err)
	}
	return v
}

// config is the functions' own, with the wire, and with retries that do not wait.
func (v *vault) config() aws.Config {
	return aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		APIOptions: []func(*middleware.Stack) error{v.wire.Install},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.RateLimiter = ratelimit.None
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
}

// open does what a function does first.
func (v *vault) open(ctx context.Context, function string, purposes []seal.Purpose) (keyring.Rings, error) {
	f := &boot.Function{AWS: v.config(), KeyARN: v.kms.ARN()}
	return keyring.Open(ctx, f, v.storeOf(function), purposes...)
}

// keyholders are the purposes that each function opens; see its main.
var keyholders = map[string][]seal.Purpose{
	"verify": {seal.Sign, seal.Secrets, seal.Codes},
	"enroll": {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"policy": {seal.Secrets, seal.Codes, seal.Webhooks},
	"mailer": {seal.Codes, seal.Contacts},
	"report": {seal.Exports},

	"console":   {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.Exports, seal.Webhooks},
	"account":   {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"prompt":    {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"projector": {seal.Checkpoints, seal.Webhooks},
}

// A function that cannot have one of its keysets does not start, whatever KMS or the table says; and does, once they are
// well again.
func TestAFunctionDoesNotStartWithoutItsKeys(t *testing.T) {
	v := newProduct(t).vault()
	t.Setenv("AWS_ENDPOINT_URL_KMS", v.url)
	for function, purposes := range keyholders {
		for _, p := range purposes {
			for _, f := range v.kmsFaults(p) {
				v.wire.ArmEach(func(int, string) (faults.Fault, bool) { return of(p, f), true })
				v.failsToOpen(function, purposes, string(p)+": "+f.Name)
			}
		}
		v.wire.Record()
		for _, o := range append(outages("BatchGetItem"), alike()...) {
			if o.effect == refused {
				v.product.wire.ArmEach(func(int, string) (faults.Fault, bool) { return o.Fault, true })
				v.failsToOpen(function, purposes, "the table: "+o.Name)
			}
		}
		v.product.wire.Record()
		for _, f := range []faults.Fault{
			faults.Once("nothing", nil), faults.Once("throttled once", faults.Answer(400, "ThrottlingException")),
			faults.Once("unreached once", faults.Unreached), faults.Once("broken once", faults.Answer(500, "KMSInternalException")),
		} {
			v.wire.ArmEach(func(int, string) (faults.Fault, bool) { return f, true })
			rings, err := v.open(t.Context(), function, purposes)
			if err != nil || len(rings) != len(purposes) {
				t.Errorf("%s: %s: opened %d of %d keysets, %v", function, f.Name, len(rings), len(purposes), err)
			}
		}
	}
}

func (v *vault) failsToOpen(function string, purposes []seal.Purpose, name string) {
	v.t.Helper()
	rings, err := v.open(faults.WithDeadline(v.t.Context()), function, purposes)
	if err == nil || rings != nil {
		v.t.Errorf("%s, %s: it starts with %d keysets", function, name, len(rings))
		return
	}
	for _, raw := range v.raw {
		if strings.Contains(err.Error(), string(raw[:20])) || strings.Contains(err.Error(), base64.StdEncoding.EncodeToString(raw)[:20]) {
			v.t.Errorf("%s, %s: the error quotes the keyset", function, name)
		}
	}
}
