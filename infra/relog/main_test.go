package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	local "twofold/infra/local/dynamodb"
	"twofold/pkg/audit"
	"twofold/pkg/dynamo"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// What is old and not in the log is appended once, in the order of time, behind what is there; what is young is left to the projector.
func TestWhatIsMissingIsAppended(t *testing.T) {
	client, table := local.TableForTest(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": local.ForTest(t), "AWS_REGION": client.Options().Region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	store := dynamo.New(client, table)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o := org.Organization{ID: "acme", Name: "Acme", Rev: 1, CreatedAt: time.Now(), Policy: org.DefaultOrganizationPolicy(time.Now())}
	must(store.WriteOrganization(t.Context(), "acme", policy.Change{Organization: &o, History: &o.Policy}))
	const n = 120
	start := time.Now().Add(-2 * time.Hour)
	event := func(organization string, i int) audit.Event {
		return audit.Event{ID: fmt.Sprintf("event-%03d", i), At: start.Add(time.Duration(i) * time.Second), Kind: audit.UserReset, Organization: organization, Notify: true}
	}
	for _, organization := range []string{"acme", ""} {
		for i := range n {
			must(store.Write(t.Context(), user.Change{Events: []audit.Event{event(organization, i)}}))
		}
		young := event(organization, n)
		young.At = time.Now()
		must(store.Write(t.Context(), user.Change{Events: []audit.Event{young}}))
	}
	for _, err := range storetest.Notary(store, time.Now).Append(t.Context(), []audit.Event{event("acme", 90), event("acme", 7)}) {
		must(err)
	}
	var out bytes.Buffer
	for range 2 {
		must(run(t.Context(), []string{"-table", table}, &out, io.Discard))
	}
	if got := out.String(); got != "\"\": 120 events appended\n\"acme\": 118 events appended\n"+
		"1 organisations and the vendor's own log: 238 events appended\n1 organisations and the vendor's own log: 0 events appended\n" {
		t.Errorf("it says %q", got)
	}
	leaves, err := store.LeafRange(t.Context(), "acme", 0, 2*n)
	must(err)
	var order []string
	for _, l := range leaves {
		order = append(order, l.Event.ID)
	}
	if len(order) != n || order[0] != "event-090" || order[1] != "event-007" || order[2] != "event-000" || order[n-1] != "event-119" {
		t.Errorf("the log: %s", strings.Join(order, " "))
	}
	head, _, err := store.Log(t.Context(), "acme", nil)
	must(err)
	if waiting, _, err := store.Unsigned(t.Context(), "", 10); err != nil || len(waiting) != 2 || head.Size != n {
		t.Errorf("%v wait, the log has %d, %v", waiting, head.Size, err)
	}
	if _, there, err := store.Entry(t.Context(), "acme", ledger.PlaceOf(event("acme", n)).ID); err != nil || there {
		t.Errorf("the young event is in the log: %v, %v", there, err)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	for _, arguments := range [][]string{nil, {"-table", ""}, {"-table", "t", "more"}, {"-unknown"}} {
		if err := run(t.Context(), arguments, io.Discard, io.Discard); err == nil {
			t.Errorf("%v is accepted", arguments)
		}
	}
}
