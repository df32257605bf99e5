package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/user"
)

type registerInput struct {
	SubjectPath
	Body struct {
		Email   string  `json:"email" minLength:"3" maxLength:"254" doc:"The login address: one bare address. Its domain is kept in lower case and as ASCII (IDNA), what stands before the @ as it is."`
		Browser browser `json:"browser,omitzero"`
	}
}

type userShown struct {
	Organization  string           `json:"organization"`
	User          string           `json:"user"`
	Email         string           `json:"email" doc:"The login address."`
	RegisteredAt  time.Time        `json:"registered_at"`
	Enrolled      bool             `json:"enrolled"`
	EnrolledAt    *time.Time       `json:"enrolled_at,omitempty"`
	Methods       []string         `json:"methods" doc:"Enrolled, the default first; empty: not enrolled."`
	Enforcement   enforcementShown `json:"enforcement"`
	DeclinedAt    *time.Time       `json:"announcements_declined_at,omitempty" doc:"Since when the user gets no announcements, by own wish. Absent: they come."`
	Status        string           `json:"status" enum:"complete,challenge,enroll,denied" doc:"What the next login in a browser would be answered."`
	Reason        string           `json:"reason"`
	Rule          string           `json:"rule"`
	PolicyVersion int64            `json:"policy_version"`
	Until         *time.Time       `json:"until,omitempty" doc:"When the lock, the exemption or the grace ends, where that is the reason."`

	Undeliverable []undeliverableShown `json:"undeliverable,omitempty" doc:"Addresses and numbers of the user that messages do not go to as they should."`
}

type userOutput struct{ Body userShown }

type registeredOutput struct {
	Status int
	Body   userShown
}

func registerUsers(api *API, s *enroll.Service) {
	const path = "/v1/organizations/{organization}/users/{user}"
	Register(api, Operation{
		ID: "get-user", Method: http.MethodGet, Path: path, Rule: enroll.UsersRule(),
		Summary:     "A user as registered",
		Description: "It registers nobody. A user who was deleted is unknown.",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*userOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		u, err := s.User(ctx, c, of)
		return &userOutput{Body: showUser(u)}, err
	})
	Register(api, Operation{
		ID: "put-user", Method: http.MethodPut, Path: path, Rule: enroll.UsersRule(), Creates: true,
		Summary: "Register a user, or give one another login address",
		Description: "Not needed before a login, which registers by itself. The address that stands changes nothing. Another one voids codes and enrolments under way, and is told to both addresses and the recovery email; " +
			"the second factor stays. Who was deleted is registered again by an administrator with `users:reset` only: 409 `user_deleted` for everybody else. That counts as a reset, of which the eleventh within an hour needs an allowance: 409 `step_up_required`.",
		Problems: []string{"invalid_email", "user_deleted", "step_up_required", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *registerInput) (*registeredOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		address, ok := user.Address(in.Body.Email)
		if !ok {
			return nil, errEmail
		}
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		u, err := s.Register(ctx, c, of, address)
		if err != nil {
			return nil, err
		}
		out := &registeredOutput{Status: http.StatusOK, Body: showUser(u)}
		if u.Created {
			out.Status = http.StatusCreated
		}
		return out, nil
	})
	Register(api, Operation{
		ID: "delete-user", Method: http.MethodDelete, Path: path, Rule: enroll.UsersRule(),
		Summary: "Delete a user",
		Description: "Second factor, trusted devices, addresses and whatever was set for the user are gone at once, logins under way end, and the user is told at the addresses that there were. The id stays, with the time: a login of it is 409 `user_deleted`, " +
			"everything else 404. The audit keeps its events, which hold the id and no address.",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*struct{}, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		return nil, s.Delete(ctx, c, of)
	})
}

func showUser(u enroll.User) userShown {
	p, d := u.Profile, u.Decision
	return userShown{
		Organization: p.Organization, User: p.User, Email: p.Email, RegisteredAt: p.RegisteredAt.UTC().Truncate(time.Second),
		Enrolled: len(u.Methods) > 0, EnrolledAt: moment(p.EnrolledAt), Methods: names(u.Methods), Enforcement: showEnforcement(p.Enforcement), DeclinedAt: moment(p.OptedOutAt),
		Status: string(d.Status), Reason: string(d.Reason), Rule: string(d.Rule), PolicyVersion: d.PolicyVersion, Until: moment(d.Until),
		Undeliverable: showTroubles(u.Troubles),
	}
}
