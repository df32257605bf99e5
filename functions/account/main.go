// Command account is the function behind the page of a user's own settings: what there is, what happened, and the changes that the user makes.
package main

import (
	"context"
	"os"
	"time"

	"twofold/pkg/account"
	"twofold/pkg/apigw"
	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/enroll"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

func main() {
	f := boot.Start("account")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	pages, err := account.Account{
		Users: &enroll.Service{
			Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets],
			Contacts: rings[seal.Contacts], Codes: rings[seal.Codes], AppPasswordKeys: rings[seal.AppPasswords],
			Signer: signer, Now: time.Now,
		},
		Tokens: rings[seal.Sign], Faces: store, Now: time.Now, Logger: f.Log,
		RequestID: apigw.RequestID, SourceIP: apigw.SourceIP, Origin: os.Getenv("PUBLIC_ADDRESS"),
	}.Handler()
	f.Must(err)
	f.Serve(apigw.Handler(pages, f.Log))
}
