package ses

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Suppress puts an address on the account's list, as a bounce does.
func (s *SES) Suppress(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.suppressed[strings.ToLower(address)] = true
}

func (s *SES) isSuppressed(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.suppressed[strings.ToLower(address)]
}

// suppress is the operation PutSuppressedDestination.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutSuppressedDestination.html
func (s *SES) suppress(w http.ResponseWriter, r *http.Request) {
	var in struct{ EmailAddress, Reason string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in)
	if _, ok := addresses(in.EmailAddress); err != nil || !ok || in.Reason != "BOUNCE" && in.Reason != "COMPLAINT" {
		refuse(w, bad("the address or the reason is malformed"))
		return
	}
	if in.Reason == "BOUNCE" { // the configuration set does not heed the other
		s.Suppress(in.EmailAddress)
	}
	write(w, http.StatusOK, map[string]string{})
}

// release is the operation DeleteSuppressedDestination.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DeleteSuppressedDestination.html
func (s *SES) release(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	address := strings.ToLower(r.PathValue("address"))
	if !s.suppressed[address] {
		refuse(w, &failure{http.StatusNotFound, "NotFoundException", "The address is not on the list."})
		return
	}
	delete(s.suppressed, address)
	write(w, http.StatusOK, map[string]string{})
}
