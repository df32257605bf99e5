package dynamo

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/user"
)

// Classes of a date would pile up, day after day: one that has come to nothing is taken away, and no other.
func TestCountsOfPastDatesAreTakenAway(t *testing.T) {
	client, table := dynamodb.TableForTest(t)
	s := New(client, table)
	move := func(id string, from, to user.Class, rev int64) {
		t.Helper()
		before := user.Counted{Organization: "acme", User: id, Rev: rev - 1, Class: from}
		if err := s.Count(t.Context(), before, user.Counted{Organization: "acme", User: id, Rev: rev, Class: to}, at); err != nil {
			t.Fatal(err)
		}
	}
	dated, plain := user.Class{Enforcement: user.Exempt, ExemptUntil: "2026-12-01"}, user.Class{Methods: "totp"}
	move("ann", user.Class{}, dated, 1)
	move("bob", user.Class{}, dated, 1)
	stored := func() item {
		t.Helper()
		i, err := s.get(t.Context(), countsKey("acme"), true)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	name, err := className(dated)
	if err != nil {
		t.Fatal(err)
	}
	move("ann", dated, plain, 2)
	if _, there := stored()[name]; !there {
		t.Error("a class that bob is in was taken away")
	}
	move("bob", dated, plain, 2)
	if _, there := stored()[name]; there {
		t.Error("an empty class of a date is left")
	}
	move("ann", plain, user.Class{}, 3)
	move("bob", plain, user.Class{}, 3)
	if _, there := stored()["n:totp::false"]; !there {
		t.Error("a class without a date was taken away: its next user pays for it anew")
	}
	counts, err := s.Counts(t.Context(), "acme")
	if err != nil || len(counts.ByClass) != 1 || counts.ByClass[user.Class{}] != 2 {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// readMeter asks DynamoDB what each read of an item cost.
type readMeter struct {
	*sdk.Client
	units []float64
}

func (m *readMeter) GetItem(ctx context.Context, in *sdk.GetItemInput, o ...func(*sdk.Options)) (*sdk.GetItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.GetItem(ctx, &asked, o...)
	if err == nil {
		m.units = append(m.units, aws.ToFloat64(out.ConsumedCapacity.CapacityUnits))
	}
	return out, err
}

// crowd is an organisation of so many users over a hundred classes: a day for each of thirteen weeks, and what there is besides.
func crowd(users int64) item {
	i := countsKey("acme").item()
	i.moment("as_of", at)
	var classes []user.Class
	for day := range 91 {
		classes = append(classes, user.Class{Enforcement: user.Exempt, ExemptUntil: user.DayOf(at.AddDate(0, 0, day))})
	}
	for bits := range 9 {
		classes = append(classes, user.Class{
			Methods: []string{"", "totp", "email+totp"}[bits%3], Suspended: bits > 5, Services: []string{"", "imap+smtp"}[bits%2],
		})
	}
	for n, class := range classes {
		name, err := className(class)
		if err != nil {
			panic(err)
		}
		i.number(name, users/int64(len(classes)))
		if n == 0 {
			i.number(name, users-users/int64(len(classes))*int64(len(classes)-1))
		}
	}
	return i
}

// TestCountsCostTheSameForManyUsers: one request and the same units for 1,000 and for 100,000.
func TestCountsCostTheSameForManyUsers(t *testing.T) {
	costs := map[int64]string{}
	for _, users := range []int64{1_000, 100_000} {
		client, table := dynamodb.TableForTest(t)
		if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String(table), Item: crowd(users)}); err != nil {
			t.Fatal(err)
		}
		m := &readMeter{Client: client}
		counts, err := New(m, table).Counts(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, n := range counts.ByClass {
			sum += n
		}
		if sum != users || len(counts.ByClass) != 100 {
			t.Errorf("%d users in %d classes were read, want %d in 100", sum, len(counts.ByClass), users)
		}
		costs[users] = fmt.Sprint(m.units)
	}
	if costs[1_000] != costs[100_000] || costs[1_000] == "[]" {
		t.Errorf("units of each request by users: %v", costs)
	}
	t.Logf("units of each request by users: %v", costs)
}
