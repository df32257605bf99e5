package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/user"
)

// undeliverableShown is an address or a number of a user's that messages do not go to as they should.
type undeliverableShown struct {
	Address string    `json:"address" enum:"login_email,recovery_email,phone"`
	Why     string    `json:"why" enum:"bounced,suppressed,complained,opted_out" doc:"bounced: mail came back, and none is sent there any more. suppressed: the provider knows the address as one that bounces, and did not try. complained: its reader called a mail unwanted; codes and notices still go there, announcements do not. opted_out: the number of an authenticator has opted out of SMS; a login offers another method, where the user has one."`
	Since   time.Time `json:"since"`
}

func showTroubles(all []user.Trouble) []undeliverableShown {
	if len(all) == 0 {
		return nil
	}
	return each(all, func(t user.Trouble) undeliverableShown {
		return undeliverableShown{Address: t.Which, Why: string(t.Why), Since: t.Since.UTC().Truncate(time.Second)}
	})
}

func registerDeliverable(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "clear-undeliverable", Method: http.MethodDelete, Path: "/v1/organizations/{organization}/users/{user}/undeliverable", Rule: enroll.DeliverableRule(),
		Summary: "Say that messages to a user arrive again",
		Description: "For an address that was repaired: what is known against the user's addresses is gone, and codes go there again. Another login address or recovery email begins without it anyway. " +
			"Where the provider keeps a list of its own the vendor takes the address off that first, or the next mail brings the mark back. So it is with a number that has opted out of SMS; that is free again, too, as soon as an SMS is taken, such as one for a fresh proof.",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*struct{}, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		return nil, s.Deliverable(ctx, c, of)
	})
}
