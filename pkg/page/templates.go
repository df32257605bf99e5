package page

import (
	"embed"
	"html/template"
	"io/fs"
	"sync"

	"twofold/pkg/words"
)

//go:embed templates
var layout embed.FS

// set is all templates of a site in one language, made when somebody first reads a page in it.
type set func() (*template.Template, error)

// parse reads the layout and the pages' own templates, so that what cannot be read is known at the start.
func parse(own fs.FS, said func(words.Language) *words.Catalogue) (map[words.Language]set, error) {
	all, err := template.New("").Option("missingkey=error").Funcs(functions(words.Pages(words.English))).ParseFS(layout, "templates/*.html")
	if err == nil && own != nil {
		all, err = all.ParseFS(own, "*.html")
	}
	if err != nil {
		return nil, err
	}
	sets := map[words.Language]set{}
	for _, l := range words.Languages() {
		sets[l] = sync.OnceValues(func() (*template.Template, error) {
			clone, err := all.Clone()
			if err != nil {
				return nil, err
			}
			return clone.Funcs(functions(said(l))), nil
		})
	}
	return sets, nil
}
