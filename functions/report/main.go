// Command report is the function that answers auditors: who has a second factor, who changed what, whose codes were right.
package main

import (
	"context"

	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/boot/reporting"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/seal"
)

func main() {
	f := boot.Start("report")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	rings, err := keyring.Open(context.Background(), f, store, seal.Exports)
	f.Must(err)
	on, err := reporting.On(store, rings)
	f.Must(err)
	api := httpapi.Report(on.Reports, on.SignIns, web.Options(f))
	f.Must(httpapi.Exports(api, on.ExportedReports, on.ExportedSignIns, on.JWKS))
	f.Serve(web.Handler(f, api))
}
