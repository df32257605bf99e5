package ses

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// identity is a domain that mail may come from.
type identity struct {
	dns    DNS
	tokens []string
	tags   map[string]string
}

// zone is where the service publishes the keys, that the domain's records point to.
// https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy-managing.html
const zone = "dkim.amazonses.com"

// domainName is what the service takes for one.
var domainName = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*$`)

// create is the operation CreateEmailIdentity, for domains with Easy DKIM.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html
func (s *SES) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		EmailIdentity         string
		DkimSigningAttributes struct{ NextSigningKeyLength string }
		Tags                  []struct{ Key, Value string }
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, &in) != nil {
		refuse(w, bad("the request is no JSON of CreateEmailIdentity"))
		return
	}
	name, length := strings.ToLower(in.EmailIdentity), in.DkimSigningAttributes.NextSigningKeyLength
	if len(name) > 253 || !domainName.MatchString(name) || length != "" && length != "RSA_1024_BIT" && length != "RSA_2048_BIT" {
		refuse(w, bad("the identity is no domain, or its keys have no length that there is"))
		return
	}
	made := &identity{dns: Unseen, tags: map[string]string{}}
	for range 3 {
		made.tokens = append(made.tokens, strings.ToLower(rand.Text()))
	}
	for _, t := range in.Tags {
		made.tags[t.Key] = t.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.identities[name] != nil {
		refuse(w, &failure{http.StatusBadRequest, "AlreadyExistsException", "There is an identity of this name."})
		return
	}
	s.identities[name] = made
	write(w, http.StatusOK, made.shown())
}

// get is the operation GetEmailIdentity.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html
func (s *SES) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.identities[strings.ToLower(r.PathValue("identity"))]
	if found == nil {
		refuse(w, noIdentity())
		return
	}
	shown := found.shown()
	shown["VerificationStatus"] = found.status()
	var tags []map[string]string
	for _, key := range slices.Sorted(maps.Keys(found.tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": found.tags[key]})
	}
	shown["Tags"] = tags
	write(w, http.StatusOK, shown)
}

// remove is the operation DeleteEmailIdentity.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DeleteEmailIdentity.html
func (s *SES) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.ToLower(r.PathValue("identity"))
	if s.identities[name] == nil {
		refuse(w, noIdentity())
		return
	}
	delete(s.identities, name)
	write(w, http.StatusOK, map[string]string{})
}

func noIdentity() *failure {
	return &failure{http.StatusNotFound, "NotFoundException", "There is no identity of this name."}
}

// status is what the service calls the state of an identity and of its DKIM records alike.
func (i *identity) status() string {
	return map[DNS]string{Unseen: "PENDING", Published: "SUCCESS", GivenUp: "FAILED"}[i.dns]
}

func (i *identity) shown() map[string]any {
	return map[string]any{
		"IdentityType": "DOMAIN", "VerifiedForSendingStatus": i.dns == Published,
		"DkimAttributes": map[string]any{
			"SigningEnabled": true, "Status": i.status(), "Tokens": i.tokens, "SigningAttributesOrigin": "AWS_SES",
			"NextSigningKeyLength": "RSA_2048_BIT", "SigningHostedZone": zone,
		},
	}
}
