// Package memstore is the table in memory, for tests of workflows: the same
// interfaces, conflicts and precision as the real store, checked by the same
// suite, and calls that fail on demand. It may be imported by nothing that is
// deployed.
package memstore

import (
	"bytes"
	"sync"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/signin"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

// member names something of an organisation: a user, an administrator, an application.
type member struct{ organization, id string }

// Store is a table. It is safe for use by several goroutines at once; what goes in and comes out is copied.
type Store struct {
	mu             sync.Mutex
	keys           map[string]access.Key
	organizations  map[string]org.Organization
	history        map[string]map[int64]org.Policy
	administrators map[member]org.Administrator
	applications   map[member]org.Application
	readers        map[member]org.Reader
	rosters        map[string]org.Roster
	dockets        map[member]stepup.Docket
	arrivals       map[string]admission.Arrival
	profiles       map[member]user.Profile
	factors        map[member]user.Factors
	devices        map[named]user.Device
	appPasswords   map[member]user.AppPasswords
	appLimits      map[named]user.AppLimit           // by source
	events         map[string]map[string]audit.Event // by organisation, then by time and id
	notices        map[named]user.Notice             // by the event's id
	counted        map[member]user.Counted
	counts         map[string]user.Counts
	days           map[string]map[user.Day]*user.DayCounts
	holds          map[string]hold
	deliveries     map[string]held
	spent          map[string]int
	senders        map[string]org.Sender
	subscriptions  map[subscribed]webhook.Subscription
	domains        map[string]org.DomainClaim
	brandings      map[string]org.Branding
	announcements  map[member]org.Announcement
	signIns        map[string]map[string]signin.Entry // by organisation, then by place
	tallies        map[signin.Tally]tally
	logs           map[string]*log // by organisation
	shedding       map[string]string
	failures       map[Operation][]failure
	orders         []mail.Order
	written        []user.Profile
}

// New makes an empty one.
func New() *Store {
	return &Store{
		keys: map[string]access.Key{}, organizations: map[string]org.Organization{},
		history: map[string]map[int64]org.Policy{}, administrators: map[member]org.Administrator{},
		applications: map[member]org.Application{}, readers: map[member]org.Reader{}, rosters: map[string]org.Roster{}, dockets: map[member]stepup.Docket{}, arrivals: map[string]admission.Arrival{},
		profiles: map[member]user.Profile{}, factors: map[member]user.Factors{}, devices: map[named]user.Device{},
		events: map[string]map[string]audit.Event{}, notices: map[named]user.Notice{}, counted: map[member]user.Counted{}, counts: map[string]user.Counts{}, days: map[string]map[user.Day]*user.DayCounts{}, holds: map[string]hold{},
		appPasswords: map[member]user.AppPasswords{}, appLimits: map[named]user.AppLimit{},
		deliveries: map[string]held{}, spent: map[string]int{}, senders: map[string]org.Sender{}, subscriptions: map[subscribed]webhook.Subscription{}, domains: map[string]org.DomainClaim{}, brandings: map[string]org.Branding{},
		announcements: map[member]org.Announcement{}, signIns: map[string]map[string]signin.Entry{}, tallies: map[signin.Tally]tally{}, logs: map[string]*log{}, shedding: map[string]string{},
		failures: map[Operation][]failure{},
	}
}

// part is one write of a change: whether its condition holds, whether it is there already, whether that proves that the
// whole change is, and what to do.
type part struct {
	holds bool
	ours  bool
	proof bool
	apply func()
}

// commit applies all parts or none. A change that is there already is no conflict: its acknowledgement was lost.
func commit(parts []part) error {
	broken, there := false, 0
	for _, p := range parts {
		if p.holds {
			continue
		}
		broken = true
		if p.ours {
			there++
		}
		if p.ours && p.proof || there == len(parts) {
			return nil
		}
	}
	if broken {
		return user.ErrConflict
	}
	for _, p := range parts {
		p.apply()
	}
	return nil
}

// follows reports whether a revision is the one after what is stored, or the first where nothing is.
func follows(rev, stored int64, present bool) bool {
	if rev == 1 {
		return !present
	}
	return present && rev == stored+1
}

func sameAttempt(a, b []byte) bool { return len(a) > 0 && bytes.Equal(a, b) }

// pointer gives a copy of what a map holds; nil where it holds nothing.
func pointer[K comparable, V any](m map[K]V, k K, clone func(V) V) *V {
	stored, present := m[k]
	if !present {
		return nil
	}
	out := clone(stored)
	return &out
}
