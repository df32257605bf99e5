package page

import (
	"html/template"
	"testing"
	"time"

	"twofold/pkg/words"
)

func TestSay(t *testing.T) {
	at := time.Date(2026, 3, 1, 21, 5, 0, 0, time.UTC)
	german := words.Pages("de")
	for name, c := range map[string]struct {
		values []any
		want   any
	}{
		"strings":    {[]any{"title", "<b>", "organization", "{title}"}, "<b> – {title}"},
		"numbers":    {[]any{"title", 3, "organization", int64(4)}, "3 – 4"},
		"lines":      {[]any{"title", "a\r\n b\u202e", "organization", "א"}, "a b – \u2068א\u2069"},
		"a time":     {[]any{"title", "<b>", "organization", at}, template.HTML(`&lt;b&gt; – <time datetime="2026-03-01T21:05:00Z">1. März 2026, 21:05 UTC</time>`)},
		"no time":    {[]any{"title", "<b>", "organization", time.Time{}}, template.HTML(`&lt;b&gt; – `)},
		"half":       {[]any{"title"}, nil},
		"no name":    {[]any{1, 2}, nil},
		"HTML":       {[]any{"title", template.HTML("<b>"), "organization", "x"}, nil},
		"an address": {[]any{"title", template.URL("data:x"), "organization", at}, nil},
	} {
		if got, err := say(german, "shell.title", c.values); got != c.want || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %#v, %v", name, got, err)
		}
	}
	if _, err := say(german, "no.such", nil); err == nil {
		t.Error("a text that there is not was said")
	}
	if got := day(at, german.Day); got != `<time datetime="2026-03-01">1. März 2026</time>` || day(time.Time{}, german.Day) != "" {
		t.Errorf("the day is %s", got)
	}
}

func TestFieldsAreMadeOfWhatTheyHave(t *testing.T) {
	f, err := field("code", "label", "Code", "digits", 6, "Autofocus", true, "options", []Option{{Value: "a"}})
	if err != nil || f.Name != "code" || f.Label != "Code" || f.Digits != 6 || !f.Autofocus || len(f.Options) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for name, pairs := range map[string][]any{
		"half": {"label"}, "unknown": {"onclick", "x"}, "of another type": {"label", 1}, "of no type": {"label", nil}, "no name": {1, 1}, "HTML": {"label", template.HTML("<b>")},
		"options of another name": {"label", []Option{}}, "the name": {"name", "x"},
	} {
		if _, err := field("code", pairs...); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestPicturesAreOfTwoKinds(t *testing.T) {
	if got, err := embedded("image/png", []byte{1, 2, 3}); err != nil || got != "data:image/png;base64,AQID" {
		t.Errorf("%s, %v", got, err)
	}
	for _, kind := range []string{"", "image/svg+xml", "text/html", "image/png;x"} {
		if _, err := embedded(kind, nil); err == nil {
			t.Errorf("%q is taken", kind)
		}
	}
}

func TestFilesAreOfThreeKinds(t *testing.T) {
	for kind, want := range map[string]template.URL{
		"text/csv; charset=utf-8": "data:text/csv;charset=utf-8;base64,AP8K", "application/x-ndjson": "data:application/x-ndjson;base64,AP8K",
		"text/plain; charset=utf-8": "data:text/plain;charset=utf-8;base64,AP8K",
	} {
		if got, err := carried(kind, []byte{0, 255, '\n'}); err != nil || got != want {
			t.Errorf("%s, %v", got, err)
		}
	}
	for _, kind := range []string{"", "text/html", "image/svg+xml", "text/csv", "text/plain; charset=utf-8,<script>", "text/javascript"} {
		if _, err := carried(kind, nil); err == nil {
			t.Errorf("%q is taken", kind)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		user, accepts, organization string
		want                        words.Language
	}{
		{"", "", "", "en"}, {"de", "fr", "es", "de"}, {"", "fr-CH, en;q=0.5", "es", "fr"}, {"ja", "ko", "it", "it"}, {"", "en;q=0.1, it", "de", "it"}, {"", "x;;;", "de", "de"},
	} {
		r := newGet(t, "/")
		r.Header.Set("Accept-Language", c.accepts)
		if got := Language(r, c.user, c.organization); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
