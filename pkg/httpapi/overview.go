package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
)

type overviewShown struct {
	Standing       standing             `json:"standing" doc:"What the next login in a browser would be answered, and why."`
	MayDisable     bool                 `json:"may_disable" doc:"The user is enrolled and may switch off: nothing obliges the user."`
	Suspended      bool                 `json:"suspended" doc:"After too many wrong codes in a row: until a recovery or a reset."`
	LockedUntil    *time.Time           `json:"locked_until,omitempty"`
	Authenticators []authenticatorShown `json:"authenticators" doc:"The default first."`
	RecoveryEmail  recoveryEmailShown   `json:"recovery_email,omitzero"`
	Undeliverable  []undeliverableShown `json:"undeliverable,omitempty" doc:"Addresses and numbers that messages do not go to as they should: advise the user to give another."`
	CodesLeft      int                  `json:"recovery_codes_left"`
	CodesLow       bool                 `json:"recovery_codes_low,omitzero" doc:"Enrolled, and three or fewer are left: advise the user to make new ones."`
	Devices        []deviceShown        `json:"devices" doc:"The browsers that are trusted now, the latest first."`
	AppPasswords   []appPasswordShown   `json:"app_passwords" doc:"The latest first; none shows its password."`
	DeclinedAt     *time.Time           `json:"announcements_declined_at,omitempty" doc:"Since when the user gets no announcements, by own wish. Absent: they come."`
	Activity       []activityShown      `json:"activity" doc:"What happened lately, the latest first, at most twenty; it may be a moment behind."`
}

type activityShown struct {
	At      time.Time         `json:"at"`
	Kind    string            `json:"kind" doc:"Stable, as in the audit."`
	By      string            `json:"by" enum:"user,administrator,vendor,system" doc:"The user, through the application; an administrator of the organisation; the vendor; Twofold itself."`
	Address string            `json:"address,omitempty" doc:"The browser's, as the application claimed."`
	Reason  string            `json:"reason,omitempty" doc:"An administrator's."`
	Details map[string]string `json:"details,omitempty"`
}

type overviewOutput struct{ Body overviewShown }

func registerOverview(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "get-security", Method: http.MethodGet, Path: "/v1/organizations/{organization}/users/{user}/security", Rule: enroll.DevicesRule(),
		Summary:     "A user's own view: status, authenticators, devices, app passwords, recovery codes left, what happened lately",
		Description: "All that a page for the user needs, in one call. It names no administrator.",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*overviewOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		o, err := s.Overview(ctx, c, of)
		if err != nil {
			return nil, err
		}
		return &overviewOutput{Body: showOverview(o)}, nil
	})
}

func showOverview(o enroll.Overview) overviewShown {
	return overviewShown{
		Standing: showStanding(o.Status).Body, MayDisable: o.MayDisable, Suspended: o.Suspended, LockedUntil: moment(o.LockedUntil),
		Authenticators: each(o.Authenticators, showAuthenticator), RecoveryEmail: showRecoveryEmail(o.RecoveryEmail),
		Undeliverable: showTroubles(o.Troubles), DeclinedAt: moment(o.DeclinedAt),
		CodesLeft: o.CodesLeft, CodesLow: o.Status.Enrolled && o.CodesLeft <= fewCodes, Devices: each(o.Devices, showDevice),
		AppPasswords: each(o.AppPasswords, showAppPassword),
		Activity:     each(o.Activity, showActivity),
	}
}

// by says who did something, in the user's words.
var by = map[string]string{
	string(access.Application): "user", string(access.OrganizationAdministrator): "administrator",
	string(access.SystemAdministrator): "vendor", audit.System: "system", audit.Recipient: "user",
}

func showActivity(e audit.Event) activityShown {
	return activityShown{
		At: e.At.UTC().Truncate(time.Second), Kind: string(e.Kind), By: by[e.Role], Address: e.Claimed, Reason: e.Reason, Details: e.Details,
	}
}
