package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/org"
)

func encodeAdministrator(a org.Administrator) item {
	i := administratorKey(a.Organization, a.ID).item()
	i.text("id", a.ID)
	i.text("name", a.Name)
	i.text("email", a.Email)
	i.texts("permissions", a.Permissions)
	i.moment("created_at", a.CreatedAt)
	return i
}

func decodeAdministrator(i item) (org.Administrator, error) {
	must, may, err := read("ADMIN", i)
	a := org.Administrator{
		ID: must.text("id"), Organization: organizationOf(must), Name: may.text("name"), Email: must.text("email"),
		Permissions: may.texts("permissions"), CreatedAt: may.moment("created_at"),
	}
	return a, *err
}

func encodeApplication(a org.Application) item {
	i := applicationKey(a.Organization, a.ID).item()
	i.text("id", a.ID)
	i.text("name", a.Name)
	i.moment("created_at", a.CreatedAt)
	return i
}

func decodeApplication(i item) (org.Application, error) {
	must, may, err := read("APP", i)
	a := org.Application{
		ID: must.text("id"), Organization: organizationOf(must), Name: may.text("name"), CreatedAt: may.moment("created_at"),
	}
	return a, *err
}

func organizationOf(f fields) string {
	id, ok := strings.CutPrefix(f.item.key().pk, organizationPrefix)
	if !ok {
		f.fail("pk", "is not an organisation's")
	}
	return id
}

// Administrator gets one, strongly consistent; nil where there is none. It is policy.Store's, as is Application.
func (s *Store) Administrator(ctx context.Context, organization, id string) (*org.Administrator, error) {
	return one(ctx, s, administratorKey(organization, id), decodeAdministrator)
}

// Application gets one, strongly consistent; nil where there is none.
func (s *Store) Application(ctx context.Context, organization, id string) (*org.Application, error) {
	return one(ctx, s, applicationKey(organization, id), decodeApplication)
}

// Administrators are all of an organisation, strongly consistent. It is mail.Store's.
func (s *Store) Administrators(ctx context.Context, organization string) ([]org.Administrator, error) {
	values := organizationKey(organization).item()
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": values["pk"], ":sk": text(administratorPrefix)},
	}, everyRow)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeAdministrator)
}

// all decodes rows.
func all[T any](rows []item, decode func(item) (T, error)) ([]T, error) {
	out := make([]T, len(rows))
	for at, row := range rows {
		var err error
		if out[at], err = decode(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
