package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/dynamo"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

const crowd = "crowd" // the organisation that has as many users as everybody else together

// table is one of a size, and whoever asks for reports of it.
type table struct {
	meter   *meter
	reports *report.Service
	caller  access.Caller
	sorts   map[string]string // a cursor into the middle, by scope and order
}

// meter counts the read units of a client.
type meter struct {
	*sdk.Client
	mu    sync.Mutex
	units float64
	calls int
}

func (m *meter) count(used ...types.ConsumedCapacity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	for _, u := range used {
		m.units += aws.ToFloat64(u.CapacityUnits)
	}
}

func (m *meter) reset() { m.units, m.calls = 0, 0 }

func (m *meter) Query(ctx context.Context, in *sdk.QueryInput, o ...func(*sdk.Options)) (*sdk.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.Query(ctx, in, o...)
	if err == nil && out.ConsumedCapacity != nil {
		m.count(*out.ConsumedCapacity)
	}
	return out, err
}

func (m *meter) BatchGetItem(ctx context.Context, in *sdk.BatchGetItemInput, o ...func(*sdk.Options)) (*sdk.BatchGetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.BatchGetItem(ctx, in, o...)
	if err == nil {
		m.count(out.ConsumedCapacity...)
	}
	return out, err
}

// newTable makes a table of so many users in one organisation, and as many in others.
func newTable(ctx context.Context, endpoint string, users, organizations int) (*table, error) {
	definition, err := dynamodb.Definition()
	if err != nil {
		return nil, err
	}
	definition.Create.StreamSpecification = nil // nobody reads it, and its records would make all further writes slower
	client, name := dynamodb.Client(endpoint), fmt.Sprint("pages-", users, "-", rand.Text())
	if err := dynamodb.CreateTable(ctx, client, definition, name); err != nil {
		return nil, err
	}
	t := &table{meter: &meter{Client: client}, sorts: map[string]string{}}
	store := dynamo.New(t.meter, name)
	t.reports = &report.Service{Store: store, Now: time.Now}
	if err := t.found(ctx, store, organizations); err != nil {
		return nil, err
	}
	return t, populate(ctx, dynamo.New(loader{client}, name), users, organizations)
}

// found writes a key of the vendor's, and the organisations.
func (t *table) found(ctx context.Context, store *dynamo.Store, organizations int) error {
	key, text := access.NewKey(access.SystemAdministrator, time.Now())
	key.Holder = "root"
	credential, err := access.Parse(text)
	if err != nil {
		return err
	}
	t.caller = access.Caller{Credential: credential}
	bootstrapped := audit.Event{ID: "bench", At: time.Now(), Kind: audit.SystemBootstrapped}
	if err := store.CreateSystemAdministrator(ctx, key, "Root", "root@vendor.example", bootstrapped); err != nil {
		return err
	}
	for n := range organizations + 1 {
		id := small(n - 1)
		if n == 0 {
			id = crowd
		}
		o := org.Organization{
			ID: id, Name: id, Rev: 1, CreatedAt: time.Now(), Entitlements: org.Entitlements{TwoFactor: true}, Policy: org.DefaultOrganizationPolicy(time.Now()),
		}
		if err := store.WriteOrganization(ctx, id, policy.Change{Organization: &o}); err != nil {
			return err
		}
	}
	return nil
}

func small(n int) string { return fmt.Sprintf("small-%04d", n) }

// populate registers everybody, a hundred at a time, every second one enrolled.
func populate(ctx context.Context, store *dynamo.Store, users, organizations int) error {
	var next atomic.Int64
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for from := int(next.Add(50)) - 50; from < users && ctx.Err() == nil; from = int(next.Add(50)) - 50 {
				if err := store.WriteMany(ctx, fifty(from, min(from+50, users), organizations)); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

func fifty(from, to, organizations int) (changes []user.Change) {
	for n := from; n < to; n++ {
		for _, organization := range []string{crowd, small(n % organizations)} {
			p := user.Profile{
				Organization: organization, User: fmt.Sprintf("user-%06d", n*7919%1_000_000), Rev: 1, Email: fmt.Sprintf("user-%06d@crowd.example", n),
				RegisteredAt: time.Now(),
			}
			if n%2 == 0 {
				p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, time.Now()
			}
			changes = append(changes, user.Change{Profile: &p})
		}
	}
	return changes
}
