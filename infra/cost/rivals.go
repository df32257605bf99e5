package main

import "math"

// rival is a service that charges by the code or by the user, at its public list price for a month.
type rival struct {
	Name, Charges string
	Month         func(users float64) float64
	Page          string
	Seen          source
}

var rivals = []rival{
	{"Twilio Verify", "$0.05 a verification, SMS extra", perCode(0.05), "https://www.twilio.com/en-us/verify/pricing",
		source{"a user's wiki", "https://www.github.com/modxcms/twilio/wiki", "2022-10-11"}},
	{"Telnyx Verify", "$0.03 a verification, SMS extra", perCode(0.03), "https://telnyx.com/pricing/verify-api",
		source{"the page, quoted", "https://raw.githubusercontent.com/api-evangelist/telnyx-verify/refs/heads/main/finops/telnyx-verify-finops.yml", "2026-07-11"}},
	{"Amazon Cognito, Essentials", "$0.015 an active user above 10,000", tiers(band{10e3, 0}, band{math.Inf(1), 0.015}),
		"https://aws.amazon.com/cognito/pricing/",
		source{"the page, quoted", "https://raw.githubusercontent.com/api-evangelist/amazon-cognito/refs/heads/main/plans/amazon-cognito-plans-pricing.yml", "2026-09-20"}},
	{"Google Identity Platform", "$0.0055 an active user above 50,000, falling to $0.0032; SMS extra",
		tiers(band{50e3, 0}, band{100e3, 0.0055}, band{1e6, 0.0046}, band{10e6, 0.0032}, band{math.Inf(1), 0.0025}),
		"https://cloud.google.com/identity-platform/pricing", source{"the page", "https://cloud.google.com/identity-platform/pricing?hl=ro", "a stored copy without a date"}},
	{"Okta Workforce, Starter", "$6 a user", perUserMonth(6), "https://www.okta.com/pricing/",
		source{"the page, quoted", "https://raw.githubusercontent.com/api-evangelist/okta/refs/heads/main/plans/okta-plans-pricing.yml", "2026-05-22"}},
	{"Microsoft Entra ID P1", "$7 a user", perUserMonth(7), "https://www.microsoft.com/en-us/security/business/microsoft-entra-pricing",
		source{"the page, quoted", "https://raw.githubusercontent.com/api-evangelist/microsoft-entra/refs/heads/main/plans/microsoft-entra-plans-pricing.yml", "2026-09-20"}},
}

func perCode(each float64) func(float64) float64 {
	return func(users float64) float64 { return users * loginsAUser * each }
}

func perUserMonth(each float64) func(float64) float64 {
	return func(users float64) float64 { return users * each }
}

// band is the price of each user up to a number of them.
type band struct{ To, Each float64 }

func tiers(bands ...band) func(float64) float64 {
	return func(users float64) (sum float64) {
		from := 0.0
		for _, b := range bands {
			sum += math.Max(math.Min(users, b.To)-from, 0) * b.Each
			from = b.To
		}
		return sum
	}
}
