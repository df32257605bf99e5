package lastuse_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/lastuse"
)

var noon = time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)

// book counts what is noted.
type book struct {
	mu    sync.Mutex
	notes []time.Time
	fails error
}

func (b *book) NoteUse(ctx context.Context, _ string, hour time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, bounded := ctx.Deadline(); !bounded {
		return errors.New("a request may wait for ever")
	}
	b.notes = append(b.notes, hour)
	return b.fails
}

func TestOneNoteForAKeyAndAnHour(t *testing.T) {
	b := &book{}
	n := &lastuse.Notes{Store: b}
	key := access.Key{ID: "a"}
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			if err := n.Note(t.Context(), key, noon); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if len(b.notes) != 1 || !b.notes[0].Equal(noon.Truncate(time.Hour)) {
		t.Errorf("noted: %v", b.notes)
	}
	for _, c := range []struct {
		key  access.Key
		at   time.Time
		want int
	}{
		{access.Key{ID: "b"}, noon, 2},
		{access.Key{ID: "c", LastUsedAt: noon.Truncate(time.Hour)}, noon, 2}, // another instance was first
		{key, noon.Add(29 * time.Minute), 2},
		{key, noon.Add(30 * time.Minute), 3},
		{key, noon.Add(31 * time.Minute), 3},
	} {
		if err := n.Note(t.Context(), c.key, c.at); err != nil || len(b.notes) != c.want {
			t.Errorf("%s at %v: %d notes, want %d, %v", c.key.ID, c.at, len(b.notes), c.want, err)
		}
	}
}

// A store that is down is not asked again and again.
func TestANoteThatFailsIsNotRepeated(t *testing.T) {
	b := &book{fails: errors.New("down")}
	n := &lastuse.Notes{Store: b}
	if err := n.Note(t.Context(), access.Key{ID: "a"}, noon); !errors.Is(err, b.fails) {
		t.Errorf("got %v", err)
	}
	if err := n.Note(t.Context(), access.Key{ID: "a"}, noon); err != nil || len(b.notes) != 1 {
		t.Errorf("%d notes, %v", len(b.notes), err)
	}
}
