package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
)

type appPasswordShown struct {
	ID         string     `json:"id"`
	Service    string     `json:"service"`
	Name       string     `json:"name,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"The full hour (UTC); absent: never."`
	Works      bool       `json:"works" doc:"False where the policy has no app passwords for the service now, or no longer allows the method that the user proved when it was made."`
	Password   string     `json:"password,omitempty" doc:"In groups, for reading; case, spaces and dashes do not matter. Never in a list."`
}

type appPasswordOutput struct{ Body appPasswordShown }

type appPasswordsOutput struct {
	Body struct {
		AppPasswords []appPasswordShown `json:"app_passwords" doc:"The latest first: at most 25. None shows its password."`
	}
}

// AppPasswordPath is the part of a path that names an app password of a user.
type AppPasswordPath struct {
	SubjectPath
	AppPassword string `path:"app_password" pattern:"^[0-9a-f]{16}$" doc:"The app password's id."`
}

type createAppPasswordInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Service string     `json:"service" pattern:"^[a-z0-9-]{1,32}$" doc:"One that the policy names."`
		Name    string     `json:"name,omitempty" maxLength:"60" doc:"For the user, who will see it in a list: one line."`
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

type provenAppPasswordInput struct {
	AppPasswordPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

func registerAppPasswords(api *API, s *enroll.Service) {
	const all = "/v1/organizations/{organization}/users/{user}/app-passwords"
	Register(api, Operation{
		ID: "list-app-passwords", Method: http.MethodGet, Path: all, Rule: enroll.AppPasswordsRule(),
		Summary: "The app passwords of a user",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*appPasswordsOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		found, err := s.AppPasswords(ctx, c, of)
		out := &appPasswordsOutput{}
		out.Body.AppPasswords = each(found, showAppPassword)
		return out, err
	})
	Register(api, Operation{
		ID: "create-app-password", Method: http.MethodPost, Path: all, Rule: enroll.Rule(), Success: http.StatusCreated,
		Summary:     "Make an app password for a service",
		Description: "With a fresh proof. The user is told. With an `Idempotency-Key` a retry after a lost reply shows the same one; without, view it.",
		Problems:    append([]string{"app_passwords_not_offered", "app_password_limit"}, proofProblems...),
	}, func(ctx context.Context, c access.Caller, in *createAppPasswordInput) (*appPasswordOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		if in.Body.Name != "" && !oneLine(in.Body.Name) {
			return nil, errName
		}
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		made, err := s.CreateAppPassword(ctx, c, enroll.NewAppPassword{
			Request: in.Body.Proof.request(of, in.Key), Service: in.Body.Service, Name: in.Body.Name,
		})
		return &appPasswordOutput{Body: showAppPassword(made)}, err
	})
	registerAppPassword(api, s, all+"/{app_password}")
}

func registerAppPassword(api *API, s *enroll.Service, one string) {
	Register(api, Operation{
		ID: "view-app-password", Method: http.MethodPost, Path: one + "/view", Rule: enroll.Rule(),
		Summary:     "Show an app password again",
		Description: "With a fresh proof. The user is told.",
		Problems:    proofProblems,
	}, func(ctx context.Context, c access.Caller, in *provenAppPasswordInput) (*appPasswordOutput, error) {
		request, err := in.request(&c)
		if err != nil {
			return nil, err
		}
		shown, err := s.ViewAppPassword(ctx, c, request, in.AppPassword)
		return &appPasswordOutput{Body: showAppPassword(shown)}, err
	})
	Register(api, Operation{
		ID: "revoke-app-password", Method: http.MethodPost, Path: one + "/revoke", Rule: enroll.Rule(),
		Summary:     "End an app password for its user, with effect on the next check",
		Description: "With a fresh proof. The user is told.",
		Problems:    proofProblems,
	}, func(ctx context.Context, c access.Caller, in *provenAppPasswordInput) (*struct{}, error) {
		request, err := in.request(&c)
		if err != nil {
			return nil, err
		}
		return nil, s.RevokeAppPassword(ctx, c, request, in.AppPassword)
	})
	Register(api, Operation{
		ID: "withdraw-app-password", Method: http.MethodDelete, Path: one, Rule: enroll.WithdrawRule(),
		Summary:     "End an app password as an administrator",
		Description: "Without the user's proof: what is stolen must not wait. The user is told.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *AppPasswordPath) (*struct{}, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		return nil, s.WithdrawAppPassword(ctx, c, of, in.AppPassword)
	})
}

func (in *provenAppPasswordInput) request(c *access.Caller) (enroll.Request, error) {
	of, err := in.about(c, in.Body.Browser)
	return in.Body.Proof.request(of, in.Key), err
}

func showAppPassword(a enroll.AppPassword) appPasswordShown {
	return appPasswordShown{
		ID: a.ID, Service: a.Service, Name: a.Name, CreatedAt: a.CreatedAt.UTC(), LastUsedAt: moment(a.LastUsedAt), Works: a.Works, Password: a.Password,
	}
}
