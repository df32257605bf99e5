// Command report is the function that answers auditors: who has a second factor, who changed what, whose codes were right.
package main

import (
	"time"

	"twofold/pkg/boot"
	"twofold/pkg/boot/web"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/report"
	"twofold/pkg/signin"
)

func main() {
	f := boot.Start("report")
	store := dynamo.Open(f.AWS, boot.Endpoint("dynamodb"), f.Table)
	f.Serve(web.Handler(f, httpapi.Report(
		&report.Service{Store: store, Now: time.Now}, &signin.Service{Store: store, Now: time.Now}, web.Options(f),
	)))
}
