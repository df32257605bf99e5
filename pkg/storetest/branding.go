package storetest

import (
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func fullBranding() org.Branding {
	return org.Branding{
		Organization: Organization, Rev: 1, Name: "Acme Cloud", Language: "de", Color: "#0a7d5a", Logo: &org.Logo{Type: "image/png", Data: []byte("a picture"), Width: 120, Height: 40},
		Texts: map[string]string{"de/signoff": "Ihr Team", "en/code.sign_in.lead": "Hello."}, ChangedAt: second(1).Add(time.Microsecond), ChangedBy: "ann",
	}
}

func brandingEvent(id string) audit.Event {
	return audit.Event{ID: id, At: second(1), Kind: audit.BrandingChanged, Organization: Organization, Notify: true}
}

func brandingsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	none, err := s.Branding(ctx, Organization)
	must(t, err)
	same(t, "branding that nobody wrote", none, org.Branding{Organization: Organization})
	if o, b, err := s.Face(ctx, "globex"); err != nil || o != nil || b.Organization != "" {
		t.Errorf("a face of nobody: %v, %v, %v", o, b, err)
	}
	change, docket := fullChange(), fullDocket()
	change.Docket = &docket
	must(t, s.WriteOrganization(ctx, Organization, change))
	f, p := fullFactors(), fullProfile()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	mailed := func(want org.Branding) {
		t.Helper()
		got, err := s.Branding(ctx, Organization)
		must(t, err)
		same(t, "branding", got, want)
		shown, face, err := s.Face(ctx, Organization)
		must(t, err)
		same(t, "face", face, want)
		same(t, "organisation of the face", *shown, *fullChange().Organization)
		o, profile, factors, err := s.Addressee(ctx, Organization, somebody)
		must(t, err)
		wantProfile := fullProfile()
		same(t, "organisation", o, &mail.Organization{Organization: *fullChange().Organization, Branding: want})
		same(t, "profile", profile, &wantProfile)
		same(t, "factors", factors, fullFactors())
		pending, err := s.Pending(ctx, Organization, "ann", fullDocket().Changes[0].ID, second(9))
		must(t, err)
		same(t, "branding of the pending", pending.Branding, want)
	}
	mailed(org.Branding{Organization: Organization})
	for range 3 { // repeated, it is the same write
		must(t, s.WriteBranding(ctx, fullBranding(), brandingEvent("e1")))
	}
	mailed(fullBranding())
	bare := org.Branding{Organization: Organization, Rev: 2}
	must(t, s.WriteBranding(ctx, bare, brandingEvent("e2")))
	mailed(bare)
	o, profile, _, err := s.Addressee(ctx, "other", somebody)
	must(t, err)
	if o != nil || profile != nil {
		t.Error("Addressee gave what nobody wrote")
	}
}

func brandingsConflict(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WriteBranding(ctx, fullBranding(), brandingEvent("e1")))
	stale, ahead := fullBranding(), fullBranding()
	stale.Name, ahead.Rev = "Somebody else", 3
	conflict(t, "a stale branding", s.WriteBranding(ctx, stale, brandingEvent("e2")))
	conflict(t, "a branding that never was", s.WriteBranding(ctx, ahead, brandingEvent("e3")))
	conflict(t, "an event beside the same branding", s.WriteBranding(ctx, fullBranding(), brandingEvent("e4")))
	got, err := s.Branding(ctx, Organization)
	must(t, err)
	same(t, "branding", got, fullBranding())
}
