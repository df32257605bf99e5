// Command account is the function behind the page of a user's own settings: what there is, what happened, and the changes that the user makes.
package main

import (
	"context"

	"twofold/pkg/account"
	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/pages"
	"twofold/pkg/dynamo"
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
	site, err := account.Account{Options: pages.Options(f, store), Users: pages.Users(store, rings, signer), Tokens: rings[seal.Sign]}.Handler()
	pages.Serve(f, site, err)
}
