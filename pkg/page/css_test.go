package page

import (
	"regexp"
	"strings"
	"testing"
)

var variable = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// schemes are the colors of page.css by name, as they are in each scheme.
func schemes(t *testing.T) map[string]map[string]color {
	t.Helper()
	before, after, found := strings.Cut(string(assets()["page.css"].content), "@media (prefers-color-scheme: dark) {")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	after, _, _ = strings.Cut(after, "\n}\n")
	all := map[string]map[string]color{"light": {}, "dark": {}}
	for _, m := range variable.FindAllStringSubmatch(before, -1) {
		c, _ := parseColor(m[2])
		all["light"][m[1]], all["dark"][m[1]] = c, c
	}
	for _, m := range variable.FindAllStringSubmatch(after, -1) {
		all["dark"][m[1]], _ = parseColor(m[2])
	}
	return all
}

// Every pair of colors that meet has the contrast that WCAG 2.2 asks for, AA (§1.4.3, §1.4.11), in both schemes.
func TestTheStylesheetsColorsCanBeTold(t *testing.T) {
	for scheme, colors := range schemes(t) {
		pairs := func(least float64, fronts, grounds string) {
			for front := range strings.FieldsSeq(fronts) {
				for ground := range strings.FieldsSeq(grounds) {
					a, known := colors[front]
					b, also := colors[ground]
					if got := contrast(a, b); !known || !also || got < least {
						t.Errorf("%s: %s on %s has %.2f", scheme, front, ground, got)
					}
				}
			}
		}
		pairs(textContrast, "text", "page card bad-tint good-tint warn-tint note-tint")
		pairs(textContrast, "quiet link bad good warn", "page card")
		pairs(textContrast, "on-button", "button hover")
		pairs(textContrast, "on-alarm", "alarm")
		pairs(textContrast, "bad", "bad-tint")
		pairs(textContrast, "good", "good-tint")
		pairs(textContrast, "warn", "warn-tint")
		pairs(controlContrast, "edge button hover", "page card")
	}
}

// The theme is made for the surfaces that the stylesheet has, and ours is that of our own color.
func TestThemesFitTheStylesheet(t *testing.T) {
	for scheme, s := range map[string]surface{"light": light, "dark": dark} {
		colors := schemes(t)[scheme]
		if colors["page"] != s.colors[0] || colors["card"] != s.colors[1] {
			t.Errorf("%s: the stylesheet has other surfaces than themes are made for", scheme)
		}
		p := s.palette(colors["brand"])
		if (p != palette{colors["button"], colors["on-button"], colors["hover"], colors["link"]}) {
			t.Errorf("%s: ours is %+v, not %s", scheme, colors, p.css())
		}
	}
}

var classes = regexp.MustCompile(`class="([^"{]*)[^"]*"`)

// Whatever the layout calls itself has a rule, so that a renamed class is noticed.
func TestClassesHaveRules(t *testing.T) {
	css := string(assets()["page.css"].content)
	s := gallerySite(t, Options{}, gallery(same[string]))
	for name := range gallery(same[string]) {
		for _, m := range classes.FindAllStringSubmatch(get(t, s, "/"+name).Body.String(), -1) {
			for class := range strings.FieldsSeq(m[1]) {
				if !strings.Contains(css, "."+class) && class != "info" {
					t.Errorf("%s: nothing is said of .%s", name, class)
				}
			}
		}
	}
}
