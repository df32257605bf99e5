package policy

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Put is what a system administrator says of an organisation. Administrator and application, where
// named and not there yet, are made with it, each with a key that is shown once.
type Put struct {
	ID            string
	Name          string
	Entitlements  org.Entitlements
	Administrator *NewAdministrator
	Application   *NewApplication
	New           bool  // one that is there is not changed: ErrExists
	Base          int64 // the revision that this was said of: where it is another by now, ErrOrganizationMoved; 0: whatever it is
}

// NewAdministrator is the first administrator of an organisation. No permissions named means all.
type NewAdministrator struct {
	ID          string
	Name        string
	Email       string
	Permissions []access.Permission
}

// NewApplication is a backend that asks at login.
type NewApplication struct {
	ID   string
	Name string
}

// Issued is a key as it is shown, once.
type Issued struct {
	ID     string
	Role   access.Role
	Holder string
	Text   string
}

// PutResult is an organisation as it stands, and the keys that were made.
type PutResult struct {
	Organization org.Organization
	Created      bool
	Keys         []Issued
	Consequences []Consequence // of what was withdrawn
}

// The refusals of an organisation.
var (
	ErrExists = fault.New(fault.Conflict, "organization_exists", "The organisation exists. Its people are invited, changed and given keys at …/administrators, …/applications and …/keys.")
	ErrID     = fault.New(fault.Unprocessable, "id_malformed", "An id is up to 48 letters, digits, '.', '_' and '-', and begins with a letter or a digit.")
	ErrName   = fault.New(fault.Unprocessable, "name_malformed", "A name is one line of at most 80 characters.")
	ErrEmail  = fault.New(fault.Unprocessable, "invalid_email", "This is not one bare email address.").At("administrator.email")
	// ErrReserved refuses to make the organisation of the administrators as any other is made.
	ErrReserved = fault.New(fault.Conflict, "reserved_id", "The administrators are an organisation of this id, which the console makes when one of them first signs in. Name yours otherwise.")
	// ErrAdministrators refuses to take two-factor from the administrators.
	ErrAdministrators = fault.New(fault.Unprocessable, "administrators_need_it", "The users of this organisation are the administrators, who come into the console with a second factor only.").At("entitlements.two_factor")
	// ErrStepUp refuses what must be proposed and confirmed.
	ErrStepUp = fault.New(fault.Conflict, "step_up_required", "The organisation forces two-factor authentication: propose this at its entitlements/changes, and confirm it with the code that is mailed to you.")
)

// PutOrganization creates an organisation or changes its name and entitlements. Repeating it changes nothing and shows no key again.
func (s *Service) PutOrganization(ctx context.Context, c access.Caller, in Put) (PutResult, error) {
	if err := in.check(s.Originations); err != nil {
		return PutResult{}, err
	}
	now := s.Now()
	return user.Race(func() (PutResult, error) {
		snap, err := s.read(ctx, c, SystemRule, in.ID, now)
		if err != nil {
			return PutResult{}, err
		}
		p := putting{in: in, c: c, key: snap.Key, now: now}
		if err := p.organization(snap.Organization); err != nil {
			return PutResult{}, err
		}
		if p.change.Sender, err = s.sender(ctx, snap.Organization, in.Entitlements, now); err != nil {
			return PutResult{}, err
		}
		if p.result.Consequences, err = s.consequences(ctx, snap.Organization, in.Entitlements); err != nil {
			return PutResult{}, err
		}
		if err := s.people(ctx, &p); err != nil {
			return PutResult{}, err
		}
		if p.change.Organization != nil || len(p.change.Events) > 0 {
			if err := s.write(ctx, in.ID, p.change); err != nil {
				return PutResult{}, err
			}
		}
		return p.result, nil
	})
}

// grantable refuses entitlements that an organisation may not have. Administrators keep two-factor: without it nobody comes into the console to
// give it back.
func grantable(organization string, e org.Entitlements) error {
	if organization == access.Administrators && !e.TwoFactor {
		return ErrAdministrators
	}
	return nil
}

func (in *Put) check(o org.Originations) error {
	switch {
	case !org.ID(in.ID):
		return ErrID.At("id")
	case !named(in.Name):
		return ErrName.At("name")
	}
	if err := in.Entitlements.Check(o); err != nil {
		return err
	}
	if a := in.Application; a != nil {
		if err := called("application", a.ID, a.Name); err != nil {
			return err
		}
	}
	if a := in.Administrator; a != nil {
		if err := called("administrator", a.ID, a.Name); err != nil {
			return err
		}
		address, ok := user.Address(a.Email)
		if !ok {
			return ErrEmail
		}
		a.Email = address
	}
	return nil
}

const maxName = 80 // characters

func named(s string) bool { return user.OneLine(s) && utf8.RuneCountInString(s) <= maxName }

// called judges the id and the name of somebody, who may have none.
func called(whom, id, name string) error {
	switch {
	case !org.ID(id):
		return ErrID.At(whom + ".id")
	case name != "" && !named(name):
		return ErrName.At(whom + ".name")
	}
	return nil
}

// putting gathers what a Put changes.
type putting struct {
	in     Put
	c      access.Caller
	key    *access.Key
	now    time.Time
	change Change
	result PutResult
}

func (p *putting) organization(stored *org.Organization) error {
	if stored == nil && p.in.ID == access.Administrators {
		return ErrReserved.At("id")
	}
	if stored == nil {
		created := org.Organization{
			ID: p.in.ID, Name: p.in.Name, Entitlements: p.in.Entitlements, CreatedAt: p.now, Rev: 1,
			Policy: org.DefaultOrganizationPolicy(p.now),
		}
		p.result.Created = true
		p.result.Organization, p.change.Organization = created, &created
		details := created.Entitlements.Differences(org.Entitlements{})
		details["name"] = created.Name
		p.log(audit.OrganizationCreated, details)
		p.change.History = &created.Policy
		return nil
	}
	if err := grantable(p.in.ID, p.in.Entitlements); err != nil {
		return err
	}
	p.result.Organization = *stored
	if stored.Name == p.in.Name && stored.Entitlements == p.in.Entitlements {
		return nil
	}
	switch {
	case p.in.New:
		return ErrExists.At("id")
	case p.in.Base != 0 && p.in.Base != stored.Rev:
		return ErrOrganizationMoved
	}
	withdrawn := p.in.Entitlements.Withdraws(stored.Entitlements)
	if len(withdrawn) > 0 && stored.Policy.Status == org.Forced {
		return ErrStepUp.At("entitlements." + withdrawn[0])
	}
	changed := *stored
	changed.Rev++
	changed.Name, changed.Entitlements = p.in.Name, p.in.Entitlements
	p.result.Organization, p.change.Organization = changed, &changed
	if stored.Name != changed.Name {
		p.log(audit.OrganizationChanged, map[string]string{"name": changed.Name})
	}
	if stored.Entitlements != changed.Entitlements {
		p.change.Events = append(p.change.Events, entitlementsEvent(*stored, changed, p.key, p.c, p.now))
	}
	return nil
}

func (p *putting) log(kind audit.Kind, details map[string]string) {
	e := event(kind, p.in.ID, p.key, p.c, p.now)
	e.Details = details
	p.change.Events = append(p.change.Events, e)
}

// people makes the first administrator and the first application with the organisation. On one that exists already the same may be said
// again; whatever would change somebody has an own place and a second word.
func (s *Service) people(ctx context.Context, p *putting) error {
	if a := p.in.Administrator; a != nil {
		if p.result.Created {
			p.administrator(*a)
		} else if err := s.knownAdministrator(ctx, p.in.ID, *a); err != nil {
			return err
		}
	}
	if a := p.in.Application; a != nil {
		if p.result.Created {
			p.application(*a)
			return nil
		}
		known, err := s.Store.Application(ctx, p.in.ID, a.ID)
		switch {
		case err != nil:
			return fault.Down(err)
		case known == nil:
			return ErrExists.At("application.id")
		case known.Name != a.Name:
			return ErrExists.At("application.name")
		}
	}
	return nil
}

func (s *Service) knownAdministrator(ctx context.Context, organization string, a NewAdministrator) error {
	known, err := s.Store.Administrator(ctx, organization, a.ID)
	switch {
	case err != nil:
		return fault.Down(err)
	case known == nil:
		return ErrExists.At("administrator.id")
	case known.Name != a.Name:
		return ErrExists.At("administrator.name")
	case known.Email != a.Email:
		return ErrExists.At("administrator.email")
	}
	if len(a.Permissions) == 0 {
		a.Permissions = access.Permissions()
	}
	if !slices.Equal(slices.Sorted(slices.Values(known.Permissions)), slices.Sorted(slices.Values(spelled(a.Permissions)))) {
		return ErrExists.At("administrator.permissions")
	}
	return nil
}

func (p *putting) administrator(a NewAdministrator) {
	if len(a.Permissions) == 0 {
		a.Permissions = access.Permissions()
	}
	p.log(audit.AdministratorAdded, map[string]string{"administrator": a.ID})
	key := p.issue(access.OrganizationAdministrator, a.ID, a.Permissions)
	p.change.Administrators = append(p.change.Administrators, org.Administrator{
		ID: a.ID, Organization: p.in.ID, Name: a.Name, Email: a.Email, Permissions: spelled(a.Permissions), Keys: []string{key},
		CreatedAt: p.now, Rev: 1,
	})
	if slices.Contains(a.Permissions, access.PolicyWrite) {
		p.change.Roster = &org.Roster{Organization: p.in.ID, Rev: 1, Writers: []string{a.ID}}
	}
}

func (p *putting) application(a NewApplication) {
	p.log(audit.ApplicationAdded, map[string]string{"application": a.ID})
	key := p.issue(access.Application, a.ID, nil)
	p.change.Applications = append(p.change.Applications, org.Application{
		ID: a.ID, Organization: p.in.ID, Name: a.Name, Keys: []string{key}, CreatedAt: p.now, Rev: 1,
	})
}

// issue makes a key with its holder and gives its id.
func (p *putting) issue(role access.Role, holder string, permissions []access.Permission) string {
	key, issued := newKey(role, p.in.ID, holder, permissions, p.now)
	p.change.Keys = append(p.change.Keys, key)
	p.result.Keys = append(p.result.Keys, issued)
	p.log(audit.KeyIssued, map[string]string{"key": key.ID, "role": string(role), "holder": holder})
	return key.ID
}

func newKey(role access.Role, organization, holder string, permissions []access.Permission, now time.Time) (access.Key, Issued) {
	key, text := access.NewKey(role, now)
	key.Holder, key.Organizations, key.Permissions = holder, []string{organization}, permissions
	return key, Issued{ID: key.ID, Role: role, Holder: holder, Text: text}
}

func spelled(permissions []access.Permission) []string {
	out := make([]string, len(permissions))
	for i, p := range permissions {
		out[i] = string(p)
	}
	return out
}
