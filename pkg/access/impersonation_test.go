package access_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
)

// session is root acting as ann of acme, with the key that it was begun with beside it.
func session(t *testing.T) (access.Key, access.Credential) {
	t.Helper()
	parent, _ := access.NewKey(access.SystemAdministrator, noon)
	parent.Holder, parent.Everywhere = "root", true
	s, text := access.NewSession(&parent, "acme", "ann", access.Permissions(), "ticket 12", noon)
	s.Parent = &parent
	return s, present(t, text)
}

var anybody = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}}

func TestASessionIsJudgedWithTheKeyThatItWasBegunWith(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *access.Key)
		rule   access.Rule
		target string
		at     time.Duration
		want   error
	}{
		"all is well":                  {func(*access.Key) {}, writePolicy, "acme", 0, nil},
		"its last moment":              {func(*access.Key) {}, writePolicy, "acme", access.SessionLife - 1, nil},
		"expired":                      {func(*access.Key) {}, anybody, "acme", access.SessionLife, access.ErrSessionEnded},
		"ended":                        {func(s *access.Key) { s.RevokedAt = noon }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent gone":                  {func(s *access.Key) { s.Parent = nil }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent revoked":               {func(s *access.Key) { s.Parent.RevokedAt = noon }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent expired":               {func(s *access.Key) { s.Parent.ExpiresAt = noon }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent of another role":       {func(s *access.Key) { s.Parent.Role = access.Application }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent good for less":         {func(s *access.Key) { s.Parent.Everywhere = false }, anybody, "acme", 0, access.ErrSessionEnded},
		"parent of somebody else":      {func(s *access.Key) { s.Parent.Holder = "rita" }, anybody, "acme", 0, access.ErrSessionEnded},
		"another parent was read":      {func(s *access.Key) { s.Parent.ID = "other" }, anybody, "acme", 0, access.ErrSessionEnded},
		"another organisation":         {func(*access.Key) {}, writePolicy, "globex", 0, access.ErrElsewhere},
		"what nobody does for another": {func(*access.Key) {}, access.Rule{Roles: anybody.Roles, InPerson: true}, "acme", 0, access.ErrImpersonated},
		"keys": {func(*access.Key) {}, access.Rule{Roles: anybody.Roles, Permission: access.KeysWrite}, "acme", 0,
			access.ErrPermission},
		"nested": {func(*access.Key) {}, access.Rule{Roles: []access.Role{access.SystemAdministrator}}, "acme", 0, access.ErrRole},
	} {
		s, c2 := session(t)
		c.change(&s)
		if err := access.Authorize(&s, c2, c.rule, c.target, noon.Add(c.at)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A token that somebody made up out of a session's and of other keys' ids proves nothing.
func TestASessionIsNoKey(t *testing.T) {
	s, presented := session(t)
	forged := presented
	forged.Parent = ""
	if err := access.Authorize(&s, forged, anybody, "acme", noon); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a session without its parent: %v", err)
	}
	forged.Parent = "another"
	if err := access.Authorize(&s, forged, anybody, "acme", noon); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a session with another parent: %v", err)
	}
	key, text := access.NewKey(access.OrganizationAdministrator, noon)
	named := present(t, text)
	named.Parent = s.Impersonation.Key
	if err := access.Authorize(&key, named, anybody, "", noon); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a key with a parent: %v", err)
	}
}

// Whatever the administrator is given or loses, the session follows, and keys are never among it.
func TestASessionMayWhatTheAdministratorMay(t *testing.T) {
	s, _ := session(t)
	if slices.Contains(s.Permissions, access.KeysWrite) || len(s.Permissions) != len(access.Permissions())-1 {
		t.Errorf("may %v", s.Permissions)
	}
	less := s.Under([]access.Permission{access.AuditRead, access.KeysWrite})
	if !slices.Equal(less.Permissions, []access.Permission{access.AuditRead}) {
		t.Errorf("after a lowering may %v", less.Permissions)
	}
}

func TestAnEventOfAnImpersonationNamesBoth(t *testing.T) {
	s, _ := session(t)
	c := access.Caller{Seen: "192.0.2.1", RequestID: "r"}
	e := c.Event(audit.PolicyChanged, "acme", &s, noon)
	if e.Role != "system_admin" || e.Actor != "root" || e.Key != s.Parent.ID || e.Subject != "ann" || e.Session != s.ID {
		t.Errorf("the event says %+v", e)
	}
	if home, holder := s.Home(); home != "" || holder != "root" || s.Who() != "root for ann" {
		t.Errorf("at home in %q as %q, is %q", home, holder, s.Who())
	}
	own := access.Key{ID: "k", Role: access.OrganizationAdministrator, Holder: "ann", Organizations: []string{"acme"}}
	if e := c.Event(audit.PolicyChanged, "acme", &own, noon); e.Actor != "ann" || e.Role != "org_admin" || e.Key != "k" || e.Subject+e.Session != "" || own.Who() != "ann" {
		t.Errorf("the event of ann herself says %+v", e)
	}
}
