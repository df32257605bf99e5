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
