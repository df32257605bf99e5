package dynamo

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/org"
)

// organizationAttributes are all that this version knows: one that a write does not set is removed by it.
var organizationAttributes = slices.Concat(policyAttributes, []string{
	"rev", "name", "two_factor", "sms", "app_passwords", "sender", "user_limit", "sms_per_day", "sms_entitled_countries", "sms_origination", "created_at", "announcement",
	"memory_version", "memory_since", "audit_since", "sign_ins_since",
})

func encodeOrganization(o org.Organization) item {
	i := organizationKey(o.ID).item()
	i.number("rev", o.Rev)
	i.text("name", o.Name)
	i.flag("two_factor", o.Entitlements.TwoFactor)
	i.flag("sms", o.Entitlements.SMS)
	i.flag("app_passwords", o.Entitlements.AppPasswords)
	i.flag("sender", o.Entitlements.Sender)
	i.number("user_limit", int64(o.Entitlements.UserLimit))
	i.number("sms_per_day", int64(o.Entitlements.SMSPerDay))
	i.text("sms_entitled_countries", string(o.Entitlements.SMSCountries))
	i.text("sms_origination", o.Entitlements.SMSOrigination)
	i.moment("created_at", o.CreatedAt)
	i.text("announcement", o.Announcement)
	if o.Memory.Version != 0 {
		i.number("memory_version", o.Memory.Version)
	}
	i.moment("memory_since", o.Memory.Since)
	i.moment("audit_since", o.Kept.Audit)
	i.moment("sign_ins_since", o.Kept.SignIns)
	encodePolicy(i, o.Policy)
	return i
}

func decodeOrganization(i item) (org.Organization, error) {
	must, may, err := read("ORG", i)
	id, ok := strings.CutPrefix(i.key().pk, organizationPrefix)
	if !ok {
		must.fail("pk", "is not an organisation's")
	}
	return org.Organization{
		ID: id, Rev: must.number("rev"), Name: may.text("name"), CreatedAt: may.moment("created_at"), Announcement: may.text("announcement"),
		Entitlements: org.Entitlements{
			TwoFactor: must.flag("two_factor"), SMS: must.flag("sms"),
			AppPasswords: must.flag("app_passwords"), Sender: must.flag("sender"),
			UserLimit: int(may.number("user_limit")), SMSPerDay: int(may.number("sms_per_day")),
			SMSCountries: org.Countries(may.text("sms_entitled_countries")), SMSOrigination: may.text("sms_origination"),
		},
		Memory: org.Memory{Version: may.number("memory_version"), Since: may.moment("memory_since")},
		Kept:   org.Kept{Audit: may.moment("audit_since"), SignIns: may.moment("sign_ins_since")},
		Policy: decodePolicy(must, may),
	}, *err
}

// KnownOrganizations are those of the ids that there are, strongly consistent. It is people.Store's.
func (s *Store) KnownOrganizations(ctx context.Context, ids ...string) ([]string, error) {
	there, err := s.Organizations(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, id := range ids {
		if _, is := there[id]; is {
			known = append(known, id)
		}
	}
	return known, nil
}

// Organizations gives those of the ids that there are, strongly consistent, by their ids. It is report.Store's.
func (s *Store) Organizations(ctx context.Context, ids ...string) (map[string]org.Organization, error) {
	keys := make([]key, len(ids))
	for at, id := range ids {
		keys[at] = organizationKey(id)
	}
	found, err := s.batches(ctx, nil, keys)
	if err != nil {
		return nil, err
	}
	there := make(map[string]org.Organization, len(found))
	for _, i := range found {
		o, err := decodeOrganization(i)
		if err != nil {
			return nil, err
		}
		there[o.ID] = o
	}
	return there, nil
}

// Policies are versions of an organisation's policy before one, the latest first, strongly consistent. It is policy.Store's.
func (s *Store) Policies(ctx context.Context, organization string, before int64, limit int) ([]org.Policy, error) {
	if before <= 1 {
		return nil, nil // DynamoDB refuses to look between a key and a smaller one
	}
	first, last := policyKey(organization, 1), policyKey(organization, before-1)
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{":pk": text(first.pk), ":first": text(first.sk), ":last": text(last.sk)},
	}, limit)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeHistory)
}

func decodeHistory(i item) (org.Policy, error) {
	must, may, err := read("POLICY", i)
	return decodePolicy(must, may), *err
}

func encodeHistory(organization string, p org.Policy) item {
	i := policyKey(organization, p.Version).item()
	encodePolicy(i, p)
	return i
}
