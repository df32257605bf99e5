package notary_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"twofold/pkg/ledger"
	"twofold/pkg/memstore"
	"twofold/pkg/notary"
	"twofold/pkg/storetest"
)

// tampered is a store that somebody writes to past the code.
type tampered struct {
	*memstore.Store
	head       func(ledger.Head) ledger.Head
	checkpoint func(*ledger.Checkpoint) *ledger.Checkpoint
}

func (s *tampered) Log(ctx context.Context, organization string, places []ledger.Place) (ledger.Head, map[ledger.Place]uint64, error) {
	head, there, err := s.Store.Log(ctx, organization, places)
	if s.head != nil && organization == acme {
		head = s.head(head)
	}
	return head, there, err
}

func (s *tampered) Checkpoint(ctx context.Context, organization string, size uint64) (*ledger.Checkpoint, error) {
	c, err := s.Store.Checkpoint(ctx, organization, size)
	if s.checkpoint != nil && organization == acme {
		c = s.checkpoint(c)
	}
	return c, err
}

// A head that does not continue what was signed gets no signature, and no other log is held up by that.
func TestAForkIsNotSigned(t *testing.T) {
	another := ledger.Head{Organization: acme}
	another, _, err := another.Append(shard(9, acme)[2:])
	if err != nil {
		t.Fatal(err)
	}
	for name, tamper := range map[string]func(*tampered, ledger.Head){
		"another log": func(s *tampered, _ ledger.Head) {
			s.head = func(h ledger.Head) ledger.Head {
				h.Size, h.Peaks = another.Size, another.Peaks
				return h
			}
		},
		"an earlier head": func(s *tampered, old ledger.Head) {
			s.head = func(ledger.Head) ledger.Head {
				back, _, _ := old.Append(shard(3, acme))
				return back
			}
		},
		"no checkpoint": func(s *tampered, _ ledger.Head) {
			s.checkpoint = func(*ledger.Checkpoint) *ledger.Checkpoint { return nil }
		},
		"a checkpoint less": func(s *tampered, _ ledger.Head) { s.head = unsigned },
		"a checkpoint signed by another": func(s *tampered, _ ledger.Head) {
			s.checkpoint = func(c *ledger.Checkpoint) *ledger.Checkpoint {
				forged, err := ledger.Sign(another, "https://auth.vendor.example", []ledger.Key{storetest.Pen{Seed: 9}}, start)
				if err != nil {
					t.Error(err)
				}
				forged.Size = c.Size
				return &forged
			}
		},
	} {
		s := &tampered{Store: memstore.New()}
		n := storetest.Notary(s, clock)
		empty, _, _ := s.Store.Log(t.Context(), acme, nil)
		n.Append(t.Context(), shard(4, acme))
		if err := n.Tick(t.Context(), start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		n.Append(t.Context(), shard(10, acme, "zeta"))
		tamper(s, empty)
		if err := n.Tick(t.Context(), start.Add(time.Hour)); !errors.Is(err, notary.ErrForked) {
			t.Errorf("%s: the tick gave %v", name, err)
		}
		if c, _ := s.Store.Checkpoint(t.Context(), acme, 0); c.Size != 4 {
			t.Errorf("%s: a checkpoint of %d was signed", name, c.Size)
		}
		if c, _ := s.Store.Checkpoint(t.Context(), "zeta", 0); c == nil {
			t.Errorf("%s: another log is held up", name)
		}
	}
}

func unsigned(h ledger.Head) ledger.Head {
	h.Signed = 0
	return h
}
