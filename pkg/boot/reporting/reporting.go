// Package reporting makes the workflows that answer auditors, on the table: for their API, and for the console.
package reporting

import (
	"time"

	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/export"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
)

// Workflows are those of whoever reads.
type Workflows struct {
	Reports         *report.Service
	SignIns         *signin.Service
	ExportedReports *report.Exporter
	ExportedSignIns *signin.Exporter
	JWKS            []byte // what exports are verified with
}

// On are the workflows on a table. The keyset of exports must be open.
func On(store *dynamo.Store, rings keyring.Rings) (Workflows, error) {
	signer, err := sign.NewPages(rings[seal.Exports].SigningKeys())
	if err != nil {
		return Workflows{}, err
	}
	keys := export.Keys{Cursors: rings[seal.Exports], Signer: signer}
	w := Workflows{Reports: &report.Service{Store: store, Now: time.Now}, SignIns: &signin.Service{Store: store, Now: time.Now}, JWKS: signer.JWKS()}
	w.ExportedReports = &report.Exporter{Reports: w.Reports, Keys: keys}
	w.ExportedSignIns = &signin.Exporter{Log: w.SignIns, Keys: keys}
	return w, nil
}
