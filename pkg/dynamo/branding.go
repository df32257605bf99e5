package dynamo

import (
	"context"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// brandingAttributes are all that this version knows: one that a write does not set is removed by it.
var brandingAttributes = []string{
	"rev", "name", "language", "color", "logo", "logo_type", "logo_width", "logo_height", "texts", "changed_at", "changed_by",
}

func encodeBranding(b org.Branding) item {
	i := brandingKey(b.Organization).item()
	i.number("rev", b.Rev)
	i.text("name", b.Name)
	i.text("language", b.Language)
	i.text("color", b.Color)
	if l := b.Logo; l != nil {
		i.bytes("logo", l.Data)
		i.text("logo_type", l.Type)
		i.number("logo_width", int64(l.Width))
		i.number("logo_height", int64(l.Height))
	}
	i.dictionary("texts", b.Texts)
	i.moment("changed_at", b.ChangedAt)
	i.text("changed_by", b.ChangedBy)
	return i
}

func decodeBranding(i item) (org.Branding, error) {
	must, may, err := read("BRANDING", i)
	b := org.Branding{
		Organization: organizationOf(must), Rev: must.number("rev"), Name: may.text("name"), Language: may.text("language"), Color: may.text("color"),
		Texts: may.dictionary("texts"), ChangedAt: may.moment("changed_at"), ChangedBy: may.text("changed_by"),
	}
	if _, has := i["logo"]; has {
		b.Logo = &org.Logo{
			Type: choice(must, "logo_type", "image/png", "image/jpeg"), Data: must.bytes("logo"),
			Width: int(must.number("logo_width")), Height: int(must.number("logo_height")),
		}
	}
	return b, *err
}

// brandingOr decodes a branding; an organisation of which nobody has said anything has the zero value.
func brandingOr(i item, organization string) (org.Branding, error) {
	if i == nil {
		return org.Branding{Organization: organization}, nil
	}
	return decodeBranding(i)
}

// Branding gets how an organisation shows itself, strongly consistent. It is branding.Store's and mail.Store's. (A batch of one, so that
// the mailer needs no permission more.)
func (s *Store) Branding(ctx context.Context, organization string) (org.Branding, error) {
	k := brandingKey(organization)
	found, err := s.batch(ctx, k)
	if err != nil {
		return org.Branding{}, err
	}
	return brandingOr(found[k], organization)
}

// WriteBranding writes one with its event, in one transaction. It is branding.Store's.
func (s *Store) WriteBranding(ctx context.Context, b org.Branding, e audit.Event) error {
	return s.commit(ctx, append(s.events([]audit.Event{e}), s.updated(encodeBranding(b), b.Rev, brandingAttributes)))
}

// Addressee gets what a user's mails need, in one strongly consistent batch. It is mail.Store's.
func (s *Store) Addressee(ctx context.Context, organization, id string) (*mail.Organization, *user.Profile, user.Factors, error) {
	none := user.Factors{Organization: organization, User: id}
	shown := brandingKey(organization)
	o, m, found, err := s.recipient(ctx, organization, id, shown)
	if err != nil || o == nil {
		return nil, m.Profile, none, err
	}
	b, err := brandingOr(found[shown], organization)
	if err != nil {
		return nil, nil, none, err
	}
	return &mail.Organization{Organization: *o, Branding: b}, m.Profile, m.Factors, nil
}
