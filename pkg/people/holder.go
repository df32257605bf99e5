package people

import (
	"context"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Holder names whom a key is for: one of the three.
type Holder struct {
	Administrator string `json:"administrator,omitempty"`
	Application   string `json:"application,omitempty"`
	Reader        string `json:"reader,omitempty"`
}

// ErrHolder refuses a key for nobody, or for several.
var ErrHolder = fault.New(fault.Unprocessable, "invalid_holder", "A key is for one administrator, one application or one reader.")

// ErrInvited refuses a key for somebody whose invitation is still open.
var ErrInvited = fault.New(fault.Conflict, "invitation_open", "This administrator has not accepted the invitation yet, which gives the first key.")

func (h Holder) check() error {
	named := 0
	for _, id := range []string{h.Administrator, h.Application, h.Reader} {
		if id != "" {
			named++
		}
	}
	switch {
	case named != 1:
		return ErrHolder
	case h.Reader != "" && !org.ID(h.Reader):
		return ErrID
	case h.Reader == "" && !org.ID(h.Administrator+h.Application):
		return access.ErrNotFound // nobody has such an id, and no store is asked
	}
	return nil
}

// holderOf names the holder of a key.
func holderOf(k access.Key) Holder {
	switch k.Role {
	case access.OrganizationAdministrator, access.SystemAdministrator:
		return Holder{Administrator: k.Holder}
	case access.Application:
		return Holder{Application: k.Holder}
	case access.Reader:
		return Holder{Reader: k.Holder}
	}
	return Holder{}
}

// held is somebody with keys, as read.
type held struct {
	role          access.Role
	id            string
	organization  string
	permissions   []access.Permission // that the holder has
	keys          []string
	rev           int64
	administrator *org.Administrator
	application   *org.Application
	reader        *org.Reader
}

// holder reads one; access.ErrNotFound where there is none. A reader is made by its first key.
func (s *Service) holder(ctx context.Context, organization string, h Holder) (held, error) {
	switch {
	case h.Administrator != "":
		a, err := s.Store.Administrator(ctx, organization, h.Administrator)
		if err != nil || a == nil {
			return held{}, absent(err)
		}
		if !a.Active() {
			return held{}, ErrInvited
		}
		return heldByAdministrator(*a), nil
	case h.Application != "":
		a, err := s.Store.Application(ctx, organization, h.Application)
		if err != nil || a == nil {
			return held{}, absent(err)
		}
		return heldByApplication(*a), nil
	}
	r, err := s.Store.Reader(ctx, organization, h.Reader)
	if err != nil {
		return held{}, fault.Down(err)
	}
	if r == nil {
		r = &org.Reader{ID: h.Reader, Organization: organization}
	}
	return heldByReader(*r), nil
}

func heldByAdministrator(a org.Administrator) held {
	return held{
		role: roleAt(a.Organization), id: a.ID, organization: a.Organization, permissions: permissionsOf(a),
		keys: a.Keys, rev: a.Rev, administrator: &a,
	}
}

func heldByApplication(a org.Application) held {
	return held{role: access.Application, id: a.ID, organization: a.Organization, keys: a.Keys, rev: a.Rev, application: &a}
}

func heldByReader(r org.Reader) held {
	return held{role: access.Reader, id: r.ID, organization: r.Organization, keys: r.Keys, rev: r.Rev, reader: &r}
}

// absent is the answer where nothing was read: an outage, or that there is no such thing.
func absent(err error) error {
	if err != nil {
		return fault.Down(err)
	}
	return access.ErrNotFound
}

func permissionsOf(a org.Administrator) []access.Permission {
	out := make([]access.Permission, len(a.Permissions))
	for i, p := range a.Permissions {
		out[i] = access.Permission(p)
	}
	return out
}

// grants are the permissions that whoever issues a key to the holder gives away. A reader's key reads reports and audit.
func (h held) grants(k access.Key) []access.Permission {
	if h.role == access.Reader {
		return []access.Permission{access.ReportsRead, access.AuditRead}
	}
	return k.Permissions
}

// with puts the holder, with these keys, into a change.
func (h held) with(keys []string, v visit, c *Change) {
	switch {
	case h.administrator != nil:
		a := *h.administrator
		a.Keys, a.Rev, a.Deliver = keys, h.rev+1, ""
		c.Administrators = append(c.Administrators, a)
	case h.application != nil:
		a := *h.application
		a.Keys, a.Rev = keys, h.rev+1
		c.Applications = append(c.Applications, a)
	default:
		r := *h.reader
		r.Keys, r.Rev = keys, h.rev+1
		if h.rev == 0 {
			r.CreatedAt = v.now
		}
		c.Readers = append(c.Readers, r)
	}
}

// live reads the holder's keys and leaves out those that have ended.
func (s *Service) live(ctx context.Context, h held, v visit) ([]access.Key, error) {
	keys, err := s.Store.Keys(ctx, h.keys...)
	if err != nil {
		return nil, fault.Down(err)
	}
	return slices.DeleteFunc(keys, func(k access.Key) bool { return !k.Live(v.now) }), nil
}

func idsOf(keys []access.Key) []string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}
