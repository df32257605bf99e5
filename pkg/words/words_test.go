package words

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// alike are the texts that are the same in several languages and are meant to be, by language; * stands for any.
var alike = map[string][]string{
	"*":  {"direction", "time", "list", "subject", "doing.vendor_in_place"},
	"de": {"fact.administrator", "fact.organization", "detail.administrator", "detail.name", "detail.logo", "detail.sms", "detail.status", "detail.domain", "word.sms"},
	"fr": {"detail.message", "fact.organization", "detail.application", "detail.logo", "detail.organizations", "detail.service", "detail.sms", "word.sms", "word.application"},
	"es": {"detail.sms", "word.sms", "word.false"},
	"it": {"detail.logo", "detail.sms", "word.sms", "word.false"},
}

// alikeOnPages is alike, of pages.
var alikeOnPages = map[string][]string{
	"*":  {"direction", "time", "day", "shell.title", "wait.label"},
	"fr": {"shell.menu"},
	"es": {"field.error"},
}

// alikeInConsole is alike, of the console.
var alikeInConsole = map[string][]string{
	"*":  {"console.decimal", "console.entitlement.sms", "console.name", "console.vendor"},
	"de": {"console.applications.name", "console.confirm.code", "console.entrance.organization", "console.invitation.administrator", "console.keys.for.administrator", "console.newcomer.name", "console.organization.name", "console.organizations.organization", "console.people.name", "console.role.org_admin", "console.sender.record.name", "console.user.device", "console.user.name", "console.way.ticket", "console.users.column.status"},
	"fr": {"console.announce.said", "console.announce.state.active", "console.applications.title", "console.deed.life.15", "console.keys.actions", "console.keys.for.application", "console.menu.organizations", "console.organizations.organization", "console.policy.version.head", "console.role.application", "console.user.service", "console.way.ticket"},
	"es": {"console.keys.no", "console.set.no", "console.user.no"},
	"it": {"console.keys.no", "console.set.no", "console.user.device", "console.user.no", "console.way.ticket"},
}

// kinds are the two files of each language, with what is alike in them.
var kinds = []struct {
	folder string
	in     func(Language) *Catalogue
	alike  map[string][]string
}{{"languages", In, alike}, {"languages/pages", Pages, alikeOnPages}, {"languages/console", onlyConsole, alikeInConsole}}

// onlyConsole are the words of the console without those of all pages, and those of mail.
func onlyConsole(l Language) *Catalogue {
	own := maps.Clone(Console(l).texts)
	maps.DeleteFunc(own, func(key, text string) bool {
		return Pages(l).texts[key] == text || told(key) && In(l).texts[key] == text
	})
	return &Catalogue{l, own, Console(l).months}
}

// The console has a file for each of its parts, the same in every language; none says again what another says, or all pages do.
func TestThePartsOfTheConsole(t *testing.T) {
	for _, l := range Languages() {
		n := len(Pages(l).texts)
		for key := range In(l).texts {
			if told(key) {
				n++
			}
		}
		for _, part := range parts(t, l) {
			content, err := files.ReadFile("languages/console/" + string(l) + "/" + part)
			if err != nil {
				t.Fatal(err)
			}
			wellFormed(t, "languages/console/"+string(l)+"/"+part, string(content))
			n += len(read(string(content)))
		}
		if n != len(Console(l).texts) {
			t.Errorf("%s: %d texts are said twice", l, n-len(Console(l).texts))
		}
		if !slices.Equal(parts(t, l), parts(t, English)) {
			t.Errorf("%s has the parts %v", l, parts(t, l))
		}
	}
}

func parts(t *testing.T, l Language) []string {
	t.Helper()
	found, err := files.ReadDir("languages/console/" + string(l))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Name())
	}
	return names
}

// Every language has exactly the texts of English with their placeholders, none of them empty, and none left untranslated.
func TestLanguagesSayTheSame(t *testing.T) {
	for _, kind := range kinds {
		english := kind.in(English)
		for _, l := range Languages()[1:] {
			other := kind.in(l)
			if !slices.Equal(other.Keys(), english.Keys()) {
				t.Errorf("%s/%s has other texts than English: %v", kind.folder, l, differing(other.Keys(), english.Keys()))
				continue
			}
			for _, key := range english.Keys() {
				compare(t, kind.folder+"/"+string(l)+": "+key, other.texts[key], english.texts[key], slices.Contains(kind.alike[string(l)], key), slices.Contains(kind.alike["*"], key))
			}
		}
	}
}

// compare holds a text to the English one. alike: it is the same on purpose; either: it may be.
func compare(t *testing.T, where, theirs, ours string, alike, either bool) {
	t.Helper()
	if strings.TrimSpace(theirs) == "" || strings.TrimSpace(theirs) != theirs {
		t.Errorf("%s is empty or has space around it", where)
	}
	if !slices.Equal(placeholders(theirs), placeholders(ours)) {
		t.Errorf("%s has the placeholders %v, not %v", where, placeholders(theirs), placeholders(ours))
	}
	if theirs == ours != alike && !either {
		t.Errorf("%s is the English text: %t, and meant to be: %t", where, theirs == ours, alike)
	}
}

// What the console tells of events it tells in the words of mail.
func TestTheConsoleTellsAsMailDoes(t *testing.T) {
	for _, l := range Languages() {
		for key, text := range In(l).texts {
			if got := Console(l).texts[key]; told(key) && got != text {
				t.Errorf("%s: %s is %q", l, key, got)
			}
		}
		if got, want := Console(l).Told("status", "disabled → forced"), In(l).Told("status", "disabled → forced"); got != want || got == "disabled → forced" && l != English {
			t.Errorf("%s: %s, %s", l, got, want)
		}
	}
}

// What both say is said alike: a date in a mail and on a page are one.
func TestPagesAndMailWriteTimesAlike(t *testing.T) {
	for _, l := range Languages() {
		for _, key := range []string{"name", "direction", "time", "months"} {
			if In(l).texts[key] != Pages(l).texts[key] {
				t.Errorf("%s: %s is another on pages", l, key)
			}
		}
	}
}

func differing(a, b []string) []string {
	return slices.DeleteFunc(slices.Concat(a, b), func(key string) bool { return slices.Contains(a, key) && slices.Contains(b, key) })
}

func placeholders(text string) []string {
	found := regexp.MustCompile(`\{[a-z_]*\}`).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Every line of a file is a comment, empty, or one text that no other line gives; and every text is a sentence that could be ours.
func TestFilesAreWhatTheySay(t *testing.T) {
	for _, kind := range kinds[:2] {
		stored, err := filepath.Glob(kind.folder + "/*.txt")
		if err != nil || len(stored) != len(Languages()) {
			t.Errorf("%d files of %d languages, %v", len(stored), len(Languages()), err)
		}
		for _, l := range Languages() {
			content, err := files.ReadFile(kind.folder + "/" + string(l) + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			wellFormed(t, kind.folder+"/"+string(l), string(content))
			if n := len(kind.in(l).months); n != 12 {
				t.Errorf("%s has %d months", l, n)
			}
		}
	}
}

var form = regexp.MustCompile(`^[a-z][a-z0-9_.]* = \S.*\S$|^[a-z][a-z0-9_.]* = \S$`)

func wellFormed(t *testing.T, file, content string) {
	t.Helper()
	seen := map[string]bool{}
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, text, _ := strings.Cut(line, " = ")
		if !form.MatchString(line) || seen[key] {
			t.Errorf("%s: a line that is no text, or one twice: %q", file, line)
		}
		seen[key] = true
		if strings.ContainsAny(text, "<>\t") || strings.Contains(text, "  ") || strings.ContainsFunc(text, unreadable) || Addresses(text) {
			t.Errorf("%s: %s has what no text of ours has: %q", file, key, text)
		}
	}
}

func TestTimes(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 5, 0, 0, time.FixedZone("", 7200))
	for l, want := range map[Language]string{
		"en": "1 March 2026, 21:05 UTC", "de": "1. März 2026, 21:05 UTC", "fr": "1 mars 2026, 21:05 UTC", "es": "1 de marzo de 2026, 21:05 UTC", "it": "1 marzo 2026, 21:05 UTC",
	} {
		if got := In(l).Time(at); got != want {
			t.Errorf("%s: %q", l, got)
		}
		day, _, _ := strings.Cut(want, ",")
		if got := Pages(l).Day(at.UTC()); got != day {
			t.Errorf("%s: %q", l, got)
		}
	}
}

func TestWhatIsMissingIsADefect(t *testing.T) {
	if In("xx") != In(English) || In(English).Language() != English {
		t.Error("a language that there is not is not English")
	}
	defer func() {
		if recover() == nil {
			t.Error("a text that there is not was said")
		}
	}()
	In(English).Say("no.such.text")
}

// A value with a placeholder's name in it is no placeholder.
func TestFillingOnce(t *testing.T) {
	if got := Fill("{a} and {b} and {c}", "a", "{b}", "b", "{a}"); got != "{b} and {a} and {c}" {
		t.Error(got)
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		wishes []string
		want   Language
	}{
		{nil, "en"}, {[]string{"", ""}, "en"}, {[]string{"de"}, "de"}, {[]string{"de-CH", "fr"}, "de"}, {[]string{"gsw", "fr"}, "de"},
		{[]string{"fr-CA", "de"}, "fr"}, {[]string{"es-419"}, "es"}, {[]string{"ja", "it"}, "it"}, {[]string{"en-US", "it"}, "en"},
		{[]string{"pt", "it"}, "it"}, {[]string{"x-private", "it"}, "it"}, {[]string{"de_DE"}, "de"}, {[]string{"no such thing", "it"}, "it"},
		{[]string{"und", "it"}, "it"}, {[]string{"*"}, "en"}, {[]string{strings.Repeat("a", 1000), "it"}, "it"}, {[]string{"ar", "zh"}, "en"},
	} {
		if got := Choose(c.wishes...); got != c.want {
			t.Errorf("%q: %s, want %s", c.wishes, got, c.want)
		}
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string][]string{
		"": nil, "de": {"de"}, "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5": {"fr-CH", "fr", "en", "de", "mul"}, "en;q=0.1, it": {"it", "en"},
		"it;q=0": nil, "de;q=x": nil, ";;;": nil, strings.Repeat("de,", 100): nil, "de,fr,es,it,en,de,fr,es,it,en,de,fr": {"de", "fr", "es", "it", "en", "de", "fr", "es", "it", "en"},
	} {
		if got := Accepted(header); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	if got := Choose(Accepted("ja, de-AT;q=0.5, en;q=0.1")...); got != "de" {
		t.Errorf("a browser that prefers Japanese, then German, is shown %s", got)
	}
}

// A language is read when it is first spoken, once, and no other with it: a cold start reads none, and a mail in one does not pay for five.
func TestALanguageIsReadWhenItIsSpoken(t *testing.T) {
	var opened []Language
	all := lazily(func(l Language) *Catalogue {
		opened = append(opened, l)
		return &Catalogue{language: l}
	})
	if len(all) != len(Languages()) || opened != nil {
		t.Errorf("read at the start: %v", opened)
	}
	if first := all["it"](); first != all["it"]() || !slices.Equal(opened, []Language{"it"}) {
		t.Errorf("read: %v", opened)
	}
}
