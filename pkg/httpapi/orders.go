package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
)

type orderShown struct {
	Order  string     `json:"order"`
	State  string     `json:"state" enum:"queued,sent,not_sent,bounced,complained" doc:"queued: on its way, or to be tried again. sent: the provider took it. bounced: the provider took it and could not deliver it. complained: the recipient called it unwanted."`
	Reason string     `json:"reason,omitempty" enum:"capped,expired,obsolete,refused,suppressed" doc:"Why it is not sent. capped: the address, number or organisation has had as many as it may. expired: the code was good no more before it could be sent. obsolete: it was replaced or used, or the address changed, before it was sent. refused: the provider does not take it. suppressed: the address is known not to take mail, or the number wants no SMS. Offer another method."`
	At     *time.Time `json:"at,omitempty" doc:"Since when; absent while nobody has begun to send it."`
}

type orderOutput struct{ Body orderShown }

// OrderPath is the part of a path that names an order of a code.
type OrderPath struct {
	SubjectPath
	Order string `path:"order" pattern:"^[0-9a-f]{1,32}$" doc:"As the answer said that ordered the code: next.order, or order."`
}

func registerOrders(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "get-order", Method: http.MethodGet, Path: "/v1/organizations/{organization}/users/{user}/orders/{order}", Rule: enroll.DevicesRule(),
		Summary: "What became of a code that was ordered",
		Description: "Of a login, an enrolment or a fresh proof: queued, sent, not sent and why, bounced. Ask once or twice while the user waits, and " +
			"offer another of the methods where it says not_sent or bounced. Orders are remembered for a fortnight.",
	}, func(ctx context.Context, c access.Caller, in *OrderPath) (*orderOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		o, err := s.Order(ctx, c, of, in.Order)
		return &orderOutput{Body: orderShown{Order: o.ID, State: string(o.State), Reason: o.Reason, At: moment(o.At)}}, err
	})
}
