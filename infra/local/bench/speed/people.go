package main

import (
	"context"
	"fmt"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/dynamo"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
	"twofold/pkg/user"
)

const organization = "bench.example"

// person is one enrolled user. Ids have one length, so that items of different people have one size.
type person struct {
	id     string
	secret string // base32, of the TOTP authenticator
	login  string // the token of the login under way
	rev    int64  // of the factors item, where the bare calls write it
}

// town is an organisation in a table: where its people are written, and the application's key that asks about them.
type town struct {
	store *dynamo.Store
	rings map[seal.Purpose]*seal.Ring
	now   func() time.Time
	key   string
	built int // people so far
}

// settle writes the organisation with one application, as the table holds them after they were made through the API.
func (t *town) settle(ctx context.Context) error {
	now := t.now()
	o := org.Organization{
		ID: organization, Name: "Bench", Entitlements: org.Entitlements{TwoFactor: true}, CreatedAt: now, Rev: 1,
		Policy: org.DefaultOrganizationPolicy(now),
	}
	key, text := access.NewKey(access.Application, now)
	key.Holder, key.Organizations = "app", []string{organization}
	t.key = text
	return t.store.WriteOrganization(ctx, organization, policy.Change{
		Organization: &o, History: &o.Policy, Keys: []access.Key{key},
		Applications: []org.Application{{ID: "app", Organization: organization, CreatedAt: now, Rev: 1}},
	})
}

// enroll writes n people, each with one authenticator, ten recovery codes and a verified recovery email, through the
// product's own store.
func (t *town) enroll(ctx context.Context, n int) ([]*person, error) {
	people, calls := make([]*person, n), make([]call, n)
	for at := range people {
		t.built++
		p := &person{id: fmt.Sprintf("person-%06d", t.built), rev: 1}
		people[at] = p
		calls[at] = func(ctx context.Context) (reply, error) { return reply{}, t.write(ctx, p) }
	}
	_, _, err := work(ctx, many, calls)
	return people, err
}

func (t *town) write(ctx context.Context, p *person) error {
	const authenticator = "a1b2c3d4e5f60718"
	codes, secret, now := t.rings[seal.Codes], factor.NewTOTPSecret(), t.now()
	p.secret = factor.TOTPSecretText(secret)
	f := user.Factors{Organization: organization, User: p.id}.Next()
	sealed, err := t.rings[seal.Secrets].Seal(secret, f.SecretUse(authenticator))
	if err != nil {
		return err
	}
	f.Authenticators = []user.Authenticator{{ID: authenticator, Method: org.TOTP, Secret: sealed, CreatedAt: now}}
	f.RecoveryCodes = f.RecoveryCodes.Renew(codes.PRFKeyID())
	profile := user.Profile{
		Organization: organization, User: p.id, Rev: 1, Email: p.email(), RegisteredAt: now, Methods: f.Methods(), EnrolledAt: now,
	}
	recovery := p.id + "@home.example"
	if profile.RecoveryEmail, err = t.rings[seal.Contacts].Seal([]byte(recovery), user.RecoveryUse(organization, p.id)); err != nil {
		return err
	}
	if profile.RecoveryDigest, err = factor.AddressDigest(codes, codes.PRFKeyID(), recovery); err != nil {
		return err
	}
	return t.store.Write(ctx, user.Change{Factors: &f, Profile: &profile})
}

func (p *person) email() string { return p.id + "@bench.example" }
