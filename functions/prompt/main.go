// Command prompt is the function behind the hosted prompt: the page on which people sign in with a second factor, or get one.
package main

import (
	"context"
	"os"
	"time"

	"twofold/pkg/apigw"
	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/enroll"
	"twofold/pkg/prompt"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/verify"
)

func main() {
	f := boot.Start("prompt")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	pages, err := prompt.Prompt{
		Logins: &verify.Service{
			Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets],
			Codes: rings[seal.Codes], Signer: signer, Now: time.Now,
		},
		Enrollments: &enroll.Service{
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
