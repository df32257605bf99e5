package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"twofold/pkg/export"
	"twofold/pkg/page"
)

// exportPage is a part of an export: a page of package export, with its proof. Both travel with the page that offers them, and so does the cursor
// of the part after, which names this proof: all three are of one reading. Were the file another request's, it would be read and signed anew, and
// no chain of what somebody has downloaded would hold.
type exportPage struct {
	What          string
	Header        export.Header
	Kind          string // the media type
	Name          string // of the file
	Body, Proof   []byte
	Next          string // empty: this is the last
	Again         string // where another export is asked for, with what was asked
	Whole, Pieces string // names for putting the parts together
}

// exportMedia are the media types of the formats.
var exportMedia = map[export.Format]string{export.CSV: "text/csv; charset=utf-8", export.NDJSON: "application/x-ndjson"}

func (v *visit) exportPart() error {
	asked, err := v.exportAsked()
	if err != nil {
		return v.exportsOffered(err)
	}
	p, err := asked.ask(v.r.Context(), asked.request)
	if err != nil {
		return v.exportsOffered(err)
	}
	return v.shown(http.StatusOK, page.View{
		Body: "console/exports/part", Title: v.say.Say("console.exports.part", "n", fmt.Sprint(p.Header.Page), "what", v.exportWord(asked.what)), Data: v.exportPage(asked, p),
	})
}

func (v *visit) exportPage(asked exportAsked, p export.Page) exportPage {
	name := strings.TrimSuffix(p.Header.What+"-"+p.Header.Organization, "-")
	shown := exportPage{
		What: v.exportWord(asked.what), Header: p.Header, Kind: exportMedia[asked.request.Format], Name: fmt.Sprintf("%s-%04d.%s", name, p.Header.Page, asked.request.Format),
		Body: p.Body, Proof: []byte(p.Signature + "\n"), Again: v.with("/exports", asked.values), Whole: name + "." + string(asked.request.Format),
		Pieces: name + "-[0-9][0-9][0-9][0-9]." + string(asked.request.Format),
	}
	if p.Next != "" {
		next := maps.Clone(asked.values)
		next.Set("cursor", p.Next)
		shown.Next = v.with("/exports/parts", next)
	}
	return shown
}

// exportLinks lead from a log to the export of what it shows, in each format.
func (v *visit) exportLinks(what string, asked url.Values) []page.Link {
	var links []page.Link
	for _, format := range formats {
		q := maps.Clone(asked)
		q.Set("what", what)
		q.Set("format", format)
		q.Del("order") // an export begins with the oldest
		links = append(links, page.Link{Text: v.say.Say("console.exports.format." + format), Path: v.with("/exports/parts", q)})
	}
	return links
}
