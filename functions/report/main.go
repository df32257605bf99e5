// Command report is the function that answers auditors: who has a second factor, who changed what, whose codes were right.
package main

import (
	"context"
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/export"
	"twofold/pkg/httpapi"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
)

func main() {
	f := boot.Start("report")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Exports)
	f.Must(err)
	pages, err := sign.NewPages(rings[seal.Exports].SigningKeys())
	f.Must(err)
	reports := &report.Service{Store: store, Now: time.Now}
	signIns := &signin.Service{Store: store, Now: time.Now}
	keys := export.Keys{Cursors: rings[seal.Exports], Signer: pages}
	api := httpapi.Report(reports, signIns, web.Options(f))
	f.Must(httpapi.Exports(api, &report.Exporter{Reports: reports, Keys: keys}, &signin.Exporter{Log: signIns, Keys: keys}, pages.JWKS()))
	f.Serve(web.Handler(f, api))
}
