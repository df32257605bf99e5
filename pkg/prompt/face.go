package prompt

import (
	"context"
	"sync"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

const (
	faceLife = time.Minute // for which an organisation's name, colour and logo may be of before
	maxFaces = 200         // that an instance keeps: a logo is at most some 50 KB
)

// face is how an organisation shows itself.
type face struct {
	name     string // its own; branding may have another to show
	branding org.Branding
	until    time.Time
}

// faces keeps what was read a moment ago. Nothing is decided by it. It is safe for concurrent use.
type faces struct {
	from Faces
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]face
}

// of gives an organisation's face. One that does not exist has none, which is no error: whatever asks finds that out by itself.
func (f *faces) of(ctx context.Context, organization string) (face, error) {
	f.mu.Lock()
	known, there := f.kept[organization]
	f.mu.Unlock()
	now := f.now()
	if there && now.Before(known.until) {
		return known, nil
	}
	o, b, err := f.from.Face(ctx, organization)
	if err != nil {
		return face{}, fault.Down(err)
	}
	fresh := face{branding: b, until: now.Add(faceLife)}
	if o != nil {
		fresh.name = o.Name
	}
	f.keep(organization, fresh)
	return fresh, nil
}

func (f *faces) keep(organization string, fresh face) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil || len(f.kept) >= maxFaces {
		f.kept = map[string]face{}
	}
	f.kept[organization] = fresh
}
