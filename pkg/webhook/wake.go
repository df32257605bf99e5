package webhook

import (
	"context"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
)

// WakerStore is what calling needs of a store.
type WakerStore interface {
	// Webhooks are those of the organisations whose webhook is open, strongly consistent, in no order.
	Webhooks(ctx context.Context, organizations []string) ([]string, error)
}

// Waker calls destinations, once there is something to get for them. All fields are needed.
type Waker struct {
	Store WakerStore
	Queue Queue
	Bus   bool // the vendor has one
}

// Wake calls the destinations of the organisations whose logs have grown by these events, and says of each event why that failed. It comes
// after the append: whoever is called reads the log. What is called for nothing finds nothing.
func (w *Waker) Wake(ctx context.Context, events []audit.Event) []error {
	grown, own := organizationsOf(events)
	hooked := map[string]bool{}
	if len(own) > 0 {
		found, err := w.Store.Webhooks(ctx, own)
		if err != nil {
			return all(events, fault.Down(err))
		}
		for _, organization := range found {
			hooked[organization] = true
		}
	}
	failed := map[string]error{}
	for _, organization := range grown {
		failed[organization] = w.wake(ctx, organization, hooked[organization])
	}
	errs := make([]error, len(events))
	for at, e := range events {
		errs[at] = failed[e.Organization]
	}
	return errs
}

// organizationsOf are those that events are of, each once; own are without the vendor itself, which can have no webhook.
func organizationsOf(events []audit.Event) (grown, own []string) {
	seen := map[string]bool{}
	for _, e := range events {
		if seen[e.Organization] {
			continue
		}
		seen[e.Organization], grown = true, append(grown, e.Organization)
		if e.Organization != "" {
			own = append(own, e.Organization)
		}
	}
	return grown, own
}

func (w *Waker) wake(ctx context.Context, organization string, hooked bool) error {
	if hooked {
		if err := w.Queue.Call(ctx, Call{organization, ToWebhook}); err != nil {
			return fault.Down(err)
		}
	}
	if w.Bus {
		if err := w.Queue.Call(ctx, Call{organization, ToBus}); err != nil {
			return fault.Down(err)
		}
	}
	return nil
}

func all(events []audit.Event, err error) []error {
	errs := make([]error, len(events))
	for at := range events {
		errs[at] = err
	}
	return errs
}
