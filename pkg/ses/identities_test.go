package ses_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	local "twofold/infra/local/ses"
	"twofold/pkg/sender"
	"twofold/pkg/ses"
)

const (
	table  = "twofold-Table-1"
	domain = "mail.acme.example"
)

var _ sender.Identities = (*ses.Identities)(nil)

func configuration() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
	}), RetryMaxAttempts: 1}
}

// identities of two deployments in one account, on the emulator of SES.
func identities(t *testing.T) (ours, theirs *ses.Identities, provider *local.SES) {
	t.Helper()
	provider = local.New("no-reply@twofold.test", time.Now)
	server := httptest.NewServer(provider)
	t.Cleanup(server.Close)
	return ses.OpenIdentities(configuration(), &server.URL, table), ses.OpenIdentities(configuration(), &server.URL, "other"), provider
}

func TestAnIdentityIsMadeFoundAndDeleted(t *testing.T) {
	ours, theirs, provider := identities(t)
	none, err := ours.Identity(t.Context(), domain)
	if err != nil || none != nil {
		t.Fatalf("nothing yet: %+v, %v", none, err)
	}
	made, err := ours.Create(t.Context(), domain, "acme")
	if err != nil || made.Organization != "acme" || made.Verified || made.Failed || len(made.Tokens) != 3 || made.Zone != "dkim.amazonses.com" {
		t.Fatalf("made %+v, %v", made, err)
	}
	if _, err := ours.Create(t.Context(), domain, "acme"); !errors.Is(err, sender.ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	for _, c := range []struct {
		dns              local.DNS
		verified, failed bool
	}{{local.Unseen, false, false}, {local.Published, true, false}, {local.GivenUp, false, true}} {
		if err := provider.SetDNS(domain, c.dns); err != nil {
			t.Fatal(err)
		}
		found, err := ours.Identity(t.Context(), domain)
		if err != nil || found.Organization != "acme" || found.Verified != c.verified || found.Failed != c.failed || found.Tokens[0] != made.Tokens[0] {
			t.Errorf("%s: %+v, %v", c.dns, found, err)
		}
	}
	if found, err := theirs.Identity(t.Context(), domain); err != nil || found.Organization != "" {
		t.Errorf("another deployment takes it for its own: %+v, %v", found, err)
	}
	for range 2 {
		if err := ours.Delete(t.Context(), domain); err != nil {
			t.Fatal(err)
		}
	}
	provider.Make(domain, local.Published, map[string]string{"twofold-organization": "acme"})
	if found, err := ours.Identity(t.Context(), domain); err != nil || found.Organization != "" || !found.Verified {
		t.Errorf("somebody else's: %+v, %v", found, err)
	}
}

// What SES says in words quotes the domain; its codes do not.
func TestIdentitiesFailWithoutNames(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"message":"not for mail.acme.example"}`))
	}))
	defer server.Close()
	i := ses.OpenIdentities(configuration(), &server.URL, table)
	_, get := i.Identity(t.Context(), domain)
	_, create := i.Create(t.Context(), domain, "acme")
	for name, err := range map[string]error{"get": get, "create": create, "delete": i.Delete(t.Context(), domain)} {
		if err == nil || strings.Contains(err.Error(), "acme") || !strings.Contains(err.Error(), "AccessDeniedException") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Identity(ended, domain); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls", calls.Load())
	}
}
