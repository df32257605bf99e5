package admission

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Claim is who somebody says to be.
type Claim struct {
	Organization string // access.VendorHome: one of the vendor's own
	Email        string
	// Known is what the browser keeps of an administrator who came in with it before: its tries and mails are counted apart from strangers', so
	// that nobody who knows an address keeps its owner out.
	Known Known
}

// Known is a browser that an administrator came in with. Its holder has proven nothing by it.
type Known struct {
	Organization, Administrator, Browser string
}

// Ticket is the way in that a browser is on: which code it waits for. It says nothing of whether there is such an administrator.
type Ticket struct {
	Organization string
	Arrival      string
	Code         string
	SentTo       string // masked
}

// Knock mails a code to the administrator with that address, if there is one: in words, in reads and in writes it is the same where there is
// none. user.ErrTooSoon after too many.
func (s *Service) Knock(ctx context.Context, c access.Caller, in Claim) (Ticket, error) {
	address, ok := user.Address(in.Email)
	switch {
	case !ok:
		return Ticket{}, ErrEmail
	case in.Organization != access.VendorHome && !org.ID(in.Organization):
		return Ticket{}, ErrOrganization
	}
	now := s.Now()
	return user.Race(func() (Ticket, error) {
		all, err := s.Store.Administrators(ctx, in.Organization)
		if err != nil {
			return Ticket{}, fault.Down(err)
		}
		who, to := org.Administrator{}, address
		if found, there := owner(all, address, now); there {
			who, to = found, found.Address(now) // however it was typed, it is this one that is mailed to, and counted
		}
		id, err := s.arrivalID(in, who, to)
		if err != nil {
			return Ticket{}, fault.Down(err)
		}
		a, err := s.arrival(ctx, id, in.Organization)
		if err != nil {
			return Ticket{}, err
		}
		if free := a.Sends.FreeAt(now); now.Before(free) {
			return Ticket{}, user.ErrTooSoon.After(free.Sub(now))
		}
		code, err := s.code(c, to, now)
		if err != nil {
			return Ticket{}, fault.Down(err)
		}
		if err := s.writeArrival(ctx, a.order(code, who.ID, now)); err != nil {
			return Ticket{}, err
		}
		return Ticket{Organization: in.Organization, Arrival: id, Code: code.ID, SentTo: login.Mask(address)}, nil
	})
}

func (s *Service) code(c access.Caller, address string, now time.Time) (Code, error) {
	keyID := s.Codes.PRFKeyID()
	digest, err := factor.AddressDigest(s.Codes, keyID, address)
	return Code{ID: user.NewID(), KeyID: keyID, Address: digest, ExpiresAt: now.Add(user.CodeLife), Seen: c.Seen}, err
}

// arrivalID names an arrival without telling whose it is: by organisation and address and, in a browser that this very administrator has come in
// with, by that.
func (s *Service) arrivalID(in Claim, who org.Administrator, address string) (string, error) {
	known := in.Known
	if known.Organization != in.Organization || known.Administrator != who.ID || who.ID == "" {
		known = Known{}
	}
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), strings.Join([]string{"arrival", in.Organization, strings.ToLower(address), known.Browser}, "\n"))
	return hex.EncodeToString(digest), err
}

// arrival reads one, or begins it.
func (s *Service) arrival(ctx context.Context, id, organization string) (Arrival, error) {
	stored, err := s.Store.Arrival(ctx, id)
	switch {
	case err != nil:
		return Arrival{}, fault.Down(err)
	case stored == nil:
		return Arrival{ID: id, Organization: organization}, nil
	}
	return *stored, nil
}

func (s *Service) writeArrival(ctx context.Context, a Arrival) error {
	if err := s.Store.WriteArrival(ctx, a); err != nil {
		return fault.Down(err)
	}
	return nil
}

// Answer judges the code that was mailed, and gives the administrator whose address it went to. A wrong one is counted before anybody hears of
// it. The same code may be sent again by the browser that it was mailed for, as long as it lives: it lets in to nothing but the second factor.
func (s *Service) Answer(ctx context.Context, t Ticket, typed string) (org.Administrator, error) {
	code, ok := factor.Digits(typed, factor.MailedDigits)
	if !ok {
		return org.Administrator{}, ErrCode
	}
	now := s.Now()
	return user.Race(func() (org.Administrator, error) {
		a, err := s.arrival(ctx, t.Arrival, t.Organization)
		if err != nil {
			return org.Administrator{}, err
		}
		sent, live := a.Find(t.Code, now)
		if !live {
			return org.Administrator{}, ErrOver
		}
		if _, locked := a.Throttle.Locked(now); locked {
			return org.Administrator{}, ErrRefused
		}
		want, err := factor.MailedCode(s.Codes, sent.KeyID, a.Mailed(sent))
		if err != nil {
			return org.Administrator{}, fault.Down(err)
		}
		if a.Administrator == "" || !factor.Equal(want, code) {
			if err := s.writeArrival(ctx, a.miss(sent.ID, now)); err != nil {
				return org.Administrator{}, err
			}
			return org.Administrator{}, ErrRefused
		}
		return s.welcome(ctx, a, sent, now)
	})
}

// welcome finds the administrator of a right code: one who was removed or is reached elsewhere by now is nobody.
func (s *Service) welcome(ctx context.Context, a Arrival, sent Code, now time.Time) (org.Administrator, error) {
	who, err := s.Store.Administrator(ctx, a.Organization, a.Administrator)
	if err != nil {
		return org.Administrator{}, fault.Down(err)
	}
	if who == nil || !who.Active() {
		return org.Administrator{}, ErrOver
	}
	same, err := s.sentTo(*who, sent, now)
	switch {
	case err != nil:
		return org.Administrator{}, fault.Down(err)
	case !same:
		return org.Administrator{}, ErrOver
	}
	if a.Throttle.Consecutive > 0 {
		if err := s.writeArrival(ctx, a.hit(now)); err != nil {
			return org.Administrator{}, err
		}
	}
	return *who, nil
}

func (s *Service) sentTo(who org.Administrator, c Code, now time.Time) (bool, error) {
	return factor.SameAddress(s.Codes, c.Address, who.Address(now))
}
