package story

import (
	"context"
	"net/http"
)

// support acts in the administrator's place, as far as that goes, and no further.
func (s *Story) support(ctx context.Context) error {
	begun, err := s.call(ctx, s.SystemKey, http.MethodPost, s.path("/impersonations"), fields{"administrator": adminID, "reason": "ticket 4711"}, http.StatusCreated)
	if err != nil {
		return err
	}
	token := begun.text("token")
	s.secret("token of an impersonation", token)
	path, reason := s.path("/users/u-2/enforcement"), "asked for by telephone"
	required, err := s.call(ctx, token, http.MethodPut, path, fields{"enforcement": "required", "reason": reason}, http.StatusOK)
	if err := all(err, want("who required it", required.at("enforcement", "set_by"), "system-administrator-1 for "+adminID)); err != nil {
		return err
	}
	refused, err := s.call(ctx, token, http.MethodGet, s.path("/keys"), nil, http.StatusForbidden)
	if err := all(err, want("code", refused.text("code"), "impersonating")); err != nil {
		return err
	}
	return s.toldAt(ctx, adminEmail, "The vendor acts in an administrator's place")
}
