package installation

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "twofold/infra/local/dynamodb"
)

func marker(t *testing.T) MarkerItem {
	t.Helper()
	client, table := local.TableForTest(t)
	return MarkerItem{Client: client, Table: table}
}

func read(t *testing.T, m MarkerItem, want Mark) {
	t.Helper()
	got, err := m.Read(context.Background())
	if err != nil || got != want {
		t.Errorf("mark %+v, %v, not %+v", got, err, want)
	}
}

func TestTheMarkIsClaimedOnceAndIssuedByItsHolder(t *testing.T) {
	ctx, m := context.Background(), marker(t)
	read(t, m, Mark{})
	if err := m.Issued(ctx, "first", now); err == nil {
		t.Error("issued without a claim")
	}
	read(t, m, Mark{})
	for _, id := range []string{"first", "second", "first"} {
		if got, err := m.Claim(ctx, id, now); err != nil || got != (Mark{KeyID: "first"}) {
			t.Errorf("claimed by %s: %+v, %v", id, got, err)
		}
	}
	if err := m.Issued(ctx, "second", now); err == nil {
		t.Error("issued by who did not claim")
	}
	read(t, m, Mark{KeyID: "first"})
	for range 2 {
		if err := m.Issued(ctx, "first", now); err != nil {
			t.Error(err)
		}
		read(t, m, Mark{KeyID: "first", Issued: true})
	}
	if got, err := m.Claim(ctx, "third", now); err != nil || got != (Mark{KeyID: "first", Issued: true}) {
		t.Errorf("claimed after the issue: %+v, %v", got, err)
	}
}

func TestClaimsAtOnceHaveOneWinner(t *testing.T) {
	m := marker(t)
	marks := make([]Mark, 10)
	var wait sync.WaitGroup
	for n := range marks {
		wait.Go(func() {
			var err error
			if marks[n], err = m.Claim(context.Background(), strings.Repeat("k", n+1), now); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, mark := range marks {
		if mark != marks[0] || mark.KeyID == "" {
			t.Errorf("marks %v", marks)
		}
	}
}

// losesOne drops one reply after the server has answered, as a broken connection does.
type losesOne struct {
	http.RoundTripper
	lost *atomic.Bool
}

func (l losesOne) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.lost.CompareAndSwap(false, true) {
		_ = response.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return response, err
}

// The SDK repeats a claim whose reply was lost, and is then refused by its own write.
func TestALostReplyToAClaimIsNotARace(t *testing.T) {
	m := marker(t)
	options := m.Client.(*dynamodb.Client).Options()
	options.HTTPClient = &http.Client{Transport: losesOne{http.DefaultTransport, new(atomic.Bool)}}
	m.Client = dynamodb.New(options)
	if got, err := m.Claim(context.Background(), "ours", now); err != nil || got.KeyID != "ours" {
		t.Errorf("mark %+v, %v", got, err)
	}
}

func TestAMarkWithoutAKeyIsAnError(t *testing.T) {
	ctx, m := context.Background(), marker(t)
	for _, value := range []types.AttributeValue{nil, text(""), &types.AttributeValueMemberN{Value: "1"}} {
		item := markerKey()
		if value != nil {
			item["key"] = value
		}
		if _, err := m.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &m.Table, Item: item}); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Read(ctx); err == nil {
			t.Errorf("read as %+v", got)
		}
	}
}
