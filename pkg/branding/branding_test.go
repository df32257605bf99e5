package branding_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/branding"
	"twofold/pkg/fault"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const acme = storetest.Organization

var errDown = errors.New("down")

type fixture struct {
	*storetest.World
	*branding.Service
	t     *testing.T
	store *memstore.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store}
	f.Service = &branding.Service{Store: store, Now: f.Clock.Now}
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// told are the events that people are to be told of, since it was last asked.
func (f *fixture) told() []audit.Event {
	var events []audit.Event
	for _, o := range f.store.Deliveries() {
		if o.Kind == mail.NoticeOrder {
			events = append(events, o.Event)
		}
	}
	return events
}

func picture(width, height int) []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func photo(width, height int) []byte {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func whole() branding.Wanted {
	return branding.Wanted{
		Name: "Acme Cloud", Language: "de", Color: "#0a7d5a", Logo: picture(120, 40),
		Texts: []branding.Text{{"de", "signoff", "Ihr {organization}-Team"}, {"en", "announcement.lead", "Until {until}, please."}},
	}
}

func TestABrandingIsSaidSeenAndTold(t *testing.T) {
	f := newFixture(t)
	b, err := f.Get(t.Context(), f.Administrator, acme)
	f.must(err)
	if b.Rev != 0 || b.Organization != acme {
		t.Errorf("before: %+v", b)
	}
	b, err = f.Put(t.Context(), f.Administrator, acme, whole(), 0)
	f.must(err)
	again, err := f.Get(t.Context(), f.System, acme)
	f.must(err)
	if b.Rev != 1 || again.Rev != 1 || again.Name != "Acme Cloud" || again.Color != "#0a7d5a" || again.Logo.Width != 120 || again.Logo.Type != "image/png" || again.Text("de", "signoff") != "Ihr {organization}-Team" || again.ChangedBy != "ann" {
		t.Errorf("then: %+v", again)
	}
	told := f.told()
	if len(told) != 1 || told[0].Kind != audit.BrandingChanged || told[0].Details["name"] != " → Acme Cloud" || told[0].Details["texts"] != "changed" || told[0].Details["color"] != " → #0a7d5a" || told[0].Details["logo"] != "changed" {
		t.Errorf("told: %+v", told)
	}
	f.must(second(f.Put(t.Context(), f.Administrator, acme, whole(), 0))) // a lost reply
	if n := len(f.told()); n != 0 {
		t.Errorf("told %d times more of what stands", n)
	}
	b, err = f.Put(t.Context(), f.Administrator, acme, branding.Wanted{}, 1)
	f.must(err)
	if b.Rev != 2 || b.Name != "" || b.Logo != nil || b.Texts != nil {
		t.Errorf("taken back: %+v", b)
	}
	if told := f.told(); len(told) != 1 || told[0].Details["logo"] != "removed" || told[0].Details["color"] != "#0a7d5a → " {
		t.Errorf("told: %+v", told)
	}
	b, err = f.Put(t.Context(), f.Administrator, acme, branding.Wanted{Color: "#ffc800"}, 2) // and nothing else
	f.must(err)
	if b.Rev != 3 || b.Color != "#ffc800" || len(f.told()) != 1 {
		t.Errorf("a color: %+v", b)
	}
}

func second(_ org.Branding, err error) error { return err }

func TestWhoSaysWhatABrandingIs(t *testing.T) {
	f := newFixture(t)
	f.must(second(f.Put(t.Context(), f.Administrator, acme, whole(), 0)))
	if err := second(f.Put(t.Context(), f.Administrator, acme, branding.Wanted{Name: "B"}, 0)); !errors.Is(err, branding.ErrStale) {
		t.Errorf("from what was never read: %v", err)
	}
	for name, c := range map[string]struct {
		caller       access.Caller
		organization string
		want         error
	}{
		"an application":          {f.Application, acme, access.ErrRole},
		"a system administrator":  {f.System, acme, access.ErrRole},
		"of another organisation": {f.Administrator, "other", access.ErrNotFound},
	} {
		if err := second(f.Put(t.Context(), c.caller, c.organization, whole(), 1)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	_, err := f.Policy.PutOrganization(t.Context(), f.System, policy.Put{ID: "other", Name: "Other", Administrator: &policy.NewAdministrator{ID: "oda", Email: "oda@other.example"}})
	f.must(err)
	if _, err := f.Get(t.Context(), f.Administrator, "other"); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("another's branding: %v", err)
	}
}

func TestABrandingInAnOutage(t *testing.T) {
	f := newFixture(t)
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Branding, memstore.WriteBranding} {
		f.store.FailNext(op, false, errDown)
		if err := second(f.Put(t.Context(), f.Administrator, acme, whole(), 0)); fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s: %v", op, err)
		}
	}
	for range 3 {
		f.store.FailNext(memstore.WriteBranding, false, user.ErrConflict)
	}
	if err := second(f.Put(t.Context(), f.Administrator, acme, whole(), 0)); !errors.Is(err, user.ErrConflict) {
		t.Errorf("three lost races: %v", err)
	}
	f.store.FailNext(memstore.WriteBranding, true, errDown) // written, and the answer is lost
	if err := second(f.Put(t.Context(), f.Administrator, acme, whole(), 0)); fault.As(err).Kind != fault.Unavailable {
		t.Error(err)
	}
	b, err := f.Put(t.Context(), f.Administrator, acme, whole(), 0)
	f.must(err)
	if b.Rev != 1 || len(f.told()) != 1 {
		t.Errorf("after the repetition: %+v", b)
	}
}

func TestWhatABrandingCannotSay(t *testing.T) {
	f := newFixture(t)
	for what, c := range map[string]struct {
		wanted branding.Wanted
		code   string
		at     string
	}{
		"a long name":             {branding.Wanted{Name: strings.Repeat("a", 65)}, "invalid_name", "name"},
		"a name of two lines":     {branding.Wanted{Name: "a\nb"}, "invalid_name", "name"},
		"a name that turns":       {branding.Wanted{Name: "a\u202eb"}, "invalid_name", "name"},
		"a name with space":       {branding.Wanted{Name: "a  b"}, "invalid_name", "name"},
		"a name that is blank":    {branding.Wanted{Name: "\u3164"}, "invalid_name", "name"},
		"an address for a name":   {branding.Wanted{Name: "help@acme"}, "invalid_name", "name"},
		"a link for a name":       {branding.Wanted{Name: "evil.example"}, "invalid_name", "name"},
		"a hidden character":      {branding.Wanted{Name: "evil\u034f"}, "invalid_name", "name"},
		"an encoded word":         {branding.Wanted{Name: "=?utf-8?q?evil=2Eexample?="}, "invalid_name", "name"},
		"markup in a name":        {branding.Wanted{Name: "<b>"}, "invalid_name", "name"},
		"no language":             {branding.Wanted{Language: "tlh"}, "invalid_language", "language"},
		"a language in capitals":  {branding.Wanted{Language: "DE"}, "invalid_language", "language"},
		"a color by name":         {branding.Wanted{Color: "red"}, "invalid_color", "color"},
		"a color in capitals":     {branding.Wanted{Color: "#FFC800"}, "invalid_color", "color"},
		"a style":                 {branding.Wanted{Color: "#fff;}*{"}, "invalid_color", "color"},
		"a text of no language":   {branding.Wanted{Texts: []branding.Text{{"", "signoff", "a"}}}, "invalid_language", "texts[0].language"},
		"a heading":               {branding.Wanted{Texts: []branding.Text{{"de", "signoff", "a"}, {"de", "code.heading", "a"}}}, "invalid_text", "texts[1].text"},
		"a warning":               {branding.Wanted{Texts: []branding.Text{{"de", "code.not_you", "a"}}}, "invalid_text", "texts[0].text"},
		"a text twice":            {branding.Wanted{Texts: []branding.Text{{"de", "signoff", "a"}, {"de", "signoff", "b"}}}, "invalid_text", "texts[1].text"},
		"a link":                  {branding.Wanted{Texts: []branding.Text{{"de", "signoff", "https://evil.example"}}}, "invalid_text", "texts[0].words"},
		"another's placeholder":   {branding.Wanted{Texts: []branding.Text{{"de", "signoff", "{code}"}}}, "invalid_text", "texts[0].words"},
		"no picture":              {branding.Wanted{Logo: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")}, "invalid_logo", "logo"},
		"a GIF":                   {branding.Wanted{Logo: []byte("GIF89a")}, "invalid_logo", "logo"},
		"too large a picture":     {branding.Wanted{Logo: picture(513, 20)}, "invalid_logo", "logo"},
		"too high a picture":      {branding.Wanted{Logo: photo(20, 513)}, "invalid_logo", "logo"},
		"too small a picture":     {branding.Wanted{Logo: picture(7, 20)}, "invalid_logo", "logo"},
		"half a picture":          {branding.Wanted{Logo: picture(100, 100)[:60]}, "invalid_logo", "logo"},
		"half a photo":            {branding.Wanted{Logo: photo(100, 100)[:400]}, "invalid_logo", "logo"},
		"more behind a picture":   {branding.Wanted{Logo: append(picture(20, 20), "<script>"...)}, "invalid_logo", "logo"},
		"more behind a photo":     {branding.Wanted{Logo: append(photo(20, 20), "<script>"...)}, "invalid_logo", "logo"},
		"an end behind that":      {branding.Wanted{Logo: append(photo(20, 20), "<script>\xff\xd9"...)}, "invalid_logo", "logo"},
		"two photos in a row":     {branding.Wanted{Logo: append(photo(20, 20), photo(20, 20)...)}, "invalid_logo", "logo"},
		"a photo in a photo":      {branding.Wanted{Logo: append([]byte("\xff\xd8"), photo(20, 20)...)}, "invalid_logo", "logo"},
		"a file that is too long": {branding.Wanted{Logo: append(picture(20, 20), make([]byte, branding.MaxLogo)...)}, "invalid_logo", "logo"},
		"a bomb":                  {branding.Wanted{Logo: bomb()}, "invalid_logo", "logo"},
	} {
		err := second(f.Put(t.Context(), f.Administrator, acme, c.wanted, 0))
		if got := fault.As(err); err == nil || got.Kind != fault.Unprocessable || got.Code != c.code || got.Field != c.at {
			t.Errorf("%s: %v at %q", what, err, got.Field)
		}
	}
	if len(f.told()) != 0 {
		t.Error("something was written")
	}
	for _, logo := range [][]byte{picture(8, 8), picture(512, 512), photo(512, 8), noisy(64, 64), thumbnailed(photo(20, 20))} {
		b, err := f.Get(t.Context(), f.Administrator, acme)
		f.must(err)
		f.must(second(f.Put(t.Context(), f.Administrator, acme, branding.Wanted{Logo: logo}, b.Rev)))
	}
}

// noisy is a photo whose coded data hold bytes that would be marks.
func noisy(width, height int) []byte {
	pixels := image.NewGray(image.Rect(0, 0, width, height))
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range pixels.Pix {
		pixels.Pix[i] = byte(dice.Uint32())
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, pixels, &jpeg.Options{Quality: 100}); err != nil || !bytes.Contains(file.Bytes(), []byte{0xff, 0}) {
		panic("no photo with stuffed bytes")
	}
	return file.Bytes()
}

// thumbnailed puts a whole photo into a segment of another, as cameras do.
func thumbnailed(file []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(file)+2))
	return slices.Concat(file[:2], segment, file, file[2:])
}

// bomb is a picture whose header says that it is larger than any memory.
func bomb() []byte {
	file := picture(20, 20)
	binary.BigEndian.PutUint32(file[16:], 1<<30)
	binary.BigEndian.PutUint32(file[20:], 1<<30)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}
