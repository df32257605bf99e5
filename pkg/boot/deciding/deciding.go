// Package deciding makes the workflows of those who decide, on the table: for their API, and for the console.
package deciding

import (
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/branding"
	"twofold/pkg/dynamo"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
	"twofold/pkg/sender"
	"twofold/pkg/ses"
	"twofold/pkg/webhook"
)

// Workflows are those of whoever decides.
type Workflows struct {
	Policies *policy.Service
	People   *people.Service
	Senders  *sender.Service
	Brands   *branding.Service
	Webhooks *webhook.Service
}

// On are the workflows on a table. The keysets of secrets, codes and webhooks must be open.
func On(f *boot.Function, store *dynamo.Store, rings keyring.Rings) Workflows {
	return Workflows{
		Policies: &policy.Service{Store: store, Codes: rings[seal.Codes], Secrets: rings[seal.Secrets], Now: time.Now, Originations: org.Originations(f.ARN("sms-voice"))},
		People:   &people.Service{Store: store, Codes: rings[seal.Codes], Secrets: rings[seal.Secrets], Now: time.Now},
		Senders: &sender.Service{
			Store: store, Identities: ses.OpenIdentities(f.AWS, boot.Endpoint("sesv2"), f.Table),
			Registrable: publicsuffix.EffectiveTLDPlusOne, Reserved: strings.Split(f.Env("RESERVED_SENDERS"), ","), Now: time.Now,
		},
		Brands:   &branding.Service{Store: store, Now: time.Now},
		Webhooks: &webhook.Service{Store: store, Keys: rings[seal.Webhooks], Now: time.Now},
	}
}
