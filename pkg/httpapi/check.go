package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

type checkInput struct {
	Body struct {
		Organization string  `json:"organization" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The organisation's id."`
		User         string  `json:"user" minLength:"1" maxLength:"128" doc:"Your own id of the user."`
		Service      string  `json:"service" pattern:"^[a-z0-9-]{1,32}$" doc:"Where the program wants in: imap, pop, smtp, … as the policy names it; not web."`
		Password     string  `json:"password" maxLength:"1024" doc:"As the program sent it, whatever it is. What cannot be sent (no UTF-8, or longer) is no app password: ask with an empty one."`
		Browser      browser `json:"browser,omitzero" doc:"The program's address: guesses from there are limited apart from all others. Without it, those of this key are."`
	}
}

type checkShown struct {
	Status        string            `json:"status" enum:"accepted,account_password,denied" doc:"accepted: it is an app password of this service, let in. account_password: no app password is needed; no password was checked; let in if and only if it is the user's account password, which you must check yourself. denied: refuse, whatever it is."`
	Reason        string            `json:"reason" doc:"Why; stable."`
	Rule          string            `json:"rule" doc:"The rule that decided."`
	PolicyVersion int64             `json:"policy_version"`
	Until         *time.Time        `json:"until,omitempty" doc:"When the exemption or the grace ends."`
	AppPassword   *appPasswordNamed `json:"app_password,omitempty" doc:"The one that was accepted, for your log."`
}

type appPasswordNamed struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

type checkOutput struct{ Body checkShown }

func registerCheck(api *API, s *verify.Service) {
	Register(api, Operation{
		ID: "check-app-password", Method: http.MethodPost, Path: "/v1/app-passwords/check", Rule: verify.Rule(),
		Summary:     "Does this password let a mail client in?",
		Description: "For servers that can show nobody a form. 422 `app_password_refused` is the one answer to every password that is not a right one where one is needed, the account password among them, and to all that comes from a source that guessed too often. Registers nobody. If there is no answer, refuse for now; never let in.",
		Problems:    []string{"app_password_refused", "service_is_web", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *checkInput) (*checkOutput, error) {
		b := in.Body
		if !ValidID(b.User) {
			return nil, errUserID
		}
		if err := b.Browser.claim(&c); err != nil {
			return nil, err
		}
		got, err := s.Check(ctx, c, verify.Check{Organization: b.Organization, User: b.User, Service: b.Service, Password: b.Password})
		if err != nil {
			return nil, err
		}
		if got.Unnoted != nil && !errors.Is(got.Unnoted, user.ErrConflict) {
			exchangeOf(ctx).log(ctx, slog.LevelWarn, "the use of an app password was not noted", slog.String("cause", got.Unnoted.Error()))
		}
		return &checkOutput{Body: showCheck(got)}, nil
	})
}

func showCheck(got verify.Checked) checkShown {
	d := got.Decision
	shown := checkShown{
		Status: string(got.Let), Reason: string(d.Reason), Rule: string(d.Rule), PolicyVersion: d.PolicyVersion, Until: moment(d.Until),
	}
	if got.Let == verify.LetIn {
		shown.AppPassword = &appPasswordNamed{ID: got.AppPassword.ID, Name: got.AppPassword.Name}
	}
	return shown
}
