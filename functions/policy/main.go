// Command policy is the function for organisations, their entitlements, policies, keys and senders.
package main

import (
	"context"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/branding"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
	"twofold/pkg/sender"
	"twofold/pkg/ses"
	"twofold/pkg/webhook"
)

func main() {
	f := boot.Start("policy")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Secrets, seal.Codes, seal.Webhooks)
	f.Must(err)
	decide := &policy.Service{Store: store, Codes: rings[seal.Codes], Secrets: rings[seal.Secrets], Now: time.Now, Originations: org.Originations(f.ARN("sms-voice"))}
	appoint := &people.Service{Store: store, Codes: rings[seal.Codes], Secrets: rings[seal.Secrets], Now: time.Now}
	senders := &sender.Service{
		Store: store, Identities: ses.OpenIdentities(f.AWS, boot.Endpoint("sesv2"), f.Table),
		Registrable: publicsuffix.EffectiveTLDPlusOne, Reserved: strings.Split(f.Env("RESERVED_SENDERS"), ","), Now: time.Now,
	}
	brands := &branding.Service{Store: store, Now: time.Now}
	hooks := &webhook.Service{Store: store, Keys: rings[seal.Webhooks], Now: time.Now}
	f.Serve(web.Handler(f, httpapi.Policy(decide, appoint, senders, brands, hooks, web.Noting(f, store))))
}
