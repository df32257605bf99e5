package attack_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/net/publicsuffix"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/faults"
	"twofold/infra/local/iam"
	"twofold/infra/local/template"
	"twofold/pkg/access"
	"twofold/pkg/account"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/branding"
	"twofold/pkg/console"
	"twofold/pkg/dynamo"
	"twofold/pkg/enroll"
	"twofold/pkg/export"
	"twofold/pkg/httpapi"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/page"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/prompt"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/sender"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
	"twofold/pkg/storetest"
	"twofold/pkg/verify"
	"twofold/pkg/webhook"
)

const issuer = "https://twofold.test"

// product is the whole API over one table of its own.
type product struct {
	t         *testing.T
	api       http.Handler
	clock     *storetest.Clock
	wire      *faults.Wire
	signer    *signer
	rings     map[seal.Purpose]*seal.Ring
	bare      *sdk.Client   // past the wire: for looking
	store     *dynamo.Store // past the wire: for fixtures
	table     string
	mailer    *mail.Service
	projector *report.Counter
	outbox    *outbox
	domains   *storetest.Identities
	system    string          // a system administrator's key
	made      int             // how many tenants, so that each has an id of its own
	patience  context.Context // of requests that name none of their own; nil: without end
}

// keys are made once: they cost more than a test.
var keys = sync.OnceValue(func() map[seal.Purpose]*seal.Ring {
	rings := map[seal.Purpose]*seal.Ring{}
	for _, p := range seal.Purposes() {
		raw, err := seal.NewBlob(p)
		if err != nil {
			panic(err)
		}
		if rings[p], err = seal.Load(p, raw); err != nil {
			panic(err)
		}
	}
	return rings
})

// unsorted are the orders of reports that nothing here asks for: what is true of one is true of the others, and the store's own tests have all.
var unsorted = []string{"byEmail", "byMethod", "byVerified", "everyVerified"}

func newProduct(t *testing.T) *product {
	t.Helper()
	return productWithout(t, unsorted...)
}

// productWithout is the product on a table that lacks these indexes.
func productWithout(t *testing.T, indexes ...string) *product {
	t.Helper()
	bare, table := dynamodb.TableForTest(t, indexes...)
	p := &product{
		t: t, clock: storetest.NewClock(), wire: &faults.Wire{}, rings: keys(), bare: bare, table: table,
		store: dynamo.New(bare, table), outbox: &outbox{}, domains: &storetest.Identities{},
	}
	real, err := sign.New(p.rings[seal.Sign].SigningKeys(), issuer)
	p.must(err)
	p.signer = &signer{Signer: real}
	p.mailer = &mail.Service{
		Store: p.storeOf("mailer"), Sender: p.outbox, Codes: p.rings[seal.Codes], Contacts: p.rings[seal.Contacts], Now: p.clock.Now,
		FellBack: func(string, string) {}, Texts: p.outbox, Budgets: mail.Budgets{Prefix: 1000, OrganizationPrefix: 200},
		Limits: mail.Limits{Organization: 10_000}, Queue: p.outbox, Jitter: func() float64 { return 0 }, Postponed: func(mail.Order, error) {},
		Unsent: func(organization, why string) { p.outbox.note(organization + ": " + why) },
	}
	p.projector = &report.Counter{Store: p.storeOf("projector"), Now: p.clock.Now}
	p.api = p.routed(p.functions())
	p.system = p.systemAdministrator("root", "root@vendor.example")
	return p
}

// connections are shared by all clients: what differs between functions is what they ask for.
var connections = awshttp.NewBuildableClient()

// client is the SDK's client of one function, with the wire between it and the table. It tries as often as the SDK's
// default, but at once.
func (p *product) client(function string) *sdk.Client {
	return sdk.NewFromConfig(dynamodb.Config(dynamodb.ForTest(p.t)), func(o *sdk.Options) {
		o.HTTPClient = connections
		o.APIOptions = append(o.APIOptions, p.wire.Install, iam.Recording(function))
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 3, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
}

func (p *product) storeOf(function string) *dynamo.Store {
	return dynamo.New(p.client(function), p.table)
}

// functions are those with routes, each with a store of its own.
func (p *product) functions() map[string]http.Handler {
	var requests atomic.Int64
	options := httpapi.Options{
		Now:       p.clock.Now,
		RequestID: func(context.Context) string { return "request-" + time.Unix(requests.Add(1), 0).UTC().Format("150405") },
		SourceIP:  func(context.Context) string { return "192.0.2.1" },
	}
	verifying, err := httpapi.Verify(p.verifying("verify"), p.signer.JWKS(), options)
	p.must(err)
	read := p.reporting("report")
	reporting := httpapi.Report(read.reports, read.signIns, options)
	p.must(httpapi.Exports(reporting, read.exports.Reports, read.exports.SignIns, read.jwks))
	decide := p.deciding("policy")
	return map[string]http.Handler{
		"verify": verifying.Handler(),
		"enroll": httpapi.Enroll(p.enrolling("enroll"), options).Handler(),
		"prompt": p.pages(), "account": p.own(),
		"policy":  httpapi.Policy(decide.policies, decide.people, decide.senders, decide.brands, decide.webhooks, options).Handler(),
		"console": p.console(),
		"report":  reporting.Handler(),
	}
}

// deciding are the workflows of those who decide, as a function has them.
func (p *product) deciding(function string) (d struct {
	policies *policy.Service
	people   *people.Service
	senders  *sender.Service
	brands   *branding.Service
	webhooks *webhook.Service
}) {
	store, codes, secrets := p.storeOf(function), p.rings[seal.Codes], p.rings[seal.Secrets]
	d.policies = &policy.Service{Store: store, Codes: codes, Secrets: secrets, Now: p.clock.Now, Originations: originations}
	d.people = &people.Service{Store: store, Codes: codes, Secrets: secrets, Now: p.clock.Now}
	d.senders = &sender.Service{
		Store: store, Identities: p.domains, Registrable: publicsuffix.EffectiveTLDPlusOne, Reserved: []string{"no-reply@mail.vendor.example"}, Now: p.clock.Now,
	}
	d.brands = &branding.Service{Store: store, Now: p.clock.Now}
	d.webhooks = &webhook.Service{Store: store, Keys: p.rings[seal.Webhooks], Now: p.clock.Now}
	return d
}

// reporting are the workflows of those who read, as a function has them.
func (p *product) reporting(function string) (r struct {
	reports *report.Service
	signIns *signin.Service
	exports console.Exports
	jwks    []byte
}) {
	pages, err := sign.NewPages(p.rings[seal.Exports].SigningKeys())
	p.must(err)
	r.reports, r.signIns = &report.Service{Store: p.storeOf(function), Now: p.clock.Now}, &signin.Service{Store: p.storeOf(function), Now: p.clock.Now}
	keys := export.Keys{Cursors: p.rings[seal.Exports], Signer: pages}
	r.exports = console.Exports{Reports: &report.Exporter{Reports: r.reports, Keys: keys}, SignIns: &signin.Exporter{Log: r.signIns, Keys: keys}}
	r.jwks = pages.JWKS()
	return r
}

// console are the administrators' pages.
func (p *product) console() http.Handler {
	decide, read := p.deciding("console"), p.reporting("console")
	pages, err := console.Console{
		Options: page.Options{Faces: p.storeOf("console"), Now: p.clock.Now, Origin: "https://2fa.vendor.example"}, Tokens: p.rings[seal.Sign],
		Admissions: &admission.Service{Store: p.storeOf("console"), Codes: p.rings[seal.Codes], Now: p.clock.Now},
		Logins:     p.verifying("console"), Users: p.enrolling("console"), Policies: decide.policies, People: decide.people, Senders: decide.senders,
		Brands: decide.brands, Webhooks: decide.webhooks, Reports: read.reports, SignIns: read.signIns, Exports: read.exports,
	}.Handler()
	p.must(err)
	return pages
}

// verifying is the workflow of logins, as a function has it.
func (p *product) verifying(function string) *verify.Service {
	return &verify.Service{
		Store: p.storeOf(function), Tokens: p.rings[seal.Sign], Retries: p.rings[seal.Sign], Secrets: p.rings[seal.Secrets],
		Codes: p.rings[seal.Codes], Signer: p.signer, Now: p.clock.Now,
	}
}

// enrolling is the workflow of enrolments, as a function has it.
func (p *product) enrolling(function string) *enroll.Service {
	return &enroll.Service{
		Store: p.storeOf(function), Tokens: p.rings[seal.Sign], Retries: p.rings[seal.Sign], Secrets: p.rings[seal.Secrets],
		Contacts: p.rings[seal.Contacts], Codes: p.rings[seal.Codes], AppPasswordKeys: p.rings[seal.AppPasswords],
		Signer: p.signer, Now: p.clock.Now,
	}
}

// pages are the hosted prompt.
func (p *product) pages() http.Handler {
	pages, err := prompt.Prompt{
		Logins: p.verifying("prompt"), Enrollments: p.enrolling("prompt"), Tokens: p.rings[seal.Sign],
		Options: page.Options{Faces: p.storeOf("prompt"), Now: p.clock.Now},
	}.Handler()
	p.must(err)
	return pages
}

// own are the pages of users' own settings.
func (p *product) own() http.Handler {
	pages, err := account.Account{Users: p.enrolling("account"), Tokens: p.rings[seal.Sign], Options: page.Options{Faces: p.storeOf("account"), Now: p.clock.Now}}.Handler()
	p.must(err)
	return pages
}

// routed puts the functions behind the routes of template.yaml.
func (p *product) routed(functions map[string]http.Handler) http.Handler {
	root, err := template.Root()
	p.must(err)
	file, err := template.Load(filepath.Join(root, "template.yaml"), template.Values{
		"AWS::Region": "r", "AWS::AccountId": "1", "AWS::StackName": "s", "SenderAddress": "a@example.com", "MailerRetries": "retries", "MailerFailures": "failures", "OutgoingCalls": "calls", "ProjectorFailures": "failed",
		"Table": "t", "Key.Arn": "key", "MailConfigurationSet": "set", "PublicAddress": "https://api.example",
	})
	p.must(err)
	list, err := file.Functions()
	p.must(err)
	mux := http.NewServeMux()
	for _, f := range list {
		for _, route := range f.Routes {
			pattern := strings.Replace(route.Path, "+}", "...}", 1) // as the mux spells what takes all the rest
			if route == (template.Route{}) {
				pattern = "/" // $default
			}
			mux.Handle(pattern, functions[f.Name])
		}
	}
	return mux
}

// systemAdministrator makes one and gives the key.
func (p *product) systemAdministrator(id, email string) string {
	key, text := access.NewKey(access.SystemAdministrator, p.clock.Now())
	key.Holder = id
	p.must(p.store.CreateSystemAdministrator(p.t.Context(), key, "Root", email,
		audit.Event{ID: "boot " + id, At: p.clock.Now(), Kind: audit.SystemBootstrapped}))
	return text
}

func (p *product) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// for a subtest, which must end itself and not its parent.
func (p *product) in(t *testing.T) *product {
	q := *p
	q.t = t
	return &q
}

// signer signs, unless it is down.
type signer struct {
	*sign.Signer
	down atomic.Bool
}

var errSigning = errors.New("the signing key cannot be reached")

func (s *signer) Sign(ctx context.Context, a login.Assertion) (string, error) {
	if s.down.Load() {
		return "", errSigning
	}
	return s.Signer.Sign(ctx, a)
}
