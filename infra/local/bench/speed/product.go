package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/template"
	"twofold/pkg/boot"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/verify"
)

// environment is what Lambda would give the function, but for the address of DynamoDB.
func environment(endpoint, table string) map[string]string {
	return map[string]string{
		"TABLE_NAME": table, "KMS_KEY_ARN": "arn:aws:kms:eu-west-1:000000000000:key/none", "ISSUER": "https://twofold.test",
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": endpoint,
	}
}

// product is the function verify in this process: its handler as Lambda's runtime would call it, made as
// functions/verify makes it, but for keys that no KMS has wrapped and a clock that can be moved.
type product struct {
	clock    *clock
	town     *town
	handler  lambda.Handler
	recorded lambda.Handler // the same, over a client that records
	recorder *recorder
	client   *sdk.Client // for the bare calls, with the handler's own settings
}

// newProduct makes it from the process's environment, with an organisation in the table.
func newProduct(ctx context.Context) (*product, error) {
	f, endpoint := boot.Start("verify"), boot.Endpoint("dynamodb")
	p := &product{clock: newClock(time.Now()), recorder: &recorder{}}
	rings := map[seal.Purpose]*seal.Ring{}
	for _, purpose := range seal.Purposes() {
		raw, err := seal.NewBlob(purpose)
		if err != nil {
			return nil, err
		}
		if rings[purpose], err = seal.Load(purpose, raw); err != nil {
			return nil, err
		}
	}
	p.town = &town{store: dynamo.Open(f.AWS, endpoint, f.Table), rings: rings, now: p.clock.Now}
	recording := f.AWS.Copy()
	recording.APIOptions = append(recording.APIOptions, p.recorder.install)
	var err error
	if p.handler, err = p.serve(f, p.town.store); err != nil {
		return nil, err
	}
	if p.recorded, err = p.serve(f, dynamo.Open(recording, endpoint, f.Table)); err != nil {
		return nil, err
	}
	p.client = bareClient(f.AWS, endpoint)
	return p, p.town.settle(ctx)
}

// bareClient is the client that dynamo.Open makes.
func bareClient(cfg aws.Config, endpoint *string) *sdk.Client {
	return sdk.NewFromConfig(cfg, func(o *sdk.Options) {
		if endpoint != nil {
			o.BaseEndpoint = endpoint
		}
	})
}

func (p *product) serve(f *boot.Function, store *dynamo.Store) (lambda.Handler, error) {
	rings := p.town.rings
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	if err != nil {
		return nil, err
	}
	options := web.Options(f)
	options.Now = p.clock.Now
	api, err := httpapi.Verify(&verify.Service{
		Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets],
		Codes: rings[seal.Codes], Signer: signer, Now: p.clock.Now,
	}, signer.JWKS(), options)
	if err != nil {
		return nil, err
	}
	return web.Handler(f, api), nil
}

// prepare is the call of an operation through a handler. The event is written outside of it: that is API Gateway's work.
func (p *product) prepare(through lambda.Handler, o operation, of *person, now time.Time) (call, error) {
	r, err := o.of(of, now)
	if err != nil {
		return nil, err
	}
	payload, err := r.event(p.town.key, now)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (reply, error) {
		answer, err := through.Invoke(ctx, payload)
		return reply{body: answer}, err
	}, nil
}

// unpacked is the HTTP answer in what a handler gave.
func unpacked(r reply) (reply, error) {
	var answer struct {
		StatusCode int
		Body       string
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return reply{}, fmt.Errorf("the handler's answer is not of payload format 2.0")
	}
	return reply{status: answer.StatusCode, body: []byte(answer.Body)}, nil
}

// makeTable makes the table of template.yaml.
func makeTable(ctx context.Context, endpoint, name string) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	file, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		return err
	}
	definition, err := file.Table(dynamodb.TableID)
	if err != nil {
		return err
	}
	return dynamodb.CreateTable(ctx, dynamodb.Client(endpoint), definition, name)
}
