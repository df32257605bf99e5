// Command prompt is the function behind the hosted prompt: the page on which people sign in with a second factor, or get one.
package main

import (
	"context"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/pages"
	"twofold/pkg/dynamo"
	"twofold/pkg/prompt"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

func main() {
	f := boot.Start("prompt")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	site, err := prompt.Prompt{
		Options: pages.Options(f, store), Logins: pages.Logins(store, rings, signer), Enrollments: pages.Users(store, rings, signer),
		Tokens: rings[seal.Sign],
	}.Handler()
	pages.Serve(f, site, err)
}
