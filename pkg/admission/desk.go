package admission

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// ErrClosed says that the console's own key was revoked: whoever did so has closed the console to everybody who is not in it. Removing the
// application opens it again.
var ErrClosed = fault.New(fault.Forbidden, "console_closed", "A system administrator has closed the console.")

// The console's own application, by which it asks for administrators' second factors as any application does.
const (
	applicationID   = "console"
	applicationName = "Console"
	addresses       = 5 // that it may be reached at
)

// UserOf is who an administrator is as a user of access.Administrators. Somebody who is invited again after a removal, under the same id, is
// another.
func UserOf(a org.Administrator) string {
	return a.Organization + "/" + a.ID + "/" + strconv.FormatInt(a.CreatedAt.Unix(), 36)
}

// Desk gives the credential by which the console asks for second factors, sending browsers back to an address of its own. The organisation of the
// administrators, and the console's application in it, are made when they are needed first. Its key is derived, and so stored nowhere.
func (s *Service) Desk(ctx context.Context, returnTo string) (access.Credential, error) {
	now := s.Now()
	return user.Race(func() (access.Credential, error) {
		a, err := s.Store.Application(ctx, access.Administrators, applicationID)
		if err != nil {
			return access.Credential{}, fault.Down(err)
		}
		if a == nil {
			return s.found(ctx, returnTo, now)
		}
		key, credential, err := s.derived(*a)
		if err != nil {
			return credential, fault.Down(err)
		}
		stored, _, err := s.Store.ReadOrganization(ctx, credential, access.Administrators)
		switch {
		case err != nil:
			return credential, fault.Down(err)
		case stored == nil:
			return credential, s.replace(ctx, *a, key, now) // the keyset has another key by now
		case !stored.Valid(credential, now):
			return credential, ErrClosed
		case !slices.Contains(stored.ReturnAddresses, returnTo):
			return credential, s.readdress(ctx, *a, *stored, returnTo, now)
		}
		return credential, nil
	})
}

// derived makes the application's key: the same each time, until the application is another.
func (s *Service) derived(a org.Application) (access.Key, access.Credential, error) {
	raw, err := s.raw("console-key", a.CreatedAt.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return access.Key{}, access.Credential{}, err
	}
	key, credential, err := access.DerivedKey(access.Application, raw, a.CreatedAt)
	key.Holder, key.Organizations, key.ReturnAddresses = a.ID, []string{a.Organization}, a.ReturnAddresses
	return key, credential, err
}

// raw are the bytes of a key that is derived: the same for the same words.
func (s *Service) raw(words ...string) ([]byte, error) {
	var raw []byte
	for _, part := range []struct {
		name string
		n    int
	}{{"id", access.RawIDBytes}, {"secret", access.RawKeyBytes - access.RawIDBytes}} {
		more, err := s.Codes.PRF(s.Codes.PRFKeyID(), fmt.Appendf(nil, "%s %q", part.name, words), part.n)
		if err != nil {
			return nil, err
		}
		raw = append(raw, more...)
	}
	return raw, nil
}

// found makes the organisation whose users are the administrators, where there is none, and the console's application. Everybody must have a second
// factor, the mailbox alone never gives one back, and the mailed code has proven the login address before anybody can enrol.
func (s *Service) found(ctx context.Context, returnTo string, now time.Time) (access.Credential, error) {
	now = now.Truncate(time.Microsecond)
	a := org.Application{
		ID: applicationID, Organization: access.Administrators, Name: applicationName, ReturnAddresses: []string{returnTo}, CreatedAt: now, Rev: 1,
	}
	key, credential, err := s.derived(a)
	if err != nil {
		return credential, fault.Down(err)
	}
	a.Keys = []string{key.ID}
	change := Change{Application: &a, Keys: []access.Key{key}}
	_, there, err := s.Store.ReadOrganization(ctx, credential, access.Administrators)
	if err != nil {
		return credential, fault.Down(err)
	}
	if there == nil {
		o := founded(now)
		change.Organization = &o
		change.Events = append(change.Events, ours(audit.OrganizationCreated, map[string]string{"name": o.Name}, now))
	}
	change.Events = append(change.Events, ours(audit.ApplicationAdded, map[string]string{"application": a.ID, "name": a.Name}, now))
	return credential, s.write(ctx, change)
}

func founded(now time.Time) org.Organization {
	p := org.DefaultOrganizationPolicy(now)
	p.Status, p.EnforceFrom, p.EnrollmentProof, p.RecoveryEmailDistinct = org.Forced, now.Truncate(time.Second), org.ProofPassword, true
	return org.Organization{
		ID: access.Administrators, Name: "Twofold", Entitlements: org.Entitlements{TwoFactor: true}, CreatedAt: now, Rev: 1, Policy: p,
	}
}

// replace puts the key that is derived by now in the place of those of before, which nobody can make any more.
func (s *Service) replace(ctx context.Context, a org.Application, key access.Key, now time.Time) error {
	old, err := s.Store.Keys(ctx, a.Keys...)
	if err != nil {
		return fault.Down(err)
	}
	if len(old) == 0 {
		return ErrClosed // what is revoked is the application's no more
	}
	change := Change{Application: &a, Keys: []access.Key{key}}
	for _, k := range old {
		k.RevokedAt = now
		change.Altered = append(change.Altered, k)
	}
	a.Keys, a.Rev = []string{key.ID}, a.Rev+1
	change.Events = []audit.Event{ours(audit.KeyIssued, map[string]string{"key": key.ID, "role": string(key.Role), "holder": a.ID}, now)}
	return s.write(ctx, change)
}

// readdress lets browsers come back to an address more: where the console is now.
func (s *Service) readdress(ctx context.Context, a org.Application, key access.Key, returnTo string, now time.Time) error {
	a.ReturnAddresses = append(slices.Clone(a.ReturnAddresses), returnTo)
	if len(a.ReturnAddresses) > addresses {
		a.ReturnAddresses = a.ReturnAddresses[1:]
	}
	a.Rev++
	key.ReturnAddresses = a.ReturnAddresses
	e := ours(audit.ApplicationChanged, map[string]string{"application": a.ID, "return_addresses_added": returnTo}, now)
	return s.write(ctx, Change{Application: &a, Altered: []access.Key{key}, Events: []audit.Event{e}})
}

// ours is an event of the administrators' own organisation that nobody decided.
func ours(kind audit.Kind, details map[string]string, now time.Time) audit.Event {
	return audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: kind, Organization: access.Administrators, Role: audit.System, Details: details,
	}
}
