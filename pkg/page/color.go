package page

import (
	"fmt"
	"math"
	"strconv"

	"twofold/pkg/org"
)

// color is one of sRGB.
type color struct{ r, g, b uint8 }

// black and white are what text on a button may be.
var black, white = color{}, color{255, 255, 255}

// parseColor reads "#rrggbb" in lower case, and nothing else.
func parseColor(s string) (color, bool) {
	if !org.Color(s) {
		return color{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 24)
	return color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err == nil
}

// String is the color as stylesheets write it.
func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// luminance is relative luminance (WCAG 2.2, "relative luminance"): 0 of black, 1 of white.
func (c color) luminance() float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// linear undoes the transfer function of sRGB (IEC 61966-2-1).
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// encoded is linear backwards, for values in [0, 1].
func encoded(v float64) uint8 {
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * min(max(v, 0), 1)))
}

// contrast is the contrast ratio of two colors (WCAG 2.2, "contrast ratio"): from 1 to 21, whichever is the lighter.
func contrast(a, b color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
