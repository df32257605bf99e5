package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
)

// accountPath is where the function account takes an entry.
const accountPath = "/account?page="

type openPageInput struct {
	SubjectPath
	Body struct {
		ReturnTo string `json:"return_to" minLength:"1" maxLength:"512" doc:"One of the application's return addresses, byte for byte: where the page leads back to."`
	}
}

type openPageOutput struct {
	Body struct {
		URL       string    `json:"url" doc:"Send the browser here at once (303). It is the user's alone: do not log it, mail it, or put it on a page."`
		ExpiresAt time.Time `json:"expires_at" doc:"Until when the page may be entered, once. It is good for half an hour from then on."`
	}
}

func registerAccountPage(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "open-account-page", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/pages", Rule: enroll.Rule(),
		Summary: "Where a user sees and changes the own settings, in a page of ours",
		Description: "For a user who is signed in to the application, with the second factor where there is one, and in that very browser: nobody is asked who looks at the page. It shows what get-security does, and changes need a fresh proof there as well. " +
			"A reset, a switch-off, password-changed, the end of the user and of the key that this was asked with end it with its next step. Asking writes nothing; of several addresses that were asked for at once, one is entered.",
		Problems: []string{"return_address_unknown"},
	}, func(ctx context.Context, c access.Caller, in *openPageInput) (*openPageOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		opened, err := s.OpenAccount(ctx, c, of, in.Body.ReturnTo)
		out := &openPageOutput{}
		out.Body.URL, out.Body.ExpiresAt = exchangeOf(ctx).address+accountPath+opened.Entry, opened.ExpiresAt.UTC().Truncate(time.Second)
		return out, err
	})
}
