package decision_test

import (
	"fmt"
	"slices"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// never stands for a date that was not set, in days from now.
const never = -100_000

// combination is one state in the words of design §4; dates are whole days from now, so that
// the table below can do its own arithmetic.
type combination struct {
	entitled     bool
	status       org.Status
	enforceFrom  int
	enforcement  user.EnforcementKind
	exemptFor    int
	service      string
	offered      bool // the policy offers app passwords for imap
	appPasswords bool // the organisation is entitled to them
	device       bool
	remembers    bool
	suspended    bool
	lockedFor    int // minutes; 0: never locked
	methods      []org.Method
	graceDays    int
	registered   int
	extended     int // a later deadline given to this user
}

// allowedMethods is the policy of every combination: email is what used to be allowed.
var allowedMethods = []org.Method{org.TOTP}

func day(n int) time.Time {
	if n == never {
		return time.Time{}
	}
	return noon.AddDate(0, 0, n)
}

func (c combination) state() decision.State {
	s := decision.State{
		Entitlements: org.Entitlements{TwoFactor: c.entitled, AppPasswords: c.appPasswords},
		Policy: org.Policy{
			Version: 7, Status: c.status, Methods: allowedMethods, EnforceFrom: day(c.enforceFrom),
			GraceDays: c.graceDays, RememberDevice: c.remembers, RememberDays: 1,
		},
		Enforcement: user.Enforcement{Kind: c.enforcement}, RegisteredAt: day(c.registered), Extended: day(c.extended), Service: c.service,
		Methods: c.methods, Suspended: c.suspended, TrustedDevice: c.device,
	}
	if c.enforcement == user.Exempt {
		s.Enforcement.Until = day(c.exemptFor)
	}
	if c.offered {
		s.Policy.AppPasswordServices = []string{"imap"}
	}
	if c.lockedFor != 0 {
		s.LockedUntil = noon.Add(time.Duration(c.lockedFor) * time.Minute)
	}
	return s
}

func (c combination) String() string { return fmt.Sprintf("%+v", struct{ combination }{c}) }

var (
	yesNo    = []bool{false, true}
	policies = []combination{
		{status: org.Disabled, enforceFrom: never}, {status: org.Enabled, enforceFrom: never},
		{status: org.Forced, enforceFrom: never}, {status: org.Forced, enforceFrom: -30},
		{status: org.Forced, enforceFrom: 0}, {status: org.Forced, enforceFrom: 30},
	}
	people = []combination{
		{enforcement: user.Inherit}, {enforcement: user.Required},
		{enforcement: user.Exempt, exemptFor: 5}, {enforcement: user.Exempt, exemptFor: 0}, {enforcement: user.Exempt, exemptFor: -5},
	}
	services = []combination{{service: ""}, {service: "web"}, {service: "imap"}, {service: "imap", offered: true}, {service: "smtp", offered: true}}
	enrolled = [][]org.Method{nil, {org.TOTP}, {org.Email}, {org.Email, org.TOTP}, {org.TOTP, org.Email}}
	locks    = []int{0, 5, -5}
	graces   = []int{0, 10, 40} // days: none, and some that are over or not, as the dates have it
	since    = []int{-400, -10}
	later    = []int{never, -5, 0, 20} // none; over; over this moment; later than some of the others
)

// each calls f with every combination of the representative values above.
func each(f func(combination)) {
	for _, p := range policies {
		for _, who := range people {
			for _, s := range services {
				c := p
				c.enforcement, c.exemptFor = who.enforcement, who.exemptFor
				c.service, c.offered = s.service, s.offered
				eachFlag(c, f)
			}
		}
	}
}

func eachFlag(c combination, f func(combination)) {
	for bits := range 1 << 5 {
		c.entitled, c.appPasswords = yesNo[bits&1], yesNo[bits>>1&1]
		c.device, c.remembers, c.suspended = yesNo[bits>>2&1], yesNo[bits>>3&1], yesNo[bits>>4&1]
		eachUser(c, f)
	}
}

func eachUser(c combination, f func(combination)) {
	for _, c.lockedFor = range locks {
		for _, c.methods = range enrolled {
			for _, c.graceDays = range graces {
				for _, c.registered = range since {
					for _, c.extended = range later {
						f(c)
					}
				}
			}
		}
	}
}

// The words of design §4, read afresh.

func (c combination) web() bool      { return c.service == "" || c.service == "web" }
func (c combination) enrolled() bool { return len(c.methods) > 0 }
func (c combination) exempted() bool { return c.enforcement == user.Exempt && c.exemptFor > 0 }
func (c combination) forcing() bool  { return c.status == org.Forced && c.enforceFrom <= 0 }
func (c combination) deadline() int {
	return max(max(c.enforceFrom, c.registered)+c.graceDays, c.extended)
}
func (c combination) pastGrace() bool { return c.obliged() && c.deadline() <= 0 }

func (c combination) obliged() bool {
	return c.status != org.Disabled && (c.forcing() || c.enforcement == user.Required) && !c.exempted()
}

func (c combination) allowed() []org.Method {
	return slices.DeleteFunc(slices.Clone(c.methods), func(m org.Method) bool { return m != org.TOTP })
}
