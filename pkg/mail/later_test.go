package mail

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func TestAnOrderThatFailsForNowIsKeptForLater(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	p.out.errs = []error{errDown}
	if err := p.Take(t.Context(), order); err != nil {
		t.Fatalf("what can be tried later holds the stream up: %v", err)
	}
	if len(p.kept.later) != 1 || p.kept.later[0].Reference != order.Reference || p.kept.after[0] != time.Second || len(p.postponed) != 1 {
		t.Fatalf("kept for later: %v after %v", p.kept.later, p.kept.after)
	}
	if err := p.Take(t.Context(), p.kept.later[0]); err != nil || len(p.out.sent) != 1 || p.state(t) != delivery.Sent || len(p.kept.later) != 1 {
		t.Errorf("tried again: %v, %d mails, %v", err, len(p.out.sent), p.store.states)
	}
}

func TestAnOrderThatCannotBeKeptMustComeAgain(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	p.out.errs, p.kept.err = []error{errDown}, errors.New("no queue")
	if err := p.Take(t.Context(), order); err == nil {
		t.Fatal("it is lost")
	}
	if err := p.Take(t.Context(), order); err != nil || len(p.out.sent) != 1 {
		t.Errorf("tried again: %v, %d mails", err, len(p.out.sent))
	}
}

// A provider that hangs takes no longer than Patience, and what became of the delivery is still written.
func TestAProviderThatHangsIsGivenUp(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	var until time.Time
	p.Sender = sender(func(ctx context.Context, _ Message) error {
		until, _ = ctx.Deadline()
		return context.DeadlineExceeded
	})
	begun := time.Now()
	if err := p.Take(t.Context(), order); err != nil || len(p.kept.later) != 1 || p.state(t) != delivery.Failed {
		t.Errorf("%v, kept %d, %v", err, len(p.kept.later), p.store.states)
	}
	if until.IsZero() || until.After(time.Now().Add(Patience)) || until.Before(begun) {
		t.Errorf("the provider has until %v, where it is %v", until, begun)
	}
}

type sender func(context.Context, Message) error

func (s sender) Send(ctx context.Context, m Message) error { return s(ctx, m) }

// The queue remembers no more of a notice than where it stands.
func TestANoticeFromTheQueueIsReadAgain(t *testing.T) {
	p := newPost(t)
	whole := Order{Kind: NoticeOrder, Organization: "acme", User: "ann", Reference: "e1", Event: audit.Event{
		ID: "e1", At: noon, Kind: audit.UserReset, Organization: "acme", User: "ann",
	}}
	order := whole
	order.Event = audit.Event{ID: "e1", At: noon}
	if err := p.Deliver(t.Context(), order); err != nil || len(p.out.sent) != 0 {
		t.Fatalf("what is gone: %v, %d mails", err, len(p.out.sent))
	}
	p.store.told = &whole
	if err := p.Deliver(t.Context(), order); err != nil || len(p.out.sent) != 2 {
		t.Errorf("%v, %d mails", err, len(p.out.sent))
	}
	p.store.readErr = errDown
	if err := p.Deliver(t.Context(), order); err == nil {
		t.Error("a store that fails loses the notice")
	}
}

func TestBackoffDoublesUpToAnEnd(t *testing.T) {
	for tried, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: 450 * time.Second,
		50: 450 * time.Second, 1 << 40: 450 * time.Second,
	} {
		if got := Backoff(tried, 0); got != want {
			t.Errorf("after %d tries %v, want %v", tried, got, want)
		}
		if got := Backoff(tried, 0.5); got != want*3/2 {
			t.Errorf("after %d tries, with half the jitter, %v", tried, got)
		}
		if got := Backoff(tried, 0.999999); got >= 2*want || got > 15*time.Minute {
			t.Errorf("after %d tries, with all jitter, %v", tried, got)
		}
	}
	var spent time.Duration // a code has at least eight tries in its life, however the jitter falls
	for tried := 1; tried <= 8; tried++ {
		spent += Backoff(tried, 0.999999)
	}
	if spent > user.CodeLife {
		t.Errorf("eight tries take %v", spent)
	}
}

func TestAMailboxIsOneHoweverItIsWritten(t *testing.T) {
	for address, want := range map[string]string{
		"ann@example.com": "ann@example.com", "Ann@Example.COM": "ann@example.com", "ann+shop@example.com": "ann@example.com",
		"ann+@example.com": "ann@example.com", "+ann@example.com": "+ann@example.com", "a.nn@example.com": "a.nn@example.com", "ann": "ann",
	} {
		if got := Mailbox(address); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// Codes that one mailbox is sent are bounded over users, organisations and ways of writing it.
func TestCodesOfOneMailboxAreCapped(t *testing.T) {
	p := newPost(t)
	for i := range CodesPerMailbox + 5 {
		p.store.factors.Challenges = nil
		p.store.profile.Email = []string{"ann@example.com", "ANN@example.com", "ann+x@example.com"}[i%3]
		order, _ := p.challenge(t, user.ProveLogin, p.store.profile.Email)
		order.Reference = "c" + string(rune('A'+i))
		p.store.factors.Challenges[0].ID = order.Reference
		if err := p.Deliver(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		want := delivery.Sent
		if i >= CodesPerMailbox {
			want = delivery.Capped
		}
		if got := p.store.states[delivery.OfCode("acme", "ann", order.Reference)]; got != want {
			t.Fatalf("the %dth is %s, want %s", i+1, got, want)
		}
	}
	if len(p.lost) != 5 || p.lost[0] != "acme: capped" {
		t.Errorf("logged: %v", p.lost)
	}
	p.now = p.now.Add(time.Hour)
	order, _ := p.challenge(t, user.ProveLogin, p.store.profile.Email)
	p.store.factors.Challenges = p.store.factors.Challenges[1:]
	p.store.factors.Challenges[0].ExpiresAt = p.now.Add(time.Minute)
	if p.Deliver(t.Context(), order) != nil || len(p.out.sent) != CodesPerMailbox+1 {
		t.Error("an hour later nothing is sent")
	}
}

// The shards of an organisation's limit are the limit together, and a delivery stays in its own.
func TestAnOrganizationsLimitIsSharedOut(t *testing.T) {
	for _, limit := range []int{1, 7, 199, 200, 401, 3200, 3207, 100_000} {
		p := newPost(t)
		p.Limits.Organization = limit
		sum := map[string]int{}
		for i := range 5000 {
			id := delivery.ID("code", "acme", string(rune(i)), "ann")
			counts, err := p.codeLimits("acme", "ann@example.com", id, noon)
			if err != nil || len(counts.reserved) != 2 || len(counts.shared) != 3 || counts.reserved[1] != counts.shared[2] {
				t.Fatalf("%v, %v", counts, err)
			}
			again, _ := p.codeLimits("acme", "ann@example.com", id, noon)
			if !slices.Equal(counts.shared, again.shared) || !slices.Equal(counts.reserved, again.reserved) {
				t.Fatalf("the same delivery counts against %v and %v", counts, again)
			}
			sum[counts.reserved[1].Name] = counts.reserved[1].Limit
		}
		total := 0
		for _, part := range sum {
			total += part
		}
		if want := min(max(limit/shardSize, 1), maxShards); total != limit || len(sum) != want {
			t.Errorf("%d is shared out as %v: %d", limit, sum, total)
		}
	}
}

// Notices of one kind are bounded, all together are, and no flood hides a grave one.
func TestNoticesAreCappedByKindAndTogether(t *testing.T) {
	p := newPost(t)
	p.store.profile.RecoveryEmail = nil
	n, more := 0, map[audit.Kind]int{}
	tell := func(k audit.Kind) bool {
		t.Helper()
		n++
		before := len(p.out.sent)
		order := Order{Kind: NoticeOrder, Organization: "acme", User: "ann", Reference: "e" + string(rune(n)), Event: audit.Event{
			ID: "e" + string(rune(n)), At: noon, Kind: k, Organization: "acme", User: "ann",
		}}
		if err := p.Deliver(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		for _, m := range p.out.sent[before:] {
			more[k] += oneIf(m.Tag == "notice-more")
		}
		return len(p.out.sent) > before && p.out.sent[before].Tag != "notice-more"
	}
	mailed := 0
	for _, k := range []audit.Kind{audit.DeviceTrusted, audit.AppPasswordCreated, audit.AppPasswordViewed, audit.RecoveryCodesRenewed, audit.UserEnrolled} {
		for i := range NoticesPerKind + 3 {
			if told := tell(k); told && i >= NoticesPerKind {
				t.Errorf("%s: told %d times", k, i+1)
			} else if told {
				mailed++
			}
		}
	}
	if mailed != NoticesPerMailbox {
		t.Errorf("%d notices in a day, want %d", mailed, NoticesPerMailbox)
	}
	for k, n := range more {
		if n > 1 {
			t.Errorf("%s: told %d times that there are more", k, n)
		}
	}
	if len(more) != 5 {
		t.Errorf("told that there are more of %v", more)
	}
	for k := range grave {
		if k != audit.DeviceTheft && !tell(k) { // administrators hear of that one too
			t.Errorf("%s: nobody heard of it", k)
		}
	}
}

func oneIf(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// What one organisation does to a mailbox or a number takes nothing from another: neither its notices nor the codes that are reserved for it.
func TestNoOrganizationUsesUpWhatOthersNeed(t *testing.T) {
	p := newPost(t)
	p.store.profile.RecoveryEmail = nil
	reset := func(organization string, n int) int {
		t.Helper()
		p.store.organization.ID, p.store.profile.Organization = organization, organization
		before := len(p.out.sent)
		for i := range n {
			id := organization + string(rune('a'+i))
			order := Order{Kind: NoticeOrder, Organization: organization, User: "ann", Reference: id, Event: audit.Event{
				ID: id, At: noon, Kind: audit.UserReset, Organization: organization, User: "ann",
			}}
			if err := p.Deliver(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		return len(p.out.sent) - before
	}
	if reset("evil", NoticesPerKind+5) != NoticesPerKind+1 || reset("acme", 1) != 1 {
		t.Error("the resets of one organisation hide another's")
	}
	codes := func(organization string, n int) (sent int) {
		t.Helper()
		for i := range n {
			limits, err := p.codeLimits(organization, "ann@example.com", organization+string(rune('a'+i)), noon)
			if err != nil {
				t.Fatal(err)
			}
			claim, err := p.claim(t.Context(), organization, "code "+organization+string(rune('a'+i)), limits, noon)
			if err != nil {
				t.Fatal(err)
			}
			sent += oneIf(claim == Granted)
		}
		return sent
	}
	flood := 0
	for _, organization := range []string{"one", "two", "three", "four"} {
		flood += codes(organization, CodesPerMailbox+5)
	}
	if flood != 4*CodesReserved+CodesShared || codes("acme", CodesPerMailbox) != CodesReserved {
		t.Errorf("%d codes of four organisations, and then not %d of another", flood, CodesReserved)
	}
	texts := func(organization string, n int) (sent int) {
		t.Helper()
		for i := range n {
			limits, err := p.spending(org.Organization{ID: organization}, "+491701234567", noon)
			if err != nil {
				t.Fatal(err)
			}
			claim, err := p.claim(t.Context(), organization, "sms "+organization+string(rune('a'+i)), limits, noon)
			if err != nil {
				t.Fatal(err)
			}
			sent += oneIf(claim == Granted)
		}
		return sent
	}
	if texts("evil", 20) != NumberReserved+PerNumber || texts("acme", 20) != NumberReserved {
		t.Error("the SMS of one organisation keep another's from their number")
	}
}
