// Package pages puts pages for browsers under the Lambda runtime, and makes the services that they share. What answers the API alone does
// not link it.
package pages

import (
	"net/http"
	"os"
	"time"

	"twofold/pkg/apigw"
	"twofold/pkg/boot"
	"twofold/pkg/boot/keyring"
	"twofold/pkg/dynamo"
	"twofold/pkg/enroll"
	"twofold/pkg/page"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/verify"
)

// Options are what the pages of a function run with.
func Options(f *boot.Function, faces page.FaceStore) page.Options {
	return page.Options{
		Origin: os.Getenv("PUBLIC_ADDRESS"), Logger: f.Log, Faces: faces, Now: time.Now, RequestID: apigw.RequestID, SourceIP: apigw.SourceIP,
	}
}

// Logins verifies.
func Logins(store *dynamo.Store, rings keyring.Rings, signer *sign.Signer) *verify.Service {
	return &verify.Service{
		Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets], Codes: rings[seal.Codes],
		Signer: signer, Now: time.Now,
	}
}

// Users enrols, and cares for users.
func Users(store *dynamo.Store, rings keyring.Rings, signer *sign.Signer) *enroll.Service {
	return &enroll.Service{
		Store: store, Tokens: rings[seal.Sign], Retries: rings[seal.Sign], Secrets: rings[seal.Secrets], Contacts: rings[seal.Contacts],
		Codes: rings[seal.Codes], AppPasswordKeys: rings[seal.AppPasswords], Signer: signer, Now: time.Now,
	}
}

// Serve answers invocations with pages, or ends the process where there are none.
func Serve(f *boot.Function, pages http.Handler, err error) {
	f.Must(err)
	f.Serve(apigw.Handler(pages, f.Log))
}
