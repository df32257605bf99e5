package page

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What somebody else chose is shown as it is, wherever it stands: it makes no element, no attribute and no address.
func TestHostileTextsAreShown(t *testing.T) {
	for _, evil := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)`, `</title></textarea></select></style><svg onload=alert(1)>`, `javascript:alert(1)`,
		"{{.}}", "]]><!--", "a\u2028b", "&lt;b&gt;", "\x00<b>", "` onmouseover=alert(1)", "{organization}{title}",
	} {
		hostile := func(string) string { return evil }
		s, plain := gallerySite(t, Options{}, gallery(hostile)), gallerySite(t, Options{}, gallery(same[string]))
		for name := range gallery(same[string]) {
			got, want := shape(t, get(t, s, "/"+name).Body.String()), shape(t, get(t, plain, "/"+name).Body.String())
			if got != want {
				t.Errorf("%q changes the page %s:\n%s\n%s", evil, name, got, want)
			}
		}
	}
}

// shape are a page's elements with the names of their attributes.
func shape(t *testing.T, page string) string {
	t.Helper()
	var all []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(all, " ")
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			all = append(all, token.Data)
			for _, a := range token.Attr {
				// Whether an option is the chosen one depends on its value, which is the same everywhere here.
				if a.Key != "selected" && a.Key != "checked" {
					all = append(all, "@"+a.Key)
				}
				if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.Contains(a.Val, "alert") {
					t.Errorf("an address is what somebody else chose: %s", a.Val)
				}
			}
		case html.CommentToken, html.DoctypeToken:
			all = append(all, "!"+z.Token().Data)
		}
	}
}

// A hostile path, as of a link, leads nowhere.
func TestHostilePathsLeadNowhere(t *testing.T) {
	v := gallery(same[string])["console"]
	v.Nav = []Link{{"a", "javascript:alert(1)", false}}
	v.Banner = &Banner{"a", "b", "data:text/html,alert(1)"}
	s := gallerySite(t, Options{}, map[string]View{"x": v})
	if body := get(t, s, "/x").Body.String(); strings.Contains(body, "alert") || strings.Count(body, "#ZgotmplZ") != 2 {
		t.Error(body)
	}
}
