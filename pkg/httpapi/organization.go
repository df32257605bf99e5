package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/branding"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/sender"
	"twofold/pkg/webhook"
)

// OrganizationPath is the part of a path that names an organisation. It is exported because huma does not look
// into embedded structs that are not.
type OrganizationPath struct {
	Organization string `path:"organization" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The organisation's id: your own."`
}

type entitlements struct {
	TwoFactor    bool `json:"two_factor" doc:"Two-factor authentication is available."`
	SMS          bool `json:"sms,omitempty" doc:"Codes by SMS, a paid extra; needs sms_countries."`
	AppPasswords bool `json:"app_passwords,omitempty" doc:"App passwords for mail programs and the like. What this version does not do with it, the policy says."`
	Sender       bool `json:"sender,omitempty" doc:"Mail may come from a domain of the organisation's own."`
	UserLimit    int  `json:"user_limit,omitempty" minimum:"0" maximum:"100000000" doc:"How many users may be enrolled; absent or 0: any number."`
	SMSPerDay    int  `json:"sms_per_day,omitempty" minimum:"0" maximum:"100000000" doc:"How many SMS may be sent in a day; absent or 0: any number. Beyond it they are not sent, until the next day of UTC."`

	SMSCountries []string `json:"sms_countries,omitempty" maxItems:"250" minLength:"2" maxLength:"2" doc:"The countries that SMS may go to, ISO 3166-1 alpha-2. The policy may narrow them."`

	SMSOrigination string `json:"sms_origination,omitempty" maxLength:"200" doc:"What the organisation's SMS come from: the full ARN of a pool, a phone number or a sender ID of the deployment's account and region, tagged for it, or a sender ID by itself. Absent: what the deployment's come from."`
}

var errCountries = fault.New(fault.Unprocessable, codeInvalidField, "A country is two capital letters of ISO 3166-1, and each is named once.")

func (e entitlements) granted() (org.Entitlements, error) {
	countries, ok := org.ReadCountries(e.SMSCountries)
	if !ok {
		return org.Entitlements{}, errCountries.At("entitlements.sms_countries")
	}
	return org.Entitlements{
		TwoFactor: e.TwoFactor, SMS: e.SMS, AppPasswords: e.AppPasswords, Sender: e.Sender, UserLimit: e.UserLimit, SMSPerDay: e.SMSPerDay,
		SMSCountries: countries, SMSOrigination: e.SMSOrigination,
	}, nil
}

func showEntitlements(e org.Entitlements) entitlements {
	return entitlements{
		TwoFactor: e.TwoFactor, SMS: e.SMS, AppPasswords: e.AppPasswords, Sender: e.Sender, UserLimit: e.UserLimit, SMSPerDay: e.SMSPerDay,
		SMSCountries: e.SMSCountries.List(), SMSOrigination: e.SMSOrigination,
	}
}

type putOrganizationInput struct {
	OrganizationPath
	Body struct {
		Name          string            `json:"name" minLength:"1" maxLength:"80"`
		Entitlements  entitlements      `json:"entitlements"`
		Administrator *newAdministrator `json:"administrator,omitempty" doc:"Made, with a key, if there is none of this id."`
		Application   *newApplication   `json:"application,omitempty" doc:"Made, with a key, if there is none of this id."`
	}
}

type newAdministrator struct {
	ID          string   `json:"id" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"`
	Name        string   `json:"name,omitempty" maxLength:"80"`
	Email       string   `json:"email" minLength:"3" maxLength:"254" doc:"Codes for step-ups go here."`
	Permissions []string `json:"permissions,omitempty" maxItems:"7" enum:"policy:write,users:write,users:reset,reports:read,audit:read,announcements:write,keys:write" doc:"All, where none is named."`
}

type newApplication struct {
	ID   string `json:"id" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"Also the audience of its assertions."`
	Name string `json:"name,omitempty" maxLength:"80"`
}

type organizationShown struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Entitlements entitlements `json:"entitlements"`
	Policy       policyShown  `json:"policy"`
	CreatedAt    time.Time    `json:"created_at"`
}

type putOrganizationOutput struct {
	Status int
	Body   struct {
		Organization organizationShown `json:"organization"`
		Created      bool              `json:"created"`
		Consequences []consequence     `json:"consequences,omitempty" doc:"What becomes of those who relied on what was withdrawn."`
		Keys         []issuedKey       `json:"keys" doc:"Keys that were made by this call. Whoever loses them issues others."`
	}
}

type organizationOutput struct{ Body organizationShown }

var errName = fault.New(fault.Unprocessable, codeInvalidField, "A name is one line of text.").At("name")

// Policy is the API of the function policy.
func Policy(s *policy.Service, p *people.Service, senders *sender.Service, brands *branding.Service, hooks *webhook.Service, o Options) *API {
	api := New("policy", o)
	registerOrganizations(api, s)
	registerKeys(api, p)
	registerAdministrators(api, p)
	registerSelf(api, p)
	registerApplications(api, p)
	registerImpersonations(api, p)
	registerVendorApplications(api, p)
	registerVendorKeys(api, p)
	registerColleagues(api, p)
	registerEntitlements(api, s)
	registerAllowances(api, s)
	registerAnnouncements(api, s)
	registerPolicy(api, s)
	registerHistory(api, s)
	registerChanges(api, s)
	registerSender(api, senders)
	registerBranding(api, brands)
	registerWebhook(api, hooks)
	registerDryRun(api, s)
	registerEnforcement(api, s)
	registerGrace(api, s)
	registerStatus(api, s)
	registerDocument(api)
	return api
}

func registerOrganizations(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "put-organization", Method: http.MethodPut, Path: "/v1/organizations/{organization}", Rule: policy.SystemRule,
		Summary:     "Create an organisation, or change its name and entitlements",
		Description: "With its first administrator and application inline, each with a key that is shown once. Repeating it changes nothing and shows no key again: issue another where one was lost.",
		Problems:    []string{"organization_exists", "invalid_email", "sms_countries_missing", "sms_origination_invalid", "step_up_required", "reserved_id", "administrators_need_it", "conflict"}, Creates: true,
	}, func(ctx context.Context, c access.Caller, in *putOrganizationInput) (*putOrganizationOutput, error) {
		put, err := in.put()
		if err != nil {
			return nil, err
		}
		result, err := s.PutOrganization(ctx, c, put)
		if err != nil {
			return nil, err
		}
		out := &putOrganizationOutput{Status: http.StatusOK}
		if result.Created {
			out.Status = http.StatusCreated
		}
		out.Body.Consequences = showConsequences(result.Consequences)
		out.Body.Organization, out.Body.Created = showOrganization(result.Organization), result.Created
		out.Body.Keys = make([]issuedKey, len(result.Keys))
		for i, k := range result.Keys {
			out.Body.Keys[i] = issuedKey{ID: k.ID, Role: string(k.Role), Holder: k.Holder, Key: k.Text}
		}
		return out, nil
	})
	Register(api, Operation{
		ID: "get-organization", Method: http.MethodGet, Path: "/v1/organizations/{organization}", Rule: policy.ReadRule,
		Summary: "An organisation with its entitlements and its policy",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*organizationOutput, error) {
		o, err := s.Organization(ctx, c, in.Organization)
		return &organizationOutput{Body: showOrganization(o)}, err
	})
}

func (in putOrganizationInput) put() (policy.Put, error) {
	b := in.Body
	granted, err := b.Entitlements.granted()
	put := policy.Put{ID: in.Organization, Name: b.Name, Entitlements: granted}
	if err != nil {
		return put, err
	}
	if !oneLine(b.Name) {
		return put, errName
	}
	if a := b.Administrator; a != nil {
		if a.Name != "" && !oneLine(a.Name) {
			return put, errName.At("administrator.name")
		}
		put.Administrator = &policy.NewAdministrator{ID: a.ID, Name: a.Name, Email: a.Email, Permissions: permissionsOf(a.Permissions)}
	}
	if a := b.Application; a != nil {
		if a.Name != "" && !oneLine(a.Name) {
			return put, errName.At("application.name")
		}
		put.Application = &policy.NewApplication{ID: a.ID, Name: a.Name}
	}
	return put, nil
}

func showOrganization(o org.Organization) organizationShown {
	return organizationShown{
		ID: o.ID, Name: o.Name, Entitlements: showEntitlements(o.Entitlements), Policy: showPolicy(o.Policy),
		CreatedAt: o.CreatedAt.UTC().Truncate(time.Second),
	}
}
