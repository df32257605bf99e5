package sms

import (
	"maps"
	"strings"

	"twofold/pkg/phone"
)

// Define puts an origination identity there, as somebody does in the console: a pool, a phone number or a sender ID, by its ARN, with
// its tags.
func (s *SMS) Define(arn string, tags map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identities[arn] = maps.Clone(tags)
}

// DefineSet makes a configuration set whose events go to publish, each as the text that the service would publish to a topic.
func (s *SMS) DefineSet(name string, publish func(event string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sets[name] = publish
}

// From gives the ARN of what a message is sent from, with its tags: a sender ID may be named by itself, and is another one in each
// country. It need not be there.
// https://docs.aws.amazon.com/sms-voice/latest/userguide/sender-id.html
func (s *SMS) From(named, to string) (arn string, tags map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	arn = s.arn(named, to)
	return arn, maps.Clone(s.identities[arn])
}

func (s *SMS) arn(named, to string) string {
	if named == "" || strings.HasPrefix(named, "arn:") || strings.HasPrefix(named, "+") {
		return named
	}
	return s.account + "sender-id/" + named + "/" + phone.Number(to).Country()
}

// terms finds what a message is sent from and where its events go; nil where nobody wants any.
func (s *SMS) terms(in input) (publish func(string), failed Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	arn := s.arn(in.OriginationIdentity, in.DestinationPhoneNumber)
	_, known := s.identities[arn]
	country := phone.Number(in.DestinationPhoneNumber).Country()
	_, sender, isSender := strings.Cut(arn, ":sender-id/")
	publish, set := s.sets[in.ConfigurationSetName]
	switch {
	case isSender && country == "US": // no sender IDs there
		return nil, Failure{"ValidationException", "SENDER_ID_NOT_SUPPORTED"}
	case isSender && !known && !strings.HasPrefix(in.OriginationIdentity, "arn:"):
		return nil, Failure{"ValidationException", "SENDER_ID_NOT_REGISTERED"}
	case !known:
		return nil, Failure{Name: "ResourceNotFoundException"}
	case isSender && !strings.HasSuffix(sender, "/"+country):
		return nil, Failure{"ValidationException", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY"}
	case in.ConfigurationSetName != "" && !set:
		return nil, Failure{Name: "ResourceNotFoundException"}
	}
	return publish, Failure{}
}
