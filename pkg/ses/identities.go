package ses

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"twofold/pkg/sender"
)

// The tags of an identity that this package makes. The first bears the deployment's table, and the functions' roles may send
// from, and delete, only what bears it: never an identity that somebody made for another purpose.
const (
	tableTag        = "twofold-table"
	organizationTag = "twofold-organization"
)

// IdentityClient is the part of *sesv2.Client that Identities calls.
type IdentityClient interface {
	CreateEmailIdentity(context.Context, *sesv2.CreateEmailIdentityInput, ...func(*sesv2.Options)) (*sesv2.CreateEmailIdentityOutput, error)
	GetEmailIdentity(context.Context, *sesv2.GetEmailIdentityInput, ...func(*sesv2.Options)) (*sesv2.GetEmailIdentityOutput, error)
	DeleteEmailIdentity(context.Context, *sesv2.DeleteEmailIdentityInput, ...func(*sesv2.Options)) (*sesv2.DeleteEmailIdentityOutput, error)
}

// Identities implements sender.Identities; safe for use by several goroutines at once. Its calls may be repeated: the SDK does.
type Identities struct {
	client func() IdentityClient
	table  string
}

// OpenIdentities makes them with a client of their own, at the first call: hardly any instance ever makes one. endpoint is
// where SES is, nil on AWS; table is the deployment's.
func OpenIdentities(cfg aws.Config, endpoint *string, table string) *Identities {
	return &Identities{table: table, client: sync.OnceValue(func() IdentityClient {
		return sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.BaseEndpoint = endpoint })
	})}
}

// Identity gets what SES knows of a domain; nil where it knows nothing.
func (i *Identities) Identity(ctx context.Context, domain string) (*sender.Identity, error) {
	out, err := i.client().GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	var none *types.NotFoundException
	switch {
	case errors.As(err, &none):
		return nil, nil
	case err != nil:
		return nil, identityFault(err)
	}
	found := identity(out.DkimAttributes, out.VerifiedForSendingStatus)
	found.Failed = found.Failed || out.VerificationStatus == types.VerificationStatusFailed
	found.Organization = i.organization(out.Tags)
	return &found, nil
}

// Create makes the identity of a domain with Easy DKIM and keys of 2,048 bits, or answers sender.ErrExists.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html
func (i *Identities) Create(ctx context.Context, domain, organization string) (sender.Identity, error) {
	out, err := i.client().CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{
		EmailIdentity:         &domain,
		DkimSigningAttributes: &types.DkimSigningAttributes{NextSigningKeyLength: types.DkimSigningKeyLengthRsa2048Bit},
		Tags: []types.Tag{
			{Key: aws.String(tableTag), Value: &i.table}, {Key: aws.String(organizationTag), Value: &organization},
		},
	})
	var exists *types.AlreadyExistsException
	switch {
	case errors.As(err, &exists):
		return sender.Identity{}, sender.ErrExists
	case err != nil:
		return sender.Identity{}, identityFault(err)
	}
	made := identity(out.DkimAttributes, out.VerifiedForSendingStatus)
	made.Organization = organization
	return made, nil
}

// Delete removes the identity of a domain; there may be none.
func (i *Identities) Delete(ctx context.Context, domain string) error {
	_, err := i.client().DeleteEmailIdentity(ctx, &sesv2.DeleteEmailIdentityInput{EmailIdentity: &domain})
	var none *types.NotFoundException
	if err == nil || errors.As(err, &none) {
		return nil
	}
	return identityFault(err)
}

// identity reads the attributes. A domain is verified when SES sends from it and its own DKIM records were seen: what it
// might inherit from a domain above it proves nothing about who asked.
func identity(dkim *types.DkimAttributes, sends bool) sender.Identity {
	if dkim == nil {
		return sender.Identity{}
	}
	seen := dkim.Status == types.DkimStatusSuccess || dkim.Status == types.DkimStatusTemporaryFailure
	return sender.Identity{
		Verified: sends && seen, Failed: dkim.Status == types.DkimStatusFailed, Tokens: dkim.Tokens, Zone: aws.ToString(dkim.SigningHostedZone),
	}
}

// organization is the one that this deployment made an identity for; empty where it did not.
func (i *Identities) organization(tags []types.Tag) string {
	values := map[string]string{}
	for _, tag := range tags {
		values[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if values[tableTag] != i.table {
		return ""
	}
	return values[organizationTag]
}

// identityFault keeps SES's code and drops its words, which quote the domain.
func identityFault(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("ses: %w", err)
	}
	return fmt.Errorf("ses: %s", place(err, api))
}
