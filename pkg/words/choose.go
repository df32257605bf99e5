package words

import (
	"sync"

	"golang.org/x/text/language"
)

// matcher knows which languages stand in for which (CLDR, "Language Matching"): de for de-CH, for gsw and for lb.
var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range languages {
		tags = append(tags, language.MustParse(string(l)))
	}
	return language.NewMatcher(tags)
})

// Choose gives the language of whoever wishes first and can be satisfied: the user, then the organisation; English if nobody can. Wishes
// are tags of BCP 47, or empty, or whatever an application made of it. Only what its speakers read with ease stands in for a language;
// where that is none, the next wish decides.
func Choose(wishes ...string) Language {
	for _, wish := range wishes {
		if wish == "" {
			continue
		}
		tag, err := language.Parse(wish)
		if err != nil {
			continue
		}
		if _, at, confidence := matcher().Match(tag); confidence >= language.High {
			return languages[at]
		}
	}
	return English
}

// What of an Accept-Language header is looked at. Browsers send far less.
const (
	maxAccepted      = 200 // bytes
	maxAcceptedWords = 10
)

// Accepted are the wishes of an Accept-Language header (RFC 9110 §12.5.4), the dearest first; none where it cannot be read. What it
// refuses (q=0) is no wish.
func Accepted(header string) []string {
	if len(header) > maxAccepted {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	var wishes []string
	for _, tag := range tags[:min(len(tags), maxAcceptedWords)] {
		wishes = append(wishes, tag.String())
	}
	return wishes
}
