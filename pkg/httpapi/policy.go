package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// policySettings is a policy as an administrator proposes it. What is left out has its default, not the present value: a
// proposal says the whole policy.
type policySettings struct {
	Status                string        `json:"status" enum:"disabled,enabled,forced" doc:"disabled; enabled: users may; forced: users must."`
	Methods               []string      `json:"methods" enum:"totp,email,sms" minItems:"1" maxItems:"3" doc:"Each at most once."`
	EnforceFrom           *time.Time    `json:"enforce_from,omitempty" doc:"When forcing begins. Where absent, when the policy is confirmed, or as before where it forces already."`
	GraceDays             int           `json:"grace_days,omitempty" minimum:"0" maximum:"365" doc:"Counted from the later of enforce_from and the user's registration."`
	RememberDevice        bool          `json:"remember_device,omitempty" doc:"Users may have a browser trusted when they prove their second factor, and are not asked for it there for remember_days."`
	RememberDays          int           `json:"remember_days,omitempty" minimum:"1" maximum:"30" default:"1" doc:"Counted from the proof. Fewer end the devices that are older. Whatever else makes a policy stricter ends all of them, and so does remembering no more."`
	AppPasswordServices   []string      `json:"app_password_services,omitempty" maxItems:"16" doc:"Services that have app passwords, beside the browser: imap, pop, smtp, … Users who need a second factor get in there with an app password only. Without a service here they get in there with nothing."`
	Recovery              *recoveryWays `json:"recovery,omitempty" doc:"Which ways back are open, and what follows; both, and the defaults, where absent."`
	EnrollmentProof       string        `json:"enrollment_proof,omitempty" enum:"login_email,ticket,password" default:"login_email" doc:"What must be shown, beyond the password, before an enrolment: a code to the login address, a ticket that an administrator made, or nothing: then whoever has the password enrols in the user's place."`
	RecoveryEmailDistinct bool          `json:"recovery_email_distinct,omitempty" doc:"The recovery email must differ from the login address."`
	Outage                string        `json:"outage,omitempty" enum:"closed,open" default:"closed"`
	SMSCountries          []string      `json:"sms_countries,omitempty" maxItems:"250" minLength:"2" maxLength:"2" doc:"The countries that codes by SMS may go to, of those that the organisation is entitled to; all of them where absent."`
	Retention             *retention    `json:"retention,omitempty" doc:"For how long logs are kept; as long as can be where absent. What is older is gone at once for everybody who reads, is removed within hours, and does not return with a longer retention."`
}

type retention struct {
	AuditDays  *int `json:"audit_days,omitempty" minimum:"366" maximum:"3660" doc:"Audit events. Absent: as long as the organisation is. The audit's log keeps the hashes of what is gone."`
	SignInDays *int `json:"sign_in_days,omitempty" minimum:"1" maximum:"90" default:"90" doc:"Rows of the sign-in log."`
}

type recoveryWays struct {
	MailedCode bool `json:"mailed_code" doc:"A one-time code to the recovery email."`
	SavedCodes bool `json:"saved_codes" doc:"The ten saved recovery codes."`
	Reenroll   bool `json:"reenroll,omitzero" doc:"Whoever takes a way back enrols again before anything is let in. Otherwise that is offered."`
	MailCodes  bool `json:"mail_codes,omitzero" doc:"Saved recovery codes are mailed to the recovery email instead of shown."`
	DelayHours *int `json:"delay_hours,omitempty" minimum:"0" maximum:"168" default:"24" doc:"A change of the recovery email waits so long before the new address can recover anything."`
}

type policyShown struct {
	Version               int64        `json:"version,omitzero" doc:"Absent in a proposal."`
	ChangedAt             *time.Time   `json:"changed_at,omitempty" doc:"Absent in a proposal."`
	ChangedBy             string       `json:"changed_by,omitempty" doc:"The administrator; of an impersonation <system administrator> for <administrator>."`
	Status                string       `json:"status" enum:"disabled,enabled,forced"`
	Methods               []string     `json:"methods"`
	EnforceFrom           *time.Time   `json:"enforce_from,omitempty"`
	GraceDays             int          `json:"grace_days"`
	RememberDevice        bool         `json:"remember_device"`
	RememberDays          int          `json:"remember_days"`
	AppPasswordServices   []string     `json:"app_password_services"`
	Recovery              recoveryWays `json:"recovery"`
	EnrollmentProof       string       `json:"enrollment_proof"`
	RecoveryEmailDistinct bool         `json:"recovery_email_distinct"`
	Outage                string       `json:"outage"`
	SMSCountries          []string     `json:"sms_countries,omitempty" doc:"Absent: all that the organisation is entitled to."`
	Retention             retention    `json:"retention"`
}

type policyOutput struct {
	ETag string `header:"ETag" doc:"The version, in quotes."`
	Body policyShown
}

func registerPolicy(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "get-policy", Method: http.MethodGet, Path: "/v1/organizations/{organization}/policy", Rule: policy.ReadRule,
		Summary: "The policy that holds now",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*policyOutput, error) {
		o, err := s.Organization(ctx, c, in.Organization)
		return showPolicyOutput(o.Policy), err
	})
}

type historyInput struct {
	OrganizationPath
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" pattern:"^[1-9][0-9]{0,9}$" doc:"Where the page before ended, from its next_cursor."`
}

type historyOutput struct {
	Body struct {
		Versions   []policyShown `json:"versions" doc:"The latest first."`
		NextCursor string        `json:"next_cursor,omitempty" doc:"Absent: there is no more."`
	}
}

func registerHistory(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "get-policy-history", Method: http.MethodGet, Path: "/v1/organizations/{organization}/policy/versions", Rule: policy.ReadRule,
		Summary:     "The policies that have held, with when and by whom they were made",
		Description: "A version never changes. What each changed, and from where, stands in the audit.",
	}, func(ctx context.Context, c access.Caller, in *historyInput) (*historyOutput, error) {
		before, _ := strconv.ParseInt(in.Cursor, 10, 64) // absent, or as the pattern says
		page, err := s.History(ctx, c, in.Organization, before, in.Limit)
		out := &historyOutput{}
		out.Body.Versions = each(page.Versions, showPolicy)
		if page.More {
			out.Body.NextCursor = strconv.FormatInt(page.Versions[len(page.Versions)-1].Version, 10)
		}
		return out, err
	})
}

func showPolicyOutput(p org.Policy) *policyOutput {
	return &policyOutput{ETag: tag(p.Version), Body: showPolicy(p)}
}

func showPolicy(p org.Policy) policyShown {
	return policyShown{
		Version: p.Version, ChangedAt: moment(p.ChangedAt), ChangedBy: p.ChangedBy,
		Status: string(p.Status), Methods: names(p.Methods), EnforceFrom: moment(p.EnforceFrom), GraceDays: p.GraceDays,
		RememberDevice: p.RememberDevice, RememberDays: p.RememberDays, AppPasswordServices: p.AppPasswordServices,
		Recovery: showRecovery(p.Recovery), EnrollmentProof: string(p.EnrollmentProof),
		RecoveryEmailDistinct: p.RecoveryEmailDistinct, Outage: string(p.Outage),
		SMSCountries: p.SMSCountries.List(), Retention: showRetention(p.Retention),
	}
}

func (p policySettings) policy() org.Policy {
	wanted := org.Policy{
		Status: org.Status(p.Status), Methods: methodsOf(p.Methods), GraceDays: p.GraceDays,
		RememberDevice: p.RememberDevice, RememberDays: p.RememberDays, AppPasswordServices: p.AppPasswordServices,
		Recovery: p.Recovery.recovery(), EnrollmentProof: org.Proof(p.EnrollmentProof),
		RecoveryEmailDistinct: p.RecoveryEmailDistinct, Outage: org.Outage(p.Outage),
		SMSCountries: org.Listed(p.SMSCountries), Retention: p.Retention.retention(),
	}
	if p.EnforceFrom != nil {
		wanted.EnforceFrom = p.EnforceFrom.UTC().Truncate(time.Second)
	}
	return wanted
}

func showRetention(r org.Retention) (shown retention) {
	r = r.Stated()
	if shown.SignInDays = &r.SignInDays; r.AuditDays != 0 {
		shown.AuditDays = &r.AuditDays
	}
	return shown
}

func (r *retention) retention() org.Retention {
	wanted := org.DefaultRetention()
	if r == nil {
		return wanted
	}
	if r.AuditDays != nil {
		wanted.AuditDays = *r.AuditDays
	}
	if r.SignInDays != nil {
		wanted.SignInDays = *r.SignInDays
	}
	return wanted
}

func showRecovery(r org.Recovery) recoveryWays {
	return recoveryWays{MailedCode: r.MailedCode, SavedCodes: r.SavedCodes, Reenroll: r.Reenroll, MailCodes: r.MailCodes, DelayHours: &r.DelayHours}
}

func (r *recoveryWays) recovery() org.Recovery {
	wanted := org.DefaultRecovery()
	if r == nil {
		return wanted
	}
	wanted.MailedCode, wanted.SavedCodes, wanted.Reenroll, wanted.MailCodes = r.MailedCode, r.SavedCodes, r.Reenroll, r.MailCodes
	if r.DelayHours != nil {
		wanted.DelayHours = *r.DelayHours
	}
	return wanted
}
