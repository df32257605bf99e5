package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/people"
)

type issuedKey struct {
	ID     string `json:"id"`
	Role   string `json:"role"`
	Holder string `json:"holder"`
	Key    string `json:"key" doc:"The key, shown this once."`
}

type issuedOutput struct{ Body issuedKey }

type keyShown struct {
	ID          string     `json:"id"`
	Role        string     `json:"role" enum:"system_admin,org_admin,application,reader"`
	Holder      string     `json:"holder"`
	Name        string     `json:"name,omitempty"`
	Permissions []string   `json:"permissions" doc:"What an administrator's key may do now; empty for other roles."`
	Scoped      bool       `json:"scoped" doc:"It was narrowed when it was made, and stays so whatever its holder is given."`
	CreatedAt   time.Time  `json:"created_at"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	LastUsedAt  *time.Time `json:"last_used_at,omitempty" doc:"The full hour. Reading reports and audit is not noted, so a reader has none."`
	Console     bool       `json:"console,omitzero" doc:"It is a session of the console, in which its holder is signed in: it can be revoked, and not rotated."`
}

type keysOutput struct {
	Body struct {
		Keys []keyShown `json:"keys" doc:"All that are live. None shows a secret."`
	}
}

type proposeKeyInput struct {
	OrganizationPath
	Body struct {
		Administrator string     `json:"administrator,omitempty" maxLength:"48"`
		Application   string     `json:"application,omitempty" maxLength:"48"`
		Reader        string     `json:"reader,omitempty" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"A name for whoever reads reports and audit and does nothing else: an auditor, a SIEM."`
		Rotate        string     `json:"rotate,omitempty" pattern:"^[0-9a-f]{1,64}$" doc:"The id of a key to replace, instead of a holder: the new one has its holder and scope."`
		OverlapHours  *int       `json:"overlap_hours,omitempty" minimum:"0" maximum:"168" doc:"How long the old key lives on; 24 where absent. Only with rotate."`
		Name          string     `json:"name,omitempty" maxLength:"80"`
		Permissions   []string   `json:"permissions,omitempty" maxItems:"7" enum:"policy:write,users:write,users:reset,reports:read,audit:read,announcements:write,keys:write" doc:"What an administrator's key may do, of what the administrator may; all of it, now and later, where none is named."`
		ExpiresAt     *time.Time `json:"expires_at,omitempty" doc:"Never, where absent; with rotate, as long from now as the old key was to live."`
	}
}

var errOverlap = fault.New(fault.Unprocessable, codeInvalidField, "Only a key in place of another has an overlap: it goes with rotate.").At("overlap_hours")

type keyPath struct {
	OrganizationPath
	Key string `path:"key" pattern:"^[0-9a-f]{1,64}$" doc:"The key's id."`
}

func registerKeys(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "list-keys", Method: http.MethodGet, Path: "/v1/organizations/{organization}/keys", Rule: people.KeysRule,
		Summary: "The live keys of administrators, applications and readers",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*keysOutput, error) {
		keys, err := s.Keys(ctx, c, in.Organization)
		out := &keysOutput{}
		out.Body.Keys = each(keys, showKey)
		return out, err
	})
	Register(api, Operation{
		ID: "revoke-key", Method: http.MethodDelete, Path: "/v1/organizations/{organization}/keys/{key}", Rule: people.KeysRule,
		Summary:     "Revoke a key, with effect on the next request",
		Description: "It is never refused because the key is somebody's last: one in the wrong hands must be stoppable at once.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *keyPath) (*struct{}, error) {
		return nil, s.RevokeKey(ctx, c, in.Organization, in.Key)
	})
	registerKeyChanges(api, s)
}

func registerKeyChanges(api *API, s *people.Service) {
	const all, changes = "/v1/organizations/{organization}/keys", "/v1/organizations/{organization}/keys/changes"
	Register(api, Operation{
		ID: "propose-key", Method: http.MethodPost, Path: all, Rule: people.KeysRule, Success: http.StatusCreated,
		Summary:     "Ask for a key, or for one in place of another",
		Description: "Nothing is issued yet: a code is mailed to your own address. One such proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"invalid_holder", "invalid_scope", "invalid_expiry", "invitation_open", "too_many_keys", "permission_lacking", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeKeyInput) (*personChangeOutput, error) {
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		p, err := s.ProposeKey(ctx, c, in.Organization, wanted)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-key-change", Method: http.MethodGet, Path: changes + "/{change}", Rule: people.KeysRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*personChangeOutput, error) {
		p, err := s.KeyProposal(ctx, c, in.Organization, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-key", Method: http.MethodPost, Path: changes + "/{change}/confirm", Rule: people.KeysRule,
		Summary:     "Issue the key with a second word",
		Description: "The key is shown this once. Confirming again is `secret_already_shown`: whoever did not see the reply rotates that key, or revokes it.",
		Problems: []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "secret_already_shown", "holder_moved", "invitation_open", "too_many_keys",
			"permission_lacking", "invalid_expiry", "invalid_scope", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmInput) (*issuedOutput, error) {
		k, err := s.ConfirmKey(ctx, c, in.Organization, in.Change, in.word())
		return &issuedOutput{Body: showIssued(k)}, err
	})
}

func (in proposeKeyInput) wanted() (people.NewKey, error) {
	b := in.Body
	wanted := people.NewKey{
		Holder: people.Holder{Administrator: b.Administrator, Application: b.Application, Reader: b.Reader},
		Name:   b.Name, Scope: permissionsOf(b.Permissions), Rotates: b.Rotate,
	}
	if b.Name != "" && !oneLine(b.Name) {
		return wanted, errName
	}
	if b.Rotate == "" && b.OverlapHours != nil {
		return wanted, errOverlap
	}
	if b.Rotate != "" && (wanted.Holder != people.Holder{} || len(b.Permissions) > 0) {
		return wanted, people.ErrHolder.At("rotate")
	}
	if b.Rotate != "" {
		wanted.Overlap = people.UsualOverlap
	}
	if b.OverlapHours != nil {
		wanted.Overlap = time.Duration(*b.OverlapHours) * time.Hour
	}
	if b.ExpiresAt != nil {
		wanted.ExpiresAt = b.ExpiresAt.UTC().Truncate(time.Second)
	}
	return wanted, nil
}

// permissionsOf reads permissions. Named twice is granted once. (huma's own check of uniqueness panics on items that are no strings.)
func permissionsOf(words []string) []access.Permission {
	var permissions []access.Permission
	for _, p := range words {
		if !slices.Contains(permissions, access.Permission(p)) {
			permissions = append(permissions, access.Permission(p))
		}
	}
	return permissions
}

func showKey(k access.Key) keyShown {
	return keyShown{
		ID: k.ID, Role: string(k.Role), Holder: k.Holder, Name: k.Name, Permissions: names(k.Permissions), Scoped: len(k.Scope) > 0,
		CreatedAt: k.CreatedAt.UTC().Truncate(time.Second), ExpiresAt: moment(k.ExpiresAt), LastUsedAt: moment(k.LastUsedAt), Console: k.Console,
	}
}

func showIssued(k people.Issued) issuedKey {
	return issuedKey{ID: k.ID, Role: string(k.Role), Holder: k.Holder, Key: k.Text}
}
