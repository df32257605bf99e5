// Command enroll is the function by which users get a second factor and lose it.
package main

import (
	"context"
	"os"
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/enroll"
	"twofold/pkg/httpapi"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

func main() {
	f := boot.Start("enroll")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	options := web.Noting(f, store)
	options.Address = os.Getenv("PUBLIC_ADDRESS")
	f.Serve(web.Handler(f, httpapi.Enroll(&enroll.Service{
		Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets],
		Contacts: rings[seal.Contacts], Codes: rings[seal.Codes], AppPasswordKeys: rings[seal.AppPasswords],
		Signer: signer, Now: time.Now,
	}, options)))
}
