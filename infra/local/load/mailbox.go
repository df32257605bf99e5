package main

import (
	"context"
	"regexp"
	"time"

	"twofold/infra/local/load/ledger"
	"twofold/pkg/dynamo"
)

// patience is how long somebody waits for a code: longer than a claim of the mailer's that died with it holds others off.
const patience = 90 * time.Second

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// await gives the newest code in a mailbox, of one kind, that nobody has read yet.
func (w *world) await(ctx context.Context, to, tag string, seen map[string]bool) (string, bool) {
	for until := time.Now().Add(patience); time.Now().Before(until) && ctx.Err() == nil; sleep(ctx, 20*time.Millisecond) {
		code := ""
		for _, m := range w.stack.Mailbox(to) {
			if found := eightDigits.FindString(m.Text); m.Tags["kind"] == tag && found != "" && !seen[found] {
				code = found
			}
		}
		if code != "" {
			seen[code] = true
			w.secrets.add(code)
			return code, true
		}
	}
	w.ledger.Check(ledger.Mailed, ctx.Err() != nil, "%s to %s: nobody received it in %v", tag, to, patience)
	return "", false
}

// announcements holds what each user of an organisation was told to how often something was announced.
func (w *world) announcements(ctx context.Context, store *dynamo.Store, o *organization, people []*person) error {
	made, err := store.Announcements(ctx, o.id, 1000)
	if err != nil {
		return err
	}
	for _, p := range people {
		if told, known := w.announced[p.email]; known {
			w.ledger.Check(ledger.Announced, told <= len(made), "%s was told %d times of %d announcements", p.User, told, len(made))
		}
	}
	return nil
}

// post hands everything in the mailboxes to the ledger and empties them. The world must stand still. Announcements come when they come, and are
// kept for the reckoning.
func (w *world) post() {
	for _, m := range w.stack.Mailbox("") {
		if m.Tags["kind"] == "announcement" {
			w.announced[m.To]++
			continue
		}
		code := eightDigits.FindString(m.Text)
		w.secrets.add(code)
		w.ledger.Received(m.To, m.Tags["kind"], code)
	}
	w.stack.SES.Clear()
	w.ledger.Post()
}
