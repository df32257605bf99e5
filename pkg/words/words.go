// Package words is what people are told: every sentence of every mail and SMS, and of every page in a browser, in each language, by stable
// names. A language is two readable files below languages, one of mail and one of pages, and a folder of the console, which those of English explain. It is pure: it
// sends nothing and knows no organisation; it may import nothing of ours but fault.
package words

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Language is one that there are words in, by its tag of BCP 47.
type Language string

// English is what everybody is told who has chosen nothing that there is.
const English Language = "en"

// languages are all of them, the default first.
var languages = []Language{English, "de", "fr", "es", "it"}

// Languages are all that there are, the default first.
func Languages() []Language { return append([]Language(nil), languages...) }

//go:embed languages
var files embed.FS

// Each language has two readers: a file is read when somebody is first told something in it, so that a cold start reads none, whoever
// sends mail reads no pages, and whoever shows pages reads no mail; but for the console, which says what has changed as mail does.
var (
	catalogues = lazily(func(l Language) *Catalogue { return open("languages", l) })
	pages      = lazily(func(l Language) *Catalogue { return open("languages/pages", l) })
	console    = lazily(func(l Language) *Catalogue { return Pages(l).with("languages/console/" + string(l)).telling(In(l)) })
)

func lazily(open func(Language) *Catalogue) map[Language]func() *Catalogue {
	all := map[Language]func() *Catalogue{}
	for _, l := range languages {
		all[l] = sync.OnceValue(func() *Catalogue { return open(l) })
	}
	return all
}

// In gives the words of mail and SMS in a language; English for one that there is not.
func In(l Language) *Catalogue { return in(catalogues, l) }

// Pages gives the words of pages in a language; English for one that there is not.
func Pages(l Language) *Catalogue { return in(pages, l) }

// Console gives the words of pages in a language with those of the console, which is a folder of its own: a file for each of its parts. What mail
// tells of events it has, too, so that both say one thing alike.
func Console(l Language) *Catalogue { return in(console, l) }

func in(all map[Language]func() *Catalogue, l Language) *Catalogue {
	if read, there := all[l]; there {
		return read()
	}
	return all[English]()
}

// Catalogue is one language's words.
type Catalogue struct {
	language Language
	texts    map[string]string
	months   []string
}

// open reads a file that is embedded and held to its form by a test, so a failure is a defect: it panics.
func open(folder string, l Language) *Catalogue {
	content, err := files.ReadFile(folder + "/" + string(l) + ".txt")
	if err != nil {
		panic(fmt.Sprintf("words: %s cannot be read", l))
	}
	texts := read(string(content))
	return &Catalogue{l, texts, strings.Fields(texts["months"])}
}

// with is a catalogue and all files of a folder besides.
func (c *Catalogue) with(folder string) *Catalogue {
	more, err := files.ReadDir(folder)
	if err != nil {
		panic(fmt.Sprintf("words: %s cannot be read", folder))
	}
	all := maps.Clone(c.texts)
	for _, f := range more {
		content, err := files.ReadFile(folder + "/" + f.Name())
		if err != nil {
			panic(fmt.Sprintf("words: %s of %s cannot be read", f.Name(), folder))
		}
		maps.Copy(all, read(string(content)))
	}
	return &Catalogue{c.language, all, c.months}
}

// telling is a catalogue and what mail tells of events besides: the labels of details, and the words of their values.
func (c *Catalogue) telling(mail *Catalogue) *Catalogue {
	for key, text := range mail.texts {
		if told(key) {
			c.texts[key] = text
		}
	}
	return c
}

// told reports whether a text of mail is part of what is told of events.
func told(key string) bool {
	return strings.HasPrefix(key, "detail.") || strings.HasPrefix(key, "word.")
}

func read(content string) map[string]string {
	texts := map[string]string{}
	for line := range strings.Lines(content) {
		if key, text, found := strings.Cut(strings.TrimSpace(line), " = "); found && !strings.HasPrefix(key, "#") {
			texts[key] = text
		}
	}
	return texts
}

// Language is whose words these are.
func (c *Catalogue) Language() Language { return c.language }

// Has reports whether there is such a text.
func (c *Catalogue) Has(key string) bool { return c.texts[key] != "" }

// Keys are the names of all texts, in order: every language has the same.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.texts)) }

// Say gives a text with its placeholders filled in: values are name, value, name, value. What stands in a value is never read as a
// placeholder. A text that is missing is a defect: it panics, and whoever asked for the mail hears that it could not be written.
func (c *Catalogue) Say(key string, values ...string) string {
	text := c.texts[key]
	if text == "" {
		panic(fmt.Sprintf("words: %s has no %q", c.language, key))
	}
	return Fill(text, values...)
}

// Fill is Say of a text that somebody else wrote.
func Fill(text string, values ...string) string {
	pairs := make([]string, len(values))
	for i, v := range values {
		if pairs[i] = v; i%2 == 0 {
			pairs[i] = "{" + v + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Time is a time as people read it: to the minute, in UTC, because nobody's own zone is known.
func (c *Catalogue) Time(t time.Time) string {
	t = t.UTC()
	return c.Say("time",
		"day", strconv.Itoa(t.Day()), "month", c.months[t.Month()-1], "year", strconv.Itoa(t.Year()), "clock", t.Format("15:04"))
}

// Day is a day as people read it.
func (c *Catalogue) Day(t time.Time) string {
	return c.Say("day", "day", strconv.Itoa(t.Day()), "month", c.months[t.Month()-1], "year", strconv.Itoa(t.Year()))
}
