package webhook_test

import (
	"sync"
	"testing"
	"time"

	"twofold/pkg/webhook"
)

// once runs what is to happen while the first post is under way.
func (f *fixture) once(act func()) {
	var first sync.Once
	f.receiver.fate = func(got) (int, error) {
		first.Do(act)
		return 200, nil
	}
}

// Whoever is called while another delivers leaves it to that one, which looks at the log again before it lets go.
func TestAnEventThatComesWhileOthersGoOut(t *testing.T) {
	f := newFixture(t)
	f.set()
	want := f.happen(3)
	f.once(func() {
		want = append(want, f.happen(2)...)
		if after, err := f.deliver("m2"); after != 0 || err != nil {
			t.Errorf("the other: %v, %v", after, err)
		}
	})
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	f.inOrder(want)
	if ids := f.receiver.ids(); len(ids) != 6 || f.subscription().Carrier != "" {
		t.Errorf("posts of %v", ids)
	}
}

// Where an administrator sets the place back while others go out, whoever delivers has nothing more to say.
func TestAReplayWhileOthersGoOut(t *testing.T) {
	f := newFixture(t)
	f.set()
	want := f.happen(10)
	zero := uint64(0)
	f.once(func() {
		_, err := f.Replay(t.Context(), f.Administrator, acme, "", &zero)
		f.must(err)
	})
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	counts := map[string]int{}
	for _, id := range f.receiver.ids() {
		counts[id]++
	}
	for _, e := range want {
		if counts[e.ID] != 2 {
			t.Errorf("%s was sent %d times", e.ID, counts[e.ID])
		}
	}
	if s := f.subscription(); s.Position != f.size() {
		t.Errorf("its place is %d of %d", s.Position, f.size())
	}
}

// A place that is set back begins at once, whoever waits for another try; and it leaves out nothing that had gone out ahead.
func TestAReplayWaitsForNobody(t *testing.T) {
	f := newFixture(t)
	f.set()
	if _, err := f.deliver("m0"); err != nil {
		t.Fatal(err)
	}
	want := f.happenTo("u1", "u2", "u3", "u4", "u5")
	f.receiver.fate = func(p got) (int, error) {
		if p.header["webhook-id"] == want[0].ID {
			return 500, nil
		}
		return 200, nil
	}
	for range 8 {
		after, err := f.deliver("m1")
		f.must(err)
		f.Clock.Advance(after)
	}
	if after, err := f.deliver("m1"); after == 0 || err != nil {
		t.Fatal(after, err)
	}
	f.receiver.fate, f.receiver.got = nil, nil
	v, err := f.Replay(t.Context(), f.Administrator, acme, want[0].ID, nil)
	f.must(err)
	if after, err := f.deliver("m2"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	if f.inOrder(want); v.Position != f.subscription().Position-uint64(len(want)) {
		t.Errorf("from leaf %d", v.Position)
	}
	f.sync()
	if calls := f.queue.take(); len(calls) == 0 {
		t.Error("nobody is called")
	}
}

// After the first that is not taken nothing more is begun: a receiver that is down is not knocked at by everybody.
func TestNothingMoreIsBegunAfterAFailure(t *testing.T) {
	f := newFixture(t)
	f.set()
	if _, err := f.deliver("m0"); err != nil {
		t.Fatal(err)
	}
	var users []string
	for user := range 40 {
		users = append(users, string(rune('A'+user)))
	}
	f.happenTo(users...)
	var mu sync.Mutex
	posts := 0
	f.receiver.fate = func(got) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		posts++
		return 500, nil
	}
	if after, err := f.deliver("m1"); after == 0 || err != nil || posts > webhook.SideBySide {
		t.Errorf("%v, %v, %d posts", after, err, posts)
	}
}

// One user's events that take long end a stretch too.
func TestASlowReceiverEndsAStretch(t *testing.T) {
	f := newFixture(t)
	f.set()
	if _, err := f.deliver("m0"); err != nil {
		t.Fatal(err)
	}
	want := f.happenTo("u", "u", "u", "u", "u", "u", "u", "u", "u", "u")
	f.queue.take()
	f.receiver.fate = func(got) (int, error) { f.Clock.Advance(9 * time.Second); return 200, nil }
	began := f.Clock.Now()
	if after, err := f.deliver("m1"); after != 0 || err != nil || f.Clock.Now().Sub(began) > 30*time.Second || len(f.queue.take()) != 1 {
		t.Errorf("%v, %v after %v", after, err, f.Clock.Now().Sub(began))
	}
	for range 10 {
		if _, err := f.deliver("m2"); err != nil {
			t.Fatal(err)
		}
	}
	if f.inOrder(want); len(f.receiver.ids()) != 11 {
		t.Errorf("%d posts", len(f.receiver.ids()))
	}
}
