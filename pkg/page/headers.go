package page

import "net/http"

// permissions are what no page needs, but that it may put something on the clipboard when somebody asks for it.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(self), " +
	"display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// secure sets what every answer has, whatever it is: it is not kept, framed, indexed, or told to others.
//
// The referrer stays within the site. With "no-referrer" browsers would send "Origin: null" with our own forms (Fetch, "append a request
// `Origin` header"), and those that have no Sec-Fetch-Site could send none at all.
func secure(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", strict)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Strict-Transport-Security", "max-age=63072000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

// What a page may load, run and send to. Nothing inline: neither script nor style, attributes included.
const (
	fetches = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action "
	strict  = fetches + "'self'"
)

// contentPolicy is strict with the addresses to which forms may lead besides.
func contentPolicy(returns []string) (string, error) {
	more, err := origins(returns)
	return strict + more, err
}
