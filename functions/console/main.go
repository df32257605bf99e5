// Command console is the function behind the administrators' pages: who has a second factor, the policy, people and keys, who changed what.
package main

import (
	"context"
	"time"

	"twofold/pkg/admission"
	"twofold/pkg/boot"
	"twofold/pkg/boot/deciding"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/pages"
	"twofold/pkg/boot/reporting"
	"twofold/pkg/console"
	"twofold/pkg/dynamo"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

func main() {
	f := boot.Start("console")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.Exports, seal.Webhooks)
	f.Must(err)
	signer, err := sign.New(rings[seal.Sign].SigningKeys(), f.Issuer)
	f.Must(err)
	decide := deciding.On(f, store, rings)
	answer, err := reporting.On(store, rings)
	f.Must(err)
	site, err := console.Console{
		Options: pages.Options(f, store), Tokens: rings[seal.Sign],
		Admissions: &admission.Service{Store: store, Codes: rings[seal.Codes], Now: time.Now},
		Logins:     pages.Logins(store, rings, signer), Users: pages.Users(store, rings, signer), // without the keys of app passwords: nobody sees one here
		Policies: decide.Policies, People: decide.People, Senders: decide.Senders, Brands: decide.Brands, Webhooks: decide.Webhooks,
		Reports: answer.Reports, SignIns: answer.SignIns,
		Exports: console.Exports{Reports: answer.ExportedReports, SignIns: answer.ExportedSignIns},
	}.Handler()
	pages.Serve(f, site, err)
}
