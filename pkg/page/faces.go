package page

import (
	"context"
	"net/http"
	"sync"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/words"
)

const (
	faceLife = time.Minute // for which an organisation's name, colour and logo may be of before
	maxFaces = 200         // that an instance keeps: a logo is at most some 50 KB
)

// FaceStore is where faces come from.
type FaceStore interface {
	// Face gets an organisation and how it shows itself, strongly consistent; nil where there is none.
	Face(ctx context.Context, organization string) (*org.Organization, org.Branding, error)
}

// Face is how an organisation shows itself.
type Face struct {
	Name     string // its own; branding may have another to show
	Branding org.Branding
	until    time.Time
}

// Brand is the face as pages show it.
func (f Face) Brand() Brand {
	return Brand{Name: f.ShownAs(), Color: f.Branding.Color, Logo: f.Branding.Logo}
}

// ShownAs is the name that people know it by.
func (f Face) ShownAs() string { return f.Branding.ShownAs(f.Name) }

// Language is the one for a reader, of whom the user's own, if it is known, comes first.
func (f Face) Language(r *http.Request, user string) words.Language {
	return Language(r, user, f.Branding.Language)
}

// faces keeps those that were read a moment ago. Nothing is decided by them. It is safe for concurrent use.
type faces struct {
	from FaceStore
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]Face
}

func (f *faces) of(ctx context.Context, organization string) (Face, error) {
	f.mu.Lock()
	known, there := f.kept[organization]
	f.mu.Unlock()
	now := f.now()
	if there && now.Before(known.until) {
		return known, nil
	}
	o, b, err := f.from.Face(ctx, organization)
	if err != nil {
		return Face{}, fault.Down(err)
	}
	fresh := Face{Branding: b, until: now.Add(faceLife)}
	if o != nil {
		fresh.Name = o.Name
	}
	f.keep(organization, fresh)
	return fresh, nil
}

func (f *faces) keep(organization string, fresh Face) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil || len(f.kept) >= maxFaces {
		f.kept = map[string]Face{}
	}
	f.kept[organization] = fresh
}
