// Command verify is the function for logins: it decides, orders codes and judges answers.
package main

import (
	"context"
	"os"
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/verify"
)

func main() {
	f := boot.Start("verify")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Codes)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	options := web.Noting(f, store)
	options.Address = os.Getenv("PUBLIC_ADDRESS")
	api, err := httpapi.Verify(&verify.Service{
		Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets],
		Codes: rings[seal.Codes], Signer: signer, Now: time.Now,
	}, signer.JWKS(), options)
	f.Must(err)
	f.Serve(web.Handler(f, api))
}
