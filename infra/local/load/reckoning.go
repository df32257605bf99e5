package main

import (
	"context"
	"fmt"
	"time"

	"twofold/infra/local/load/ledger"
	"twofold/pkg/access"
	"twofold/pkg/dynamo"
	"twofold/pkg/user"
)

// settled waits until mail and counts have followed, and looks at the mail. The world must stand still.
func (w *world) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := w.stack.Settle(ctx); err != nil {
		return fmt.Errorf("load: the stream is not read to its end: %w", err)
	}
	// What a mailer held when it was killed comes back when its claim has lapsed.
	if err := w.drained(ctx); err != nil {
		return fmt.Errorf("load: what failed for now is still to be tried again: %w", err)
	}
	w.post()
	w.ledger.Explain()
	return nil
}

// reckon compares everything that is stored with everything that was acknowledged, when nobody acts any more.
func (w *world) reckon(ctx context.Context, people []*person) error {
	store := dynamo.New(w.stack.DynamoDB, w.stack.TableName)
	of := map[string][]*person{}
	for _, p := range people {
		of[p.Organization] = append(of[p.Organization], p)
	}
	for _, o := range w.orgs {
		if err := w.reports(ctx, o, of[o.id]); err != nil {
			return err
		}
		if err := w.stored(ctx, store, o, of[o.id]); err != nil {
			return err
		}
		if err := w.announcements(ctx, store, o, of[o.id]); err != nil {
			return err
		}
	}
	for _, f := range w.stack.StreamFailures() {
		w.ledger.Check(ledger.Delivered, false, "%s gave up %d records: %s", f.Reader, len(f.Records), f.Condition)
	}
	for range w.stack.Queue("MailerFailures.Arn") {
		w.ledger.Check(ledger.Delivered, false, "the mailer put something away")
	}
	for range w.stack.Queue("ProjectorFailures.Arn") {
		w.ledger.Check(ledger.Delivered, false, "the projector put something away")
	}
	w.ledger.Check(ledger.Delivered, true, "")
	w.logs.Search(w.ledger, w.secrets.has)
	return nil
}

// reports reads the report and the audit of an organisation as its administrator does.
func (w *world) reports(ctx context.Context, o *organization, people []*person) error {
	report, ok := w.all(ctx, o, "report")
	audit, read := w.all(ctx, o, "audit")
	if !ok || !read {
		return fmt.Errorf("load: the reports of %s cannot be read", o.id)
	}
	shown := map[string]bool{}
	for _, r := range report.Users {
		shown[r.User] = r.TwoFactor
	}
	w.ledger.Check(ledger.Report, len(report.Users) == len(people), "%s has %d users, not %d", o.id, len(report.Users), len(people))
	w.hooked(o, audit.Events)
	events := map[event]int{}
	for _, e := range audit.Events {
		events[event{Kind: e.Kind, User: e.User}]++
	}
	for _, p := range people {
		has, there := shown[p.User]
		w.ledger.Check(ledger.Report, there && has == p.Enrolled, "%s in %s: shown %v, has two factors %v, not %v", p.User, o.id, there, has, p.Enrolled)
		for _, kind := range []string{"user.registered", "user.enrolled", "user.reset", "recovery.used"} {
			n := events[event{Kind: kind, User: p.User}]
			w.ledger.Check(ledger.Audited, p.Events[kind].Holds(n), "%s of %s in %s: %d, not %v", kind, p.User, o.id, n, p.Events[kind])
		}
	}
	w.ledger.Versions(o.id, report.PolicyVersion)
	n := int64(events[event{Kind: "policy.changed"}])
	w.ledger.Check(ledger.Audited, n == report.PolicyVersion-1, "policy.changed of %s: %d at version %d", o.id, n, report.PolicyVersion)
	return nil
}

// stored reads every user's items: what is counted against them, and what the projector has counted.
func (w *world) stored(ctx context.Context, store *dynamo.Store, o *organization, people []*person) error {
	recount := map[user.Class]int64{}
	for _, p := range people {
		snap, err := store.Read(ctx, access.Credential{ID: "none"}, p.Organization, p.User)
		if err != nil || snap.Profile == nil {
			return fmt.Errorf("load: %s of %s cannot be read: %w", p.User, p.Organization, err)
		}
		recount[snap.Profile.Class()]++
		failures, row := len(snap.Factors.Throttle.Failures), snap.Factors.Throttle.Consecutive
		w.ledger.Check(ledger.Counted, p.Failures.Holds(failures), "%s in %s: %d wrong answers are counted, not %v", p.User, o.id, failures, p.Failures)
		w.ledger.Check(ledger.Counted, p.Row.Holds(row), "%s in %s: %d wrong answers in a row, not %v", p.User, o.id, row, p.Row)
		w.ledger.Check(ledger.Visible, snap.Factors.Enrolled() == p.Enrolled && (len(snap.Profile.Methods) > 0) == p.Enrolled,
			"%s in %s: factors and profile differ", p.User, o.id)
	}
	counts, err := store.Counts(ctx, o.id)
	if err != nil {
		return err
	}
	for class := range counts.ByClass {
		recount[class] += 0
	}
	for class, n := range recount {
		w.ledger.Check(ledger.Projected, counts.ByClass[class] == n, "%s: %d users of class %q, not %d", o.id, counts.ByClass[class], class.Methods, n)
	}
	return nil
}
