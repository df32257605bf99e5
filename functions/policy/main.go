// Command policy is the function for organisations, their entitlements, policies and keys.
package main

import (
	"context"
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
)

func main() {
	f := boot.Start("policy")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Codes)
	f.Must(err)
	f.Serve(web.Handler(f, httpapi.Policy(&policy.Service{Store: store, Codes: rings[seal.Codes], Now: time.Now}, web.Options(f))))
}
