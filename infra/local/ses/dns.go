package ses

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// DNS is what the service has found of an identity's records. Nothing here looks at any DNS: whoever plays says it.
type DNS string

// What may be found.
const (
	Unseen    DNS = "unseen"    // not yet
	Published DNS = "published" // all three
	GivenUp   DNS = "given up"  // not within 72 hours, or not any more
)

var errNoSuchDNS = errors.New("ses: there is no such identity, or nothing of the kind can be found")

// SetDNS says what is found of a domain's records from now on.
func (s *SES) SetDNS(domain string, dns DNS) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.identities[strings.ToLower(domain)]
	if found == nil || dns != Unseen && dns != Published && dns != GivenUp {
		return errNoSuchDNS
	}
	found.dns = dns
	return nil
}

// Make puts an identity there as somebody else in the account would, with tags or without.
func (s *SES) Make(domain string, dns DNS, tags map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identities[strings.ToLower(domain)] = &identity{dns: dns, tokens: []string{"a", "b", "c"}, tags: maps.Clone(tags)}
}

// Covering gives the identity by which mail from an address is sent, with its tags: the address itself where that is
// verified, otherwise the nearest domain; the address where there is none.
// https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
func (s *SES) Covering(address string) (name string, tags map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, found := s.covering(address)
	if found == nil {
		return address, nil
	}
	return name, maps.Clone(found.tags)
}

func (s *SES) covering(address string) (string, *identity) {
	if strings.EqualFold(address, s.sender) {
		return address, nil
	}
	for domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:]); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if found := s.identities[domain]; found != nil {
			return domain, found
		}
	}
	return address, nil
}

// verified says whether mail may come from an address: a domain of an unverified identity sends nothing.
func (s *SES) verified(address string) bool {
	if strings.EqualFold(address, s.sender) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.covering(address)
	return found != nil && found.dns == Published
}

// known are the identities for the page, in order.
func (s *SES) known() []shownIdentity {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []shownIdentity
	for _, name := range slices.Sorted(maps.Keys(s.identities)) {
		all = append(all, shownIdentity{name, s.identities[name].dns})
	}
	return all
}

type shownIdentity struct {
	Domain string
	DNS    DNS
}

// play is POST /identities with the form fields domain and dns: by which a person, or a test, publishes the records and takes
// them away. Pages of others must not.
func (s *SES) play(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this form is for the mailbox page", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if blank(r.FormValue("domain")) {
		http.Error(w, "domain "+noBlank, http.StatusBadRequest)
		return
	}
	if err := s.SetDNS(r.FormValue("domain"), DNS(r.FormValue("dns"))); err != nil {
		http.Error(w, "no such identity, or nothing of the kind", http.StatusNotFound)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
