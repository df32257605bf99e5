package page

import "math"

// oklch is a color by how people see it: lightness from 0 to 1, chroma, and hue in radians (Ottosson, "A perceptual color space for image
// processing"; CSS Color 4 §9). Another lightness leaves the hue what it was, which HSL does not.
type oklch struct{ l, c, h float64 }

func (c color) oklch() oklch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), math.Atan2(y, x)}
}

// color is the color of sRGB with this lightness and hue, and with as much of the chroma as screens can show.
func (o oklch) color() color {
	o.l = min(max(o.l, 0), 1)
	low, high := 0.0, o.c
	if r, g, b := o.linear(); !shown(r, g, b) {
		for range 20 { // halved until a step is far below one of 255
			if o.c = (low + high) / 2; shown(o.linear()) {
				low = o.c
			} else {
				high = o.c
			}
		}
		o.c = low
	}
	r, g, b := o.linear()
	return color{encoded(r), encoded(g), encoded(b)}
}

func (o oklch) linear() (r, g, b float64) {
	x, y := o.c*math.Cos(o.h), o.c*math.Sin(o.h)
	l, m, s := o.l+0.3963377774*x+0.2158037573*y, o.l-0.1055613458*x-0.0638541728*y, o.l-0.0894841775*x-1.2914855480*y
	l, m, s = l*l*l, m*m*m, s*s*s
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// shown reports whether a screen can show it, but for rounding.
func shown(r, g, b float64) bool {
	const rounding = 1e-4
	return min(r, g, b) >= -rounding && max(r, g, b) <= 1+rounding
}
