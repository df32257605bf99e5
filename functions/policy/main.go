// Command policy is the function for organisations, their entitlements, policies, keys and senders.
package main

import (
	"context"

	"twofold/pkg/boot"
	"twofold/pkg/boot/deciding"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/seal"
)

func main() {
	f := boot.Start("policy")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Secrets, seal.Codes, seal.Webhooks)
	f.Must(err)
	on := deciding.On(f, store, rings)
	f.Serve(web.Handler(f, httpapi.Policy(on.Policies, on.People, on.Senders, on.Brands, on.Webhooks, web.Noting(f, store))))
}
