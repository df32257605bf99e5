package page

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Vectors: WCAG's own definition worked by hand, and pairs that its documents and widely used checkers give to two places.
func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#767676", "#ffffff", 4.54}, {"#777777", "#ffffff", 4.48}, {"#ff0000", "#ffffff", 4.00},
		{"#0000ff", "#ffffff", 8.59}, {"#00ff00", "#ffffff", 1.37}, {"#949494", "#ffffff", 3.03}, {"#959595", "#ffffff", 2.995}, {"#0000ff", "#000000", 2.44},
	} {
		a, _ := parseColor(c.a)
		b, _ := parseColor(c.b)
		if got := contrast(a, b); math.Abs(got-c.want) > 0.005 || got != contrast(b, a) {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// Vectors of CSS Color 4: the primaries in OKLCH.
func TestOKLCH(t *testing.T) {
	for s, want := range map[string]oklch{
		"#ffffff": {1, 0, 0}, "#000000": {0, 0, 0}, "#ff0000": {0.62796, 0.25768, 29.234}, "#00ff00": {0.86644, 0.29483, 142.495}, "#0000ff": {0.45201, 0.31321, 264.052},
	} {
		c, _ := parseColor(s)
		got := c.oklch()
		hue := math.Mod(got.h*180/math.Pi+360, 360)
		if math.Abs(got.l-want.l) > 1e-4 || math.Abs(got.c-want.c) > 1e-4 || want.c > 0 && math.Abs(hue-want.h) > 0.05 {
			t.Errorf("%s: %.5f %.5f %.3f", s, got.l, got.c, hue)
		}
		if got.color() != c {
			t.Errorf("%s comes back as %s", s, got.color())
		}
	}
}

// somewhat are colors of every kind: a grid of all, with the corners, all greys, and many by chance.
func somewhat() []color {
	var all []color
	for r := 0; r <= 255; r += 17 {
		for g := 0; g <= 255; g += 17 {
			for b := 0; b <= 255; b += 17 {
				all = append(all, color{uint8(r), uint8(g), uint8(b)})
			}
		}
	}
	for v := range 256 {
		all = append(all, color{uint8(v), uint8(v), uint8(v)})
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		n := dice.Uint32()
		all = append(all, color{uint8(n), uint8(n >> 8), uint8(n >> 16)})
	}
	return all
}

// Whatever color an organisation has, what follows from it can be seen and read, in both schemes.
func TestEveryColorKeepsItsContrast(t *testing.T) {
	for _, c := range somewhat() {
		for name, s := range map[string]surface{"light": light, "dark": dark} {
			p := s.palette(c)
			for what, pair := range map[string][3]any{
				"text of a button":              {p.onButton, p.button, textContrast},
				"text of a button below a hand": {p.onButton, p.hover, textContrast},
				"button on the page":            {p.button, s.colors[0], controlContrast}, "button on a card": {p.button, s.colors[1], controlContrast},
				"hover on the page": {p.hover, s.colors[0], controlContrast}, "hover on a card": {p.hover, s.colors[1], controlContrast},
				"link on the page": {p.link, s.colors[0], textContrast}, "link on a card": {p.link, s.colors[1], textContrast},
			} {
				if got := contrast(pair[0].(color), pair[1].(color)); got < pair[2].(float64) {
					t.Errorf("%s, %s: %s has %.2f", c, name, what, got)
				}
			}
		}
	}
}

// A color that fits stays what it is, and one that does not keeps its hue.
func TestAColorIsNotChangedWithoutNeed(t *testing.T) {
	blue, _ := parseColor("#1f4fd8")
	if p := light.palette(blue); p.button != blue || p.link != blue || p.onButton != white {
		t.Errorf("%s became %+v", blue, p)
	}
	amber, _ := parseColor("#ffc800")
	if p := dark.palette(amber); p.button != amber || p.onButton != black {
		t.Errorf("%s became %+v", amber, p)
	}
	p := light.palette(amber)
	if was, is := amber.oklch(), p.button.oklch(); p.button == amber || math.Abs(was.h-is.h) > 0.02 {
		t.Errorf("%s became %s: hue %.3f to %.3f", amber, p.button, was.h, is.h)
	}
}
