package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/org"
	"twofold/pkg/people"
)

// Administrator gets one, strongly consistent; nil where there is none. It is policy.Store's, as is Application.
func (s *Store) Administrator(ctx context.Context, organization, id string) (*org.Administrator, error) {
	return one(ctx, s, administratorKey(organization, id), decodeAdministrator)
}

// Application gets one, strongly consistent; nil where there is none.
func (s *Store) Application(ctx context.Context, organization, id string) (*org.Application, error) {
	return one(ctx, s, applicationKey(organization, id), decodeApplication)
}

// Reader gets one, strongly consistent; nil where there is none. It is people.Store's, as are the lists that follow.
func (s *Store) Reader(ctx context.Context, organization, id string) (*org.Reader, error) {
	return one(ctx, s, readerKey(organization, id), decodeReader)
}

// Administrators are all of an organisation, strongly consistent. It is mail.Store's too.
func (s *Store) Administrators(ctx context.Context, organization string) ([]org.Administrator, error) {
	return list(ctx, s, administratorKey(organization, ""), decodeAdministrator)
}

// Applications are all of an organisation, strongly consistent.
func (s *Store) Applications(ctx context.Context, organization string) ([]org.Application, error) {
	return list(ctx, s, applicationKey(organization, ""), decodeApplication)
}

// Readers are all of an organisation, strongly consistent.
func (s *Store) Readers(ctx context.Context, organization string) ([]org.Reader, error) {
	return list(ctx, s, readerKey(organization, ""), decodeReader)
}

// list reads all items whose keys begin as this one.
func list[T any](ctx context.Context, s *Store, first key, decode func(item) (T, error)) ([]T, error) {
	rows, err := s.rows(ctx, s.under(first), everyRow)
	if err != nil {
		return nil, err
	}
	return all(rows, decode)
}

// under asks for the items whose keys begin as this one, strongly consistent.
func (s *Store) under(first key) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(first.pk), ":sk": text(first.sk)},
	}
}

// WritePeople writes a change in one transaction. It is people.Store's.
func (s *Store) WritePeople(ctx context.Context, c people.Change) error {
	var parts []part
	for _, a := range c.Administrators {
		parts = append(parts, s.updated(encodeAdministrator(a), a.Rev, administratorAttributes))
	}
	if a := c.RemovedAdministrator; a != nil {
		parts = append(parts, s.deleted(administratorKey(a.Organization, a.ID), a.Rev))
	}
	if a := c.RemovedApplication; a != nil {
		parts = append(parts, s.deleted(applicationKey(a.Organization, a.ID), a.Rev))
	}
	if c.Roster != nil {
		parts = append(parts, s.updated(encodeRoster(*c.Roster), c.Roster.Rev, rosterAttributes))
	}
	for _, a := range c.Applications {
		parts = append(parts, s.updated(encodeApplication(a), a.Rev, applicationAttributes))
	}
	for _, r := range c.Readers {
		parts = append(parts, s.updated(encodeReader(r), r.Rev, readerAttributes))
	}
	for _, k := range c.Keys {
		parts = append(parts, s.created(encodeAccessKey(k), true)) // nobody else can have made the same digest
	}
	for _, k := range c.Altered {
		parts = append(parts, s.altered(k))
	}
	if c.Docket != nil {
		docket, err := s.docket(*c.Docket)
		if err != nil {
			return err
		}
		parts = append(parts, docket...)
	}
	parts = append(parts, s.events(c.Events)...)
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
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
