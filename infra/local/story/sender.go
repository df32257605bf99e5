package story

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// RunSender tells how an organisation's mail comes to bear its own address, and how it does without. It is a story of its own.
func (s *Story) RunSender(ctx context.Context) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation that may send from a domain of its own", s.createEntitled},
		{"Its administrator claims the domain, and gets the DNS records", s.claimDomain},
		{"Until they are seen, mail comes from the system's sender", s.mailFrom("u-1", "no-reply@twofold", false)},
		{"The records are published; the next look finds the domain verified", s.domainBecomes("published", "verified")},
		{"Mail comes from the organisation", s.mailFrom("u-2", "codes@", false)},
		{"So does what its administrator announces", s.announceFrom("u-2", "codes@")},
		{"The records disappear; the next mail finds that out, goes out all the same, and the administrators are told", s.loseDomain},
		{"They are back", s.domainBecomes("published", "verified")},
		{"The administrator gives the domain up", s.giveUpDomain},
		{"Mail comes from the system's sender again", s.mailFrom("u-4", "no-reply@twofold", false)},
	})
}

func (s *Story) domain() string { return "mail." + s.Organization + ".example" }

func (s *Story) createEntitled(ctx context.Context) error {
	if err := s.createOrganization(ctx); err != nil {
		return err
	}
	body := fields{"name": "Acme", "entitlements": fields{"two_factor": true, "sender": true}}
	_, err := s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), body, http.StatusOK)
	return err
}

func (s *Story) claimDomain(ctx context.Context) error {
	body := fields{"domain": s.domain(), "from": "codes", "name": "Acme, Ltd."}
	for range 2 { // a repetition says the same
		made, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/sender"), body, http.StatusOK)
		records, _ := made["records"].([]any)
		if err := all(err, want("status", made.at("status"), "pending"), want("records", len(records), 5)); err != nil {
			return err
		}
	}
	reserved := fields{"domain": "any.twofold.test"}
	_, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/sender"), reserved, http.StatusUnprocessableEntity)
	return err
}

// dns has the local SES find something of the domain's records.
func (s *Story) dns(ctx context.Context, found string) error {
	form := url.Values{"domain": {s.domain()}, "dns": {found}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Mailbox+"/identities", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, status, err := fetch(request)
	return all(err, want("the mailbox's answer", status, http.StatusOK))
}

func (s *Story) domainBecomes(found, status string) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := s.dns(ctx, found); err != nil {
			return err
		}
		seen, err := s.call(ctx, s.adminKey, http.MethodGet, s.path("/sender"), nil, http.StatusOK)
		return all(err, want("status", seen.at("status"), status), want("falls_back_since", seen.at("falls_back_since"), ""))
	}
}

// mailFrom has a code mailed to a user, and looks whom it comes from, and whether it says that this is not the usual sender.
func (s *Story) mailFrom(user, from string, standingIn bool) func(context.Context) error {
	return func(ctx context.Context) error {
		email := user + "@" + s.Organization + ".example"
		if _, err := s.begin(ctx, user, email); err != nil {
			return err
		}
		if _, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments", fields{"login": s.login}, http.StatusOK); err != nil {
			return err
		}
		mail, err := s.awaitMail(ctx, email, "Your code")
		if err != nil {
			return err
		}
		return all(
			want("sender "+mail.From+" is "+from, strings.Contains(mail.From, from), true),
			want("name beside the address "+mail.From, strings.Contains(mail.From, "Acme, Ltd."), from == "codes@"),
			want("a word on the sender", strings.Contains(mail.Text, "does not come from the usual address"), standingIn),
		)
	}
}

// announceFrom has an administrator announce by hand, and looks whom that comes from.
func (s *Story) announceFrom(user, from string) func(context.Context) error {
	return func(ctx context.Context) error {
		if _, err := s.call(ctx, s.adminKey, http.MethodPost, s.path("/announcements"), fields{"audience": "all"}, http.StatusCreated); err != nil {
			return err
		}
		if err := s.Tick(ctx); err != nil {
			return err
		}
		mail, err := s.awaitMail(ctx, user+"@"+s.Organization+".example", "You can protect")
		return all(err, want("sender "+mail.From+" is "+from, strings.Contains(mail.From, from), true))
	}
}

func (s *Story) awaitMail(ctx context.Context, to, subject string) (Message, error) {
	return eventually(ctx, fmt.Sprintf("a mail to %s", to), func() (Message, bool, error) {
		messages, err := s.Mail(ctx, to)
		for _, m := range messages {
			if strings.HasPrefix(m.Subject, subject) && strings.Contains(m.Subject+m.Text, "Acme") {
				return m, true, nil
			}
		}
		return Message{}, false, err
	})
}

func (s *Story) loseDomain(ctx context.Context) error {
	if err := s.dns(ctx, "given up"); err != nil {
		return err
	}
	if err := s.mailFrom("u-3", "no-reply@twofold", true)(ctx); err != nil {
		return err
	}
	if _, err := s.awaitMail(ctx, adminEmail, "Mail no longer comes from your own domain"); err != nil {
		return err
	}
	seen, err := s.call(ctx, s.adminKey, http.MethodGet, s.path("/sender"), nil, http.StatusOK)
	return all(err, want("status", seen.at("status"), "lost"), want("falls_back_since is there", seen.at("falls_back_since") != "", true))
}

func (s *Story) giveUpDomain(ctx context.Context) error {
	for range 2 {
		if _, err := s.call(ctx, s.adminKey, http.MethodDelete, s.path("/sender"), nil, http.StatusNoContent); err != nil {
			return err
		}
	}
	_, err := s.call(ctx, s.adminKey, http.MethodGet, s.path("/sender"), nil, http.StatusNotFound)
	return err
}
