// Package posting puts the workflow of webhooks together with what it goes out through: HTTPS, EventBridge, and the queue of those that may have
// events to get. The environment of template.yaml says which.
package posting

import (
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"twofold/pkg/boot"
	"twofold/pkg/eventbridge"
	"twofold/pkg/outbound"
	"twofold/pkg/seal"
	"twofold/pkg/sqs"
	"twofold/pkg/webhook"
)

// Within is how long messages of the queue are worked on: a stretch, one post that began at its end, and what is written of it.
const Within = webhook.Stretch + 25*time.Second

// Store is what events go out of.
type Store interface {
	webhook.CourierStore
	webhook.WakerStore
}

// Open makes what tells destinations that there is something for them, and what handles the queue of those that were told.
func Open(f *boot.Function, store Store, keys *seal.Ring) (*webhook.Waker, lambda.Handler) {
	client, err := outbound.Open(boot.Endpoint("webhooks"))
	f.Must(err)
	calls := sqs.Calls{Queue: sqs.Open(f.AWS, boot.Endpoint("sqs"), sqs.Queues{Later: f.Env("CALLS_URL"), Kept: f.Env("FAILURES_URL")})}
	courier := &webhook.Courier{
		Store: store, Keys: keys, Poster: client, Queue: calls, Jitter: rand.Float64, Now: time.Now,
		Troubled: func(organization string, to webhook.Destination, why string) {
			f.Log.Warn("events could not be delivered", "organization", organization, "to", string(to), "why", why)
		},
	}
	waker := &webhook.Waker{Store: store, Queue: calls}
	if bus := os.Getenv("EVENT_BUS"); bus != "" {
		courier.Bus, waker.Bus = eventbridge.Open(f.AWS, boot.Endpoint("eventbridge"), bus), true
	}
	return waker, lambda.NewHandler(calls.Each(f.Log, courier))
}
