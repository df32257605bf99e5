package httpapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
)

type dryRunShown struct {
	AsOf          *time.Time    `json:"as_of,omitempty" doc:"The counts are true for this time; absent where nobody was counted yet. They are true to the day: an exemption that ends today counts until midnight (UTC)."`
	Users         int64         `json:"users"`
	Enrolled      int64         `json:"enrolled"`
	Today         forecastShown `json:"today" doc:"If everybody logged in now. When somebody registered is not counted, so nobody's grace is taken for longer than that of those who were there before."`
	AfterGrace    forecastShown `json:"after_grace" doc:"Once enforcement has begun and the grace of today's users is over."`
	ServicesEnded []string      `json:"services_ended" doc:"Services that the policy offers app passwords for and this one would not."`
}

type forecastShown struct {
	At              time.Time       `json:"at" doc:"The time that was judged."`
	LetIn           int64           `json:"let_in" doc:"Without a second factor."`
	Exempt          int64           `json:"exempt" doc:"Of those let in."`
	WithinGrace     int64           `json:"within_grace" doc:"Let in until their grace is over."`
	Verify          int64           `json:"verify" doc:"Asked for their second factor."`
	MustEnroll      int64           `json:"must_enroll"`
	LockedOut       lockedOutShown  `json:"locked_out"`
	RefusedServices []refusedClient `json:"refused_services" doc:"By service, the users seen to use it whose account password would be refused there."`
}

type lockedOutShown struct {
	Total              int64 `json:"total" doc:"Each user once."`
	RecoveryImpossible int64 `json:"recovery_impossible" doc:"Enrolled, and no way back is open: whoever loses the authenticator stays out until a reset."`
	MethodNotAllowed   int64 `json:"method_not_allowed" doc:"Enrolled with a method that would not be allowed."`
	ExemptionEnding    int64 `json:"exemption_ending" doc:"Exempt for no more than seven days, and kept out or sent to enrol when that ends."`
	Suspended          int64 `json:"suspended" doc:"Refused until a recovery or a reset."`
}

type refusedClient struct {
	Service string `json:"service" doc:"Services that Twofold does not know are counted together, as other."`
	Users   int64  `json:"users"`
}

type dryRunOutput struct{ Body dryRunShown }

type dryRunInput struct {
	OrganizationPath
	Body struct {
		Policy policySettings `json:"policy"`
	}
}

type foretoldInput struct {
	OrganizationPath
	Outcome string `query:"outcome" required:"true" enum:"let_in,exempt,within_grace,verify,must_enroll,suspended,method_not_allowed,recovery_impossible,exemption_ending,locked_out,client_refused"`
	At      string `query:"at" enum:"today,after_grace" default:"today"`
	Change  string `query:"change" pattern:"^[0-9a-f]{1,64}$" doc:"The id of a proposal of yours; where absent the policy that stands is judged."`
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor  string `query:"cursor" minLength:"1" maxLength:"2048" doc:"Where the page before ended, from its next_cursor."`
}

type foretoldUser struct {
	User               string     `json:"user"`
	Email              string     `json:"email"`
	Outcome            string     `json:"outcome" enum:"let_in,within_grace,verify,must_enroll,suspended,method_not_allowed"`
	Reason             string     `json:"reason" doc:"That of the login."`
	Until              *time.Time `json:"until,omitempty" doc:"When the exemption or the grace ends."`
	Methods            []string   `json:"methods"`
	RecoveryImpossible bool       `json:"recovery_impossible"`
	ExemptionEnding    bool       `json:"exemption_ending"`
	RefusedServices    []string   `json:"refused_services"`
}

type foretoldOutput struct {
	Body struct {
		At         time.Time      `json:"at" doc:"The time that was judged."`
		Users      []foretoldUser `json:"users" doc:"At most 1,000 users are looked at for a page, so it may be short, or empty, and have a cursor."`
		NextCursor string         `json:"next_cursor,omitempty" doc:"Absent: there is no more."`
	}
}

func registerDryRun(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "get-dry-run", Method: http.MethodGet, Path: "/v1/organizations/{organization}/policy/dry-run", Rule: policy.ReadRule,
		Summary:     "What the policy that stands does to the users there are",
		Description: "Counts, at once, whatever the number of users.",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*dryRunOutput, error) {
		r, err := s.DryRun(ctx, c, in.Organization, nil)
		return &dryRunOutput{Body: showDryRun(r)}, err
	})
	Register(api, Operation{
		ID: "post-dry-run", Method: http.MethodPost, Path: "/v1/organizations/{organization}/policy/dry-run", Rule: policy.ReadRule,
		Summary:     "What a policy would do to the users there are",
		Description: "Nothing is proposed and nobody is mailed. The policy is validated as a proposal is.",
		Problems:    []string{"invalid_policy", "not_built", "not_available"},
	}, func(ctx context.Context, c access.Caller, in *dryRunInput) (*dryRunOutput, error) {
		wanted := in.Body.Policy.policy()
		r, err := s.DryRun(ctx, c, in.Organization, &wanted)
		return &dryRunOutput{Body: showDryRun(r)}, within(err, "policy")
	})
	Register(api, Operation{
		ID: "get-dry-run-users", Method: http.MethodGet, Path: "/v1/organizations/{organization}/policy/dry-run/users", Rule: policy.ForetoldRule,
		Summary:     "The users of one outcome of a dry run",
		Description: "Judged one by one, so to the moment. No user stands in two pages.",
		Problems:    []string{"invalid_cursor"},
	}, func(ctx context.Context, c access.Caller, in *foretoldInput) (*foretoldOutput, error) {
		page, err := s.Foretold(ctx, c, in.Organization, policy.ForetoldQuery{
			Group: policy.Group(in.Outcome), Later: in.At == "after_grace", Change: in.Change, Limit: in.Limit, Cursor: in.Cursor,
		})
		out := &foretoldOutput{}
		out.Body.At, out.Body.NextCursor = page.At.UTC().Truncate(time.Second), page.Cursor
		out.Body.Users = each(page.Users, showForetold)
		return out, err
	})
}

func showDryRun(r policy.DryRun) dryRunShown {
	return dryRunShown{
		AsOf: moment(r.AsOf), Users: r.Users, Enrolled: r.Enrolled, Today: showForecast(r.Today),
		AfterGrace: showForecast(r.Later), ServicesEnded: r.ServicesEnded,
	}
}

func showForecast(f policy.Forecast) forecastShown {
	shown := forecastShown{
		At: f.At.UTC().Truncate(time.Second), LetIn: f.LetIn, Exempt: f.Exempt, WithinGrace: f.WithinGrace, Verify: f.Verify,
		MustEnroll: f.MustEnroll, LockedOut: lockedOutShown(f.LockedOut),
	}
	for _, service := range slices.Sorted(maps.Keys(f.Refused)) {
		shown.RefusedServices = append(shown.RefusedServices, refusedClient{Service: service, Users: f.Refused[service]})
	}
	return shown
}

func showForetold(u policy.Foretold) foretoldUser {
	return foretoldUser{
		User: u.Profile.User, Email: u.Profile.Email, Outcome: string(u.Fate.Outcome), Reason: string(u.Fate.Decision.Reason),
		Until: moment(u.Fate.Decision.Until), Methods: names(u.Profile.Methods), RecoveryImpossible: u.Fate.RecoveryImpossible,
		ExemptionEnding: u.Fate.ExemptionEnding, RefusedServices: u.Fate.Refused,
	}
}
