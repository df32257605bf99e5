package check_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/auditcheck/check"
	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/storetest"
)

const issuer = "https://auth.vendor.example"

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func event(organization string, n int) audit.Event {
	return audit.Event{
		ID: fmt.Sprintf("event-%03d", n), At: start.Add(time.Duration(n) * time.Second), Kind: audit.UserReset, Organization: organization,
		User: "u", Role: "org_admin", Actor: "ann", Details: map[string]string{"before": "", "after": fmt.Sprint(n)},
	}
}

// log is one of an organisation, with what is exported of it.
type log struct {
	head  ledger.Head
	lines []string
}

func newLog(t *testing.T, organization string, n int) log {
	t.Helper()
	var events []audit.Event
	for i := range n {
		events = append(events, event(organization, i))
	}
	head, all, err := ledger.Head{Organization: organization}.Append(events)
	must(t, err)
	leaves := map[uint64]ledger.Leaf{}
	for _, l := range all {
		leaves[l.Index] = l
	}
	l := log{head: head}
	for at, leaf := range all {
		path, err := ledger.Inclusion(leaf.Index, head.Size)
		must(t, err)
		hashes, err := path.Hashes(leaves)
		must(t, err)
		l.lines = append(l.lines, ledger.Line{Leaf: leaf.Index, Event: &events[at], Hash: leaf.Hash, Proof: hashes}.JSON())
	}
	return l
}

func (l log) signed(t *testing.T) ledger.Checkpoint {
	t.Helper()
	c, err := ledger.Sign(l.head, issuer, []ledger.Key{storetest.Pen{Seed: 1}}, start)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func export(t *testing.T, c ledger.Checkpoint, lines []string) check.Export {
	t.Helper()
	entries, err := check.Read(nil, []byte(strings.Join(lines, "\n")))
	must(t, err)
	return check.Export{Key: c.Keys[0], Checkpoint: c.Note, Entries: entries}
}

func judged(t *testing.T, x check.Export) check.Finding {
	t.Helper()
	finding, err := x.Check()
	must(t, err)
	return finding
}

func TestWhatIsAsItWasIsProven(t *testing.T) {
	for n := 1; n < 40; n++ {
		l := newLog(t, "acme", n)
		c := l.signed(t)
		if f := judged(t, export(t, c, l.lines)); !f.Proven() {
			t.Errorf("%d events: %s", n, f)
		}
		part := export(t, c, l.lines[n/3:(n+2)/2+n/3])
		part.Part = true
		if f := judged(t, part); !f.Proven() {
			t.Errorf("a part of %d events: %s", n, f)
		}
		for m := 1; m <= n; m++ {
			x := export(t, c, l.lines)
			x.Earlier = newLog(t, "acme", m).signed(t).Note
			if f := judged(t, x); !f.Proven() {
				t.Errorf("%d events, earlier %d: %s", n, m, f)
			}
		}
	}
}

// edit changes what stands in a line.
func edit(t *testing.T, line string, change func(entry map[string]any)) string {
	t.Helper()
	var entry map[string]any
	must(t, json.Unmarshal([]byte(line), &entry))
	change(entry)
	out, err := json.Marshal(entry)
	must(t, err)
	return string(out)
}

// rehashed sets the hash of a line to that of its event, as a forger would who knows how.
func rehashed(t *testing.T, entry map[string]any, e audit.Event) {
	t.Helper()
	var event map[string]any
	must(t, json.Unmarshal(ledger.Data(e), &event))
	entry["event"], entry["hash"] = event, ledger.Hash(ledger.Data(e))
}

// tampering is a way to forge an export at one place; wrong and leaf are what is to be found.
type tampering struct {
	name  string
	forge func(t *testing.T, lines []string, at int) []string
	wrong string
	leaf  func(at int) uint64
}

func here(at int) uint64 { return uint64(at) }

var tamperings = []tampering{
	{"a word changed", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { e["event"].(map[string]any)["user"] = "eve" })
		return lines
	}, check.Changed, here},
	{"a detail changed", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { e["event"].(map[string]any)["details"].(map[string]any)["before"] = "x" })
		return lines
	}, check.Changed, here},
	{"a field more", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { e["event"].(map[string]any)["note"] = "x" })
		return lines
	}, check.Changed, here},
	{"an event changed with its hash", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { rehashed(t, e, event("acme", 500)) })
		return lines
	}, check.Changed, here},
	{"an event changed with its hash, without a proof", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { rehashed(t, e, event("acme", 500)); delete(e, "proof") })
		return lines
	}, check.Unproven, here},
	{"an event emptied", func(t *testing.T, lines []string, at int) []string {
		lines[at] = edit(t, lines[at], func(e map[string]any) { delete(e, "event") })
		return lines
	}, check.Removed, here},
	{"a line removed", func(_ *testing.T, lines []string, at int) []string { return slices.Delete(lines, at, at+1) }, check.Removed, here},
	{"a leaf removed with the hashes that others need", func(t *testing.T, lines []string, at int) []string {
		for i := range lines {
			lines[i] = edit(t, lines[i], func(e map[string]any) {
				if i != 0 {
					delete(e, "proof")
				}
			})
		}
		return slices.Delete(lines, at, at+1)
	}, check.Removed, here},
	{"the end cut off", func(_ *testing.T, lines []string, at int) []string { return lines[:at] }, check.Removed, here},
	{"a line inserted", func(t *testing.T, lines []string, at int) []string {
		forged := edit(t, lines[at], func(e map[string]any) { rehashed(t, e, event("acme", 500)) })
		return slices.Insert(lines, at, forged)
	}, check.Inserted, here},
	{"a line repeated", func(_ *testing.T, lines []string, at int) []string { return slices.Insert(lines, at+1, lines[at]) }, check.Inserted,
		func(at int) uint64 { return uint64(at) + 1 }},
	{"a line of another organisation's log", func(t *testing.T, lines []string, at int) []string {
		return slices.Insert(lines, at, newLog(t, "other", len(lines)).lines[at])
	}, check.Inserted, here},
	{"two lines swapped", func(_ *testing.T, lines []string, at int) []string {
		to := (at + 1) % len(lines)
		lines[at], lines[to] = lines[to], lines[at]
		return lines
	}, check.Moved, here},
	{"two events swapped in their lines", func(t *testing.T, lines []string, at int) []string {
		to := (at + 1) % len(lines)
		var one, other map[string]any
		must(t, json.Unmarshal([]byte(lines[at]), &one))
		must(t, json.Unmarshal([]byte(lines[to]), &other))
		lines[at] = edit(t, lines[at], func(e map[string]any) { e["event"], e["hash"] = other["event"], other["hash"] })
		lines[to] = edit(t, lines[to], func(e map[string]any) { e["event"], e["hash"] = one["event"], one["hash"] })
		return lines
	}, check.Changed, here},
}

// Each kind of forgery, at random places of logs of random sizes: the right event is named.
func TestForgeriesAreNamed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, forgery := range tamperings {
		for range 25 {
			n := 3 + random.IntN(60)
			at := random.IntN(n)
			l := newLog(t, "acme", n)
			want := forgery.leaf(at)
			if strings.Contains(forgery.name, "swapped") && at == n-1 { // with the first
				want = 0
			}
			f := judged(t, export(t, l.signed(t), forgery.forge(t, slices.Clone(l.lines), at)))
			if at == 0 && forgery.name == "the end cut off" {
				if f.Proven() {
					t.Errorf("%s: %s", forgery.name, f)
				}
				continue
			}
			wrong := forgery.wrong
			if forgery.name == "a line repeated" && at == n-1 {
				wrong = check.Inserted
			}
			if f.Wrong != wrong || f.Leaf != want {
				t.Errorf("%s, at %d of %d: %q at leaf %d (%s), want %q at %d", forgery.name, at, n, f.Wrong, f.Leaf, f, wrong, want)
			}
		}
	}
}

func TestCheckpointsThatAreNot(t *testing.T) {
	const n = 20
	l := newLog(t, "acme", n)
	c := l.signed(t)
	x := export(t, c, l.lines)
	x.Checkpoint = newLog(t, "other", n).signed(t).Note
	if _, err := x.Check(); !errors.Is(err, check.ErrKey) {
		t.Errorf("the checkpoint of another organisation: %v", err)
	}
	forged, err := ledger.Sign(l.head, issuer, []ledger.Key{storetest.Pen{Seed: 9}}, start)
	must(t, err)
	x.Checkpoint = forged.Note
	if _, err := x.Check(); !errors.Is(err, check.ErrKey) {
		t.Errorf("a checkpoint with another key: %v", err)
	}
	x.Checkpoint = newLog(t, "acme", 12).signed(t).Note
	if f := judged(t, x); f.Wrong != check.Inserted || f.Leaf != 12 || !strings.Contains(f.Text, "event-012") {
		t.Errorf("an older checkpoint: %q, %d, %s", f.Wrong, f.Leaf, f)
	}
	x.Checkpoint = newLog(t, "acme", 30).signed(t).Note
	if f := judged(t, x); f.Proven() {
		t.Errorf("a later checkpoint: %s", f)
	}
	x.Checkpoint, x.Earlier = c.Note, newLog(t, "acme", 30).signed(t).Note
	if f := judged(t, x); f.Wrong != check.Removed || f.Leaf != n {
		t.Errorf("the export of an earlier state: %s", f)
	}
	another := newLog(t, "acme", 10)
	another.head, _, err = ledger.Head{Organization: "acme"}.Append([]audit.Event{event("acme", 7), event("acme", 8)})
	must(t, err)
	x.Earlier = another.signed(t).Note
	if f := judged(t, x); f.Wrong != check.Regrown {
		t.Errorf("a log that does not continue the earlier one: %s", f)
	}
	x.Earlier = "none"
	if _, err := x.Check(); !errors.Is(err, check.ErrEarlier) {
		t.Errorf("an earlier checkpoint that is none: %v", err)
	}
}

// emptied are lines of which the first n have no event any more.
func emptied(t *testing.T, lines []string, n int) []string {
	t.Helper()
	lines = slices.Clone(lines)
	for at := range n {
		lines[at] = edit(t, lines[at], func(e map[string]any) { delete(e, "event") })
	}
	return lines
}

// What is older than an organisation keeps may be gone from the beginning, and from nowhere else; and what is there in its place must be what was signed.
func TestWhatIsNotKeptIsNoTampering(t *testing.T) {
	const n = 300
	l := newLog(t, "acme", n) // one event a second
	c := l.signed(t)
	since := start.Add(100 * time.Second)
	at := func(lines []string, change func(x *check.Export)) check.Finding {
		t.Helper()
		x := export(t, c, lines)
		x.Since = since
		change(&x)
		return judged(t, x)
	}
	as := func(*check.Export) {}
	swept := emptied(t, l.lines, 100)
	for name, f := range map[string]check.Finding{
		"nothing removed yet":    at(l.lines, as),
		"all that may be":        at(swept, as),
		"all that may be, grown": at(swept, func(x *check.Export) { x.Earlier = newLog(t, "acme", 50).signed(t).Note }),
		"a part":                 at(swept[90:110], func(x *check.Export) { x.Part = true }),
		"one, not the first":     at(append(slices.Clone(l.lines[:7]), append(swept[7:8:8], l.lines[8:]...)...), as),
		"everything":             at(emptied(t, l.lines, n), as),
	} {
		if !f.Proven() {
			t.Errorf("%s: %s", name, f)
		}
	}
	if f := at(swept, as); !strings.Contains(f.Text, "100 of them are not kept") || !strings.Contains(f.Text, "2026-11-22T12:01:40Z") {
		t.Error(f)
	}
	late := edit(t, l.lines[170], func(e map[string]any) { delete(e, "event") })
	forged := edit(t, swept[40], func(e map[string]any) { e["hash"] = ledger.Hash([]byte("another")) })
	for name, c := range map[string]struct {
		finding check.Finding
		wrong   string
		leaf    uint64
	}{
		"a kept one removed":       {at(slices.Concat(swept[:170], []string{late}, swept[171:]), as), check.Removed, 170},
		"a hash replaced":          {at(slices.Concat(swept[:40], []string{forged}, swept[41:]), as), check.Removed, 40},
		"a line of an unkept gone": {at(slices.Delete(slices.Clone(swept), 40, 41), as), check.Removed, 40},
		"two unkept swapped":       {at(slices.Concat(swept[:40], []string{swept[41], swept[40]}, swept[42:]), as), check.Moved, 40},
		"everything is kept":       {at(swept, func(x *check.Export) { x.Since = time.Time{} }), check.Removed, 0},
		"more is kept":             {at(emptied(t, l.lines, 1)[0:], func(x *check.Export) { x.Since = time.Time{} }), check.Removed, 0},
	} {
		if c.finding.Wrong != c.wrong || c.finding.Leaf != c.leaf {
			t.Errorf("%s: %q at %d: %s", name, c.finding.Wrong, c.finding.Leaf, c.finding)
		}
	}
}

// Whole answers of the API are read like lines, and a checkpoint from its answer.
func TestAnswersAreRead(t *testing.T) {
	l := newLog(t, "acme", 5)
	c := l.signed(t)
	page := func(lines []string) string {
		return `{"checkpoint":{"size":5},"entries":[` + strings.Join(lines, ",") + `],"next_from":3}`
	}
	entries, err := check.Read(nil, []byte(page(l.lines[:3])+"\n"+page(l.lines[3:])))
	must(t, err)
	answer, err := json.Marshal(map[string]any{"size": 5, "checkpoint": c.Note, "keys": c.Keys})
	must(t, err)
	if f := judged(t, check.Export{Key: c.Keys[0], Checkpoint: check.Note(answer), Entries: entries}); !f.Proven() {
		t.Error(f)
	}
	if check.Note([]byte(c.Note)) != c.Note {
		t.Error("a note is not read as it is")
	}
	for _, wrong := range []string{"{}", "[]", "7", "{", `{"leaf":-1}`, `{"leaf":0,"leaf":0}`} {
		if _, err := check.Read(nil, []byte(wrong)); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
	if !bytes.Contains([]byte(l.lines[0]), []byte(`"leaf":0`)) {
		t.Error(l.lines[0])
	}
}

// What nothing looks at could show people something that was never signed; and a forger's words do nothing to a terminal.
func TestNothingStandsBesideWhatIsJudged(t *testing.T) {
	l := newLog(t, "acme", 3)
	for _, member := range []string{"Event", "note", "EVENT"} {
		forged := edit(t, l.lines[1], func(e map[string]any) { e[member] = map[string]any{"id": "forged"} })
		if _, err := check.Read(nil, []byte(forged)); err == nil {
			t.Errorf("an entry with %s was read", member)
		}
		if _, err := check.Read(nil, []byte(`{"size":3,"entries":[`+forged+`]}`)); err == nil {
			t.Errorf("an answer whose entry has %s was read", member)
		}
	}
	l.lines[1] = edit(t, l.lines[1], func(e map[string]any) { e["event"].(map[string]any)["kind"] = "\x1b[2J\nproven: 3 events" })
	if f := judged(t, export(t, l.signed(t), l.lines)); f.Proven() || strings.ContainsAny(f.String(), "\x1b\n") {
		t.Errorf("%q", f.String())
	}
}
