package memstore

import (
	"context"
	"maps"
	"reflect"

	"twofold/pkg/audit"
	"twofold/pkg/org"
)

// Branding implements branding.Store and mail.Store.
func (s *Store) Branding(_ context.Context, organization string) (b org.Branding, err error) {
	err = s.do(Branding, func() error {
		b = s.branding(organization)
		return nil
	})
	return b, err
}

func (s *Store) branding(organization string) org.Branding {
	stored, present := s.brandings[organization]
	if !present {
		return org.Branding{Organization: organization}
	}
	return settleBranding(stored)
}

// WriteBranding implements branding.Store.
func (s *Store) WriteBranding(_ context.Context, b org.Branding, e audit.Event) error {
	return s.do(WriteBranding, func() error {
		b := settleBranding(b)
		stored, present := s.brandings[b.Organization]
		return commit(append(s.eventParts([]audit.Event{e}), part{
			holds: follows(b.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, b), apply: func() { s.brandings[b.Organization] = b },
		}))
	})
}

func settleBranding(b org.Branding) org.Branding {
	b.ChangedAt, b.Texts = micro(b.ChangedAt), maps.Clone(b.Texts)
	if len(b.Texts) == 0 {
		b.Texts = nil
	}
	if b.Logo != nil {
		logo := *b.Logo
		logo.Data = list(logo.Data)
		b.Logo = &logo
	}
	return b
}
