package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/webhook"
)

type putWebhookInput struct {
	OrganizationPath
	Body struct {
		URL string `json:"url" minLength:"1" maxLength:"2048" doc:"Where events are posted to: https, and a host on the public internet."`
	}
}

type replayInput struct {
	OrganizationPath
	Body struct {
		Event string  `json:"event,omitempty" maxLength:"64" doc:"The id of the event to begin with."`
		Leaf  *uint64 `json:"leaf,omitempty" doc:"Or its leaf in the organisation's log: 0 is the first."`
	}
}

type webhookShown struct {
	Host         string               `json:"host" doc:"Of the URL, with its port where it has one."`
	URL          string               `json:"url,omitempty" doc:"For whoever may set it; URLs often hold a secret."`
	Status       string               `json:"status" enum:"active,failing,disabled" doc:"failing: the last try was in vain, and another follows. disabled: it failed for a day, or answered 410; put the URL again to go on."`
	Leaf         uint64               `json:"leaf" doc:"The leaf of the organisation's log that goes out next."`
	Behind       uint64               `json:"behind" doc:"How many events wait."`
	SetAt        time.Time            `json:"set_at"`
	DeliveredAt  *time.Time           `json:"delivered_at,omitempty" doc:"When an event was taken last."`
	FailingSince *time.Time           `json:"failing_since,omitempty"`
	Tries        int                  `json:"tries,omitzero" doc:"In vain, since then."`
	RetryAt      *time.Time           `json:"retry_at,omitempty"`
	LastFailure  string               `json:"last_failure,omitempty" doc:"Why the last try was in vain: the status that was answered, or what was in the way."`
	DisabledAt   *time.Time           `json:"disabled_at,omitempty"`
	Secrets      []webhookSecretShown `json:"secrets" doc:"All that sign now, the one in use first."`
	Secret       string               `json:"secret,omitempty" doc:"What posts are signed with, as Standard Webhooks has it: shown this once, where it was made. If you have not seen the reply, make another."`
}

type webhookSecretShown struct {
	MadeAt time.Time  `json:"made_at"`
	Until  *time.Time `json:"until,omitempty" doc:"It was replaced, and signs until then."`
}

type webhookOutput struct{ Body webhookShown }

type webhookSetOutput struct {
	Status int
	Body   webhookShown
}

func registerWebhook(api *API, s *webhook.Service) {
	const path = "/v1/organizations/{organization}/webhook"
	Register(api, Operation{
		ID: "put-webhook", Method: http.MethodPut, Path: path, Rule: webhook.SetRule, Creates: true,
		Summary: "Have the organisation's audit events posted to a URL",
		Description: "Every event from now on, in order and at least once, signed as Standard Webhooks has it; this change is the first. Whoever sets it must be allowed to read the audit. All administrators are told. " +
			"Another URL goes on where the one before had got to, and so does one that was disabled. Repeating it changes nothing.",
		Problems: []string{"invalid_webhook_url", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *putWebhookInput) (*webhookSetOutput, error) {
		v, created, err := s.Set(ctx, c, in.Organization, in.Body.URL)
		out := &webhookSetOutput{Status: http.StatusOK, Body: showWebhook(v)}
		if created {
			out.Status = http.StatusCreated
		}
		return out, err
	})
	Register(api, Operation{
		ID: "get-webhook", Method: http.MethodGet, Path: path, Rule: webhook.ReadRule,
		Summary:  "The webhook, and how far it has got",
		Problems: []string{"no_webhook"},
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*webhookOutput, error) {
		v, err := s.Look(ctx, c, in.Organization)
		return &webhookOutput{Body: showWebhook(v)}, err
	})
	Register(api, Operation{
		ID: "delete-webhook", Method: http.MethodDelete, Path: path, Rule: webhook.RemoveRule,
		Summary:     "Have no events posted any more",
		Description: "All administrators are told. One that is set later begins with what happens then.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*struct{}, error) {
		return nil, s.Remove(ctx, c, in.Organization)
	})
	registerWebhookActs(api, s, path)
}

func registerWebhookActs(api *API, s *webhook.Service, path string) {
	Register(api, Operation{
		ID: "renew-webhook-secret", Method: http.MethodPost, Path: path + "/secrets", Rule: webhook.SetRule, Success: http.StatusCreated,
		Summary:     "Make another secret, and see it this once",
		Description: "For a day posts are signed with those before as well; at most five sign at once. Whoever makes one must be allowed to read the audit. All administrators are told.",
		Problems:    []string{"no_webhook", "too_many_secrets", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*webhookOutput, error) {
		v, err := s.Renew(ctx, c, in.Organization)
		return &webhookOutput{Body: showWebhook(v)}, err
	})
	Register(api, Operation{
		ID: "replay-webhook", Method: http.MethodPost, Path: path + "/replay", Rule: webhook.SetRule,
		Summary:     "Have events posted again, from one of them on",
		Description: "It begins at once, also where another try was waited for. Ahead of what goes out next, it leaves out what comes before: the way past an event that your receiver never takes. Whoever does it must be allowed to read the audit. All administrators are told.",
		Problems:    []string{"no_webhook", "webhook_disabled", "not_in_log", "beyond_log", "event_or_leaf", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *replayInput) (*webhookOutput, error) {
		v, err := s.Replay(ctx, c, in.Organization, in.Body.Event, in.Body.Leaf)
		return &webhookOutput{Body: showWebhook(v)}, err
	})
}

func showWebhook(v webhook.View) webhookShown {
	shown := webhookShown{
		Host: v.Host, URL: v.URL, Status: v.Status(), Leaf: v.Position, Behind: v.Behind(), SetAt: v.SetAt.UTC().Truncate(time.Second),
		DeliveredAt: moment(v.DeliveredAt), FailingSince: moment(v.FailingSince), Tries: v.Tries, RetryAt: moment(v.RetryAt),
		LastFailure: v.Trouble, DisabledAt: moment(v.DisabledAt), Secrets: make([]webhookSecretShown, len(v.Signing)), Secret: v.Secret,
	}
	for i, secret := range v.Signing {
		shown.Secrets[i] = webhookSecretShown{MadeAt: secret.MadeAt.UTC().Truncate(time.Second), Until: moment(secret.Until)}
	}
	return shown
}
