package user

import "slices"

const (
	// MaxServices are remembered of one user.
	MaxServices = 8
	// MaxServiceName is how long the name of a remembered service may be, in bytes.
	MaxServiceName = 32
)

// otherService is what services that nobody foresaw are counted as. An application may name a service as it likes, and
// the counts of an organisation must stay small enough for one item whatever it does; profiles keep the names.
const otherService = "other"

// countedServices are counted by their names.
var countedServices = []string{"activesync", "caldav", "carddav", "ews", "ftp", "imap", "jmap", "ldap", "managesieve", "pop", "pop3", "smtp", "webdav", "xmpp"}

// NewService reports whether a login with a service is to be put on record: for each service once.
func (p Profile) NewService(service string) bool {
	return service != "" && len(service) <= MaxServiceName && len(p.Services) < MaxServices && !slices.Contains(p.Services, service)
}

// CountedServices are the services of a user as they are counted: sorted, each once.
func (p Profile) CountedServices() []string {
	var names []string
	for _, service := range p.Services {
		if !slices.Contains(countedServices, service) {
			service = otherService
		}
		names = append(names, service)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
