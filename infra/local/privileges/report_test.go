package privileges

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/iam"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/dynamo"
	"twofold/pkg/httpapi"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/signin"
)

// The function report reads one index for each order, and no other test that runs it asks for them all.
func TestTheReportNeedsEveryIndex(t *testing.T) {
	folder := t.TempDir()
	client, table := dynamodb.TableForTest(t)
	now := time.Now().UTC()
	key, text := access.NewKey(access.SystemAdministrator, now)
	key.Holder = "root"
	fixtures := dynamo.New(client, table)
	event := audit.Event{ID: "boot", At: now, Kind: audit.SystemBootstrapped}
	if err := fixtures.CreateSystemAdministrator(t.Context(), key, "Root", "root@vendor.example", event); err != nil {
		t.Fatal(err)
	}
	o := org.Organization{ID: "acme", Name: "Acme", CreatedAt: now, Rev: 1, Policy: org.DefaultOrganizationPolicy(now)}
	if err := fixtures.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o, History: &o.Policy}); err != nil {
		t.Fatal(err)
	}
	read := func() {
		recorded := sdk.NewFromConfig(dynamodb.Config(dynamodb.ForTest(t)), func(o *sdk.Options) {
			o.APIOptions = append(o.APIOptions, iam.Recording("report"))
		})
		store, clock := dynamo.New(recorded, table), func() time.Time { return now }
		api := httpapi.Report(&report.Service{Store: store, Now: clock}, &signin.Service{Store: store, Now: clock}, httpapi.Options{
			Now:       func() time.Time { return now },
			RequestID: func(context.Context) string { return "request" }, SourceIP: func(context.Context) string { return "192.0.2.1" },
		}).Handler()
		const acme = "organizations/acme/"
		paths := []string{acme + "sign-ins", acme + "sign-ins?user=ann", acme + "audit?actor=ann", acme + "audit?user=ann"}
		for _, sort := range report.Sorts() {
			paths = append(paths, acme+"report?sort="+string(sort))
		}
		for _, sort := range report.SystemSorts() {
			paths = append(paths, "report?sort="+string(sort))
		}
		for _, path := range paths {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/"+path, nil)
			r.Header.Set("Authorization", "Bearer "+text)
			w := httptest.NewRecorder()
			if api.ServeHTTP(w, r); w.Code != 200 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}
	read() // into the record of the whole run, if there is one
	t.Setenv(iam.CallsVariable, folder)
	read()
	calls, err := iam.ReadCalls(folder)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	for _, c := range calls {
		needed[c.Action+" "+c.Resource] = true
	}
	for _, index := range strings.Fields("byUser byEmail byMethod byEnrolled byVerified everyUser everyEnrolled everyVerified activity byActor") {
		if !needed["dynamodb:Query Table.Arn/index/"+index] {
			t.Errorf("the index %s is not read: %v", index, needed)
		}
	}
}
