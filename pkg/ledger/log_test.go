package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// pen is a key that signs.
type pen struct{ private ed25519.PrivateKey }

func (p pen) Public() ed25519.PublicKey           { return p.private.Public().(ed25519.PublicKey) }
func (p pen) Sign(message []byte) ([]byte, error) { return ed25519.Sign(p.private, message), nil }

func newPen(seed byte) pen {
	return pen{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))}
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func event(n int) audit.Event {
	return audit.Event{ID: fmt.Sprintf("event-%03d", n), At: start.Add(time.Duration(n) * time.Second), Kind: audit.UserReset, Organization: "acme", User: "u"}
}

// grow appends n events, in batches of what sizes gives in turn, and gives the root after every batch.
func grow(t *testing.T, n int, sizes ...int) (heads []ledger.Head, leaves map[uint64]ledger.Leaf) {
	t.Helper()
	h := ledger.Head{Organization: "acme"}
	leaves = map[uint64]ledger.Leaf{}
	for at := 0; int(h.Size) < n; at++ {
		var some []audit.Event
		for range min(sizes[at%len(sizes)], n-int(h.Size)) {
			some = append(some, event(int(h.Size)+len(some)))
		}
		next, added, err := h.Append(some)
		if err != nil || next.Rev != h.Rev+1 || next.Size != h.Size+uint64(len(some)) {
			t.Fatalf("%+v after %+v: %v", next, h, err)
		}
		for _, l := range added {
			leaves[l.Index] = l
		}
		h = next
		heads = append(heads, h)
	}
	return heads, leaves
}

func root(t *testing.T, h ledger.Head) []byte {
	t.Helper()
	r, err := h.Root()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const size = 70

// Every leaf in every size, and every size in every larger one: the proofs that leaves alone give are what transparency-dev's verifier accepts, and
// no batching changes a root.
func TestEveryProofVerifies(t *testing.T) {
	heads, leaves := grow(t, size, 1)
	if batched, _ := grow(t, size, 7, 3, 48); !bytes.Equal(root(t, batched[len(batched)-1]), root(t, heads[size-1])) {
		t.Error("the root depends on how events came together")
	}
	for n := uint64(1); n <= size; n++ {
		for index := range n {
			path, err := ledger.Inclusion(index, n)
			if err != nil {
				t.Fatal(err)
			}
			hashes, err := path.Hashes(leaves)
			if err != nil {
				t.Fatal(err)
			}
			hash := rfc6962.DefaultHasher.HashLeaf(ledger.Data(event(int(index))))
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, n, hash, hashes, root(t, heads[n-1])); err != nil {
				t.Errorf("leaf %d in %d: %v", index, n, err)
			}
			if !ledger.Includes(hash, index, n, hashes, root(t, heads[n-1])) || ledger.Includes(hash, index, n, hashes, hash) && n > 1 {
				t.Errorf("leaf %d in %d: Includes judges otherwise", index, n)
			}
		}
		for m := uint64(1); m <= n; m++ {
			path, err := ledger.Consistency(m, n)
			if err != nil {
				t.Fatal(err)
			}
			hashes, err := path.Hashes(leaves)
			if err != nil {
				t.Fatal(err)
			}
			if !ledger.Extends(m, root(t, heads[m-1]), n, root(t, heads[n-1]), hashes) {
				t.Errorf("%d does not begin %d", m, n)
			}
			if m < n && ledger.Extends(m, root(t, heads[n-1]), n, root(t, heads[n-1]), hashes) {
				t.Errorf("another log begins %d", n)
			}
			if len(path.Leaves()) > 14 {
				t.Errorf("%d leaves for a proof in a log of %d", len(path.Leaves()), n)
			}
		}
	}
}

func TestAProofOfALeafThatIsNotThere(t *testing.T) {
	_, leaves := grow(t, 9, 9)
	path, err := ledger.Inclusion(3, 9)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range path.Leaves() {
		less := map[uint64]ledger.Leaf{}
		for at, l := range leaves {
			if at != index {
				less[at] = l
			}
		}
		if _, err := path.Hashes(less); !errors.Is(err, ledger.ErrLeaf) {
			t.Errorf("without leaf %d: %v", index, err)
		}
	}
	if _, err := ledger.Inclusion(9, 9); err == nil {
		t.Error("a leaf behind the log is in it")
	}
	if _, err := ledger.Consistency(10, 9); err == nil {
		t.Error("a longer log begins a shorter")
	}
}

func TestAHeadThatIsNone(t *testing.T) {
	heads, _ := grow(t, 7, 7)
	good := heads[0]
	for name, change := range map[string]func(*ledger.Head){
		"too small": func(h *ledger.Head) { h.Size = 8 }, "a peak too few": func(h *ledger.Head) { h.Peaks = h.Peaks[1:] },
		"a peak cut": func(h *ledger.Head) { h.Peaks = append([][]byte{{1}}, h.Peaks[1:]...) },
	} {
		h := good
		change(&h)
		if _, _, err := h.Append([]audit.Event{event(7)}); !errors.Is(err, ledger.ErrHead) {
			t.Errorf("%s: Append gave %v", name, err)
		}
		if _, err := h.Root(); !errors.Is(err, ledger.ErrHead) {
			t.Errorf("%s: Root gave %v", name, err)
		}
	}
	empty, err := ledger.Head{}.Root()
	if err != nil || !bytes.Equal(empty, rfc6962.DefaultHasher.EmptyRoot()) {
		t.Errorf("the empty log: %x, %v", empty, err)
	}
}

func TestACheckpointIsOfOneLogAndKey(t *testing.T) {
	const issuer = "https://auth.vendor.example"
	heads, _ := grow(t, 5, 5)
	h := heads[0]
	other := h
	other.Organization = "acme2"
	keys := []ledger.Key{newPen(1), newPen(2)}
	c, err := ledger.Sign(h, issuer, keys, start)
	if err != nil || c.Size != 5 || len(c.Keys) != 2 || c.Organization != "acme" {
		t.Fatalf("%+v, %v", c, err)
	}
	if !strings.HasPrefix(c.Note, "auth.vendor.example/audit/acme\n5\n") {
		t.Errorf("the note begins %q", c.Note)
	}
	for _, key := range c.Keys { // the old key verifies too
		signed, err := ledger.Open(c.Note, key)
		if err != nil || signed.Size != 5 || !bytes.Equal(signed.Root, root(t, h)) || signed.Origin != "auth.vendor.example/audit/acme" {
			t.Errorf("%+v, %v", signed, err)
		}
	}
	elsewhere, err := ledger.Sign(other, issuer, keys, start)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := ledger.Sign(h, issuer, []ledger.Key{newPen(3)}, start)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"another organisation's": elsewhere.Note, "signed with another key": forged.Note, "nothing": "", "cut": c.Note[:40],
		"another size": strings.Replace(c.Note, "\n5\n", "\n6\n", 1), "a line more": strings.Replace(c.Note, "\n\n", "\nmore\n\n", 1),
	} {
		if _, err := ledger.Open(text, c.Keys[0]); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ledger.Open(c.Note, "no key"); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("no key: %v", err)
	}
	ownCheckpoints(t, h, c, elsewhere)
	moreThanItSays(t, c)
}

// moreThanItSays: a note that says more than a checkpoint of ours does is none, whoever signed it.
func moreThanItSays(t *testing.T, c ledger.Checkpoint) {
	t.Helper()
	body, _, _ := strings.Cut(c.Note, "\n\n")
	signer, err := note.NewSigner(privateKey(c, newPen(1)))
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{body + "\n": true, body + "\nmore\n": false} {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Open(string(signed), c.Keys[0]); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// privateKey is a pen as package note reads it, under the name and hash of a checkpoint's first key.
func privateKey(c ledger.Checkpoint, p pen) string {
	named := strings.Split(c.Keys[0], "+")
	return "PRIVATE+KEY+" + named[0] + "+" + named[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, p.private.Seed()...))
}

// ownCheckpoints: what we signed before, we know again, whatever the deployment is called now; nothing of another log, and nothing of another's key.
func ownCheckpoints(t *testing.T, h ledger.Head, c, elsewhere ledger.Checkpoint) {
	t.Helper()
	now := []ledger.Key{newPen(9), newPen(1)}
	if signed, err := ledger.OpenOwn(c, now); err != nil || !bytes.Equal(signed.Root, root(t, h)) {
		t.Errorf("%+v, %v", signed, err)
	}
	elsewhere.Organization = h.Organization
	if _, err := ledger.OpenOwn(elsewhere, now); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("another log's: %v", err)
	}
	if _, err := ledger.OpenOwn(c, now[:1]); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("another's key: %v", err)
	}
	c.Size++
	if _, err := ledger.OpenOwn(c, now); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("under another size: %v", err)
	}
}

func TestOriginsAreNames(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://auth.vendor.example/": "auth.vendor.example/audit/acme", "urn:twofold:1:eu-west-1:stack": "urn:twofold:1:eu-west-1:stack/audit/acme",
		"https://a b+c/ü": "a%20b%2Bc/%C3%BC/audit/acme",
	} {
		if got := ledger.Origin(issuer, "acme"); got != want {
			t.Errorf("%s: %s", issuer, got)
		}
	}
	if own := ledger.Origin("x", ""); own != "x/audit/" || strings.HasSuffix(ledger.Origin("x", "audit"), ledger.Origin("", "")) {
		t.Errorf("the vendor's own log is called %s, like an organisation's", own)
	}
}
