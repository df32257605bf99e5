package page

import "net/http"

// safe methods change nothing (RFC 9110 §9.2.1).
func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// own reports whether a request that may change something was sent by a page of the site. Browsers say so of every POST, in
// Sec-Fetch-Site or, those from before 2023, in Origin; what says neither is no browser, and has no business with pages.
func (s *Site) own(r *http.Request) bool {
	if safe(r.Method) {
		return true
	}
	told := r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
	preflight := r.Method == http.MethodOptions // which Check lets through; other sites have nothing to ask for
	return told && !preflight && s.foreign.Check(r) == nil
}
