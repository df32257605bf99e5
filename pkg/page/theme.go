package page

import (
	"fmt"
	"slices"
)

// What WCAG 2.2 asks of a pair of colors.
const (
	textContrast    = 4.5 // §1.4.3, of text of any size
	controlContrast = 3.0 // §1.4.11, of what shows that there is a control, and of the focus
)

// surface is what controls and links stand on in one scheme, and how colors move away from it. page.css has the same colors.
type surface struct {
	colors []color // of the page, and of cards on it
	step   float64 // of lightness
}

var (
	light = surface{[]color{{0xf4, 0xf5, 0xf8}, white}, -0.004}
	dark  = surface{[]color{{0x10, 0x12, 0x17}, {0x1a, 0x1d, 0x24}}, +0.004}
)

// palette are the colors that follow an organisation's own in one scheme.
type palette struct {
	button, onButton, hover color // a primary button, its text, and it below a pointer
	link                    color // links, the focus, and whatever else is told apart by color
}

// fits reports whether a color can be seen on all that it may stand on.
func (s surface) fits(c color, ratio float64) bool {
	return !slices.ContainsFunc(s.colors, func(below color) bool { return contrast(c, below) < ratio })
}

// away gives the color nearest to c, in the direction away from the surface, that ok accepts. Black, or white, ends every search.
func (s surface) away(c color, ok func(color) bool) color {
	for o := c.oklch(); !ok(c) && o.l >= 0 && o.l <= 1.01; { // white is 1 but for rounding
		o.l += s.step
		c = o.color()
	}
	return c
}

// palette gives the colors of a scheme, each as near to c as its contrast allows.
func (s surface) palette(c color) palette {
	p := palette{
		button: s.away(c, func(c color) bool { return s.fits(c, controlContrast) }),
		link:   s.away(c, func(c color) bool { return s.fits(c, textContrast) }),
	}
	p.onButton = white
	if contrast(p.button, white) < textContrast {
		p.onButton = black // one of the two always has 4.58
	}
	p.hover = s.hover(p)
	return p
}

// hover is a button's color a little further away from the surface; where its text could not be read there, a little nearer; where
// neither is to be had, as it was.
func (s surface) hover(p palette) color {
	for _, step := range []float64{12 * s.step, -12 * s.step} {
		o := p.button.oklch()
		o.l += step
		if c := o.color(); s.fits(c, controlContrast) && contrast(c, p.onButton) >= textContrast {
			return c
		}
	}
	return p.button
}

func (p palette) css() string {
	return fmt.Sprintf(":root{--button:%s;--on-button:%s;--hover:%s;--link:%s}", p.button, p.onButton, p.hover, p.link)
}

// themeOf is the stylesheet of an organisation's color. It follows from the color alone.
func themeOf(c color) string {
	return fmt.Sprintf(":root{--brand:%s}\n%s\n@media (prefers-color-scheme:dark){%s}\n", c, light.palette(c).css(), dark.palette(c).css())
}
