package sender

import (
	"twofold/pkg/org"
)

// Record is one line for the administrator's DNS.
type Record struct {
	Type     string // "CNAME" or "TXT"
	Name     string
	Value    string
	Required bool   // without it the domain is not verified
	Purpose  string // one of PurposeDKIM, PurposeDMARC, PurposeSPF
}

// The purposes of records.
const (
	PurposeDKIM  = "dkim"
	PurposeDMARC = "dmarc"
	PurposeSPF   = "spf"
)

// defaultZone is where SES publishes the keys in most regions, should it not say so itself.
// https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html
const defaultZone = "dkim.amazonses.com"

// View is a sender as administrators see it.
type View struct {
	Sender   org.Sender
	Entitled bool
	Records  []Record
}

func (t *task) view(i Identity) View {
	return View{Sender: t.sender, Entitled: t.organization.Entitlements.Sender, Records: records(t.sender.Domain, i)}
}

// records are the three that verify a domain, and two that are merely a good idea: DMARC (RFC 7489 §6.3) passes by the
// DKIM signature alone, and SPF (RFC 7208 §3) speaks to those who look at it in spite of the provider's own return path.
func records(domain string, i Identity) []Record {
	zone := i.Zone
	if zone == "" {
		zone = defaultZone
	}
	var all []Record
	for _, token := range i.Tokens {
		all = append(all, Record{
			Type: "CNAME", Name: token + "._domainkey." + domain, Value: token + "." + zone, Required: true, Purpose: PurposeDKIM,
		})
	}
	return append(all,
		Record{Type: "TXT", Name: "_dmarc." + domain, Value: "v=DMARC1; p=none", Purpose: PurposeDMARC},
		Record{Type: "TXT", Name: domain, Value: "v=spf1 include:amazonses.com ~all", Purpose: PurposeSPF},
	)
}
