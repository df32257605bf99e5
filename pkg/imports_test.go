package pkg_test

import (
	"go/ast"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layer says what a package below pkg may import of ours, and why no more.
type layer struct {
	may []string
	why string
}

const (
	aloneWhy    = "it is pure arithmetic that everything else rests on, so it knows nothing of ours"
	domainWhy   = "the domain is a ladder, each rung resting on lower ones only"
	workflowWhy = "workflows do not import each other: a deployed function would carry the other's code and rights; what two share is domain"
	pageWhy     = "it is the ground that every adapter for browsers stands on, so it knows nobody's rules and no store"
	adapterWhy  = "adapters do not import each other, so that each can be replaced alone; only boot and the mains put them together"
)

// domain are the packages that hold words and rules, from the bottom up.
var domain = map[string]layer{
	"fault":    {nil, aloneWhy},
	"factor":   {nil, aloneWhy},
	"throttle": {nil, aloneWhy},
	"audit":    {nil, aloneWhy},
	"phone":    {nil, aloneWhy},
	"delivery": {nil, aloneWhy},
	"words":    {[]string{"fault"}, domainWhy},
	"export":   {[]string{"fault"}, domainWhy},
	"access":   {[]string{"audit", "fault"}, domainWhy},
	"lastuse":  {[]string{"access"}, domainWhy},
	"org":      {[]string{"fault", "phone", "throttle"}, domainWhy},
	"user":     {[]string{"audit", "factor", "fault", "org", "phone", "throttle"}, domainWhy},
	"ledger":   {[]string{"audit"}, domainWhy},
	"decision": {[]string{"org", "user"}, "the decision is one pure function of the state of an organisation and a user, and of time"},
	"login":    {[]string{"access", "audit", "decision", "delivery", "factor", "fault", "org", "user"}, domainWhy},
	"stepup": {[]string{"access", "factor", "fault", "login", "org", "throttle", "user"},
		domainWhy + "; it rests on login because a wrong code of an authenticator is one miss, wherever it was given"},
}

var (
	workflows = strings.Fields("policy people enroll verify mail report signin sender branding notary webhook retention admission")
	adapters  = strings.Fields("httpapi apigw dynamo ses sms sns sqs seal sign metrics memstore outbound eventbridge prompt account console")
)

// layers are all packages below pkg.
func layers() map[string]layer {
	all := map[string]layer{}
	var words []string
	for name, l := range domain {
		all[name] = l
		words = append(words, name)
	}
	below := slices.Concat(words, workflows)
	for _, name := range workflows {
		all[name] = layer{words, workflowWhy}
	}
	all["page"] = layer{strings.Fields("fault org words"), pageWhy}
	below = append(below, "page")
	for _, name := range adapters {
		all[name] = layer{below, adapterWhy}
	}
	all["boot"] = layer{slices.Concat(below, adapters), "boot puts adapters and workflows together; nothing but a main stands above it"}
	all["storetest"] = layer{slices.Concat(below, adapters), "the contract suite is run on the stores, and no product code uses it"}
	return all
}

func TestPackagesImportOnlyWhatTheirLayerMay(t *testing.T) {
	all := layers()
	for _, s := range sources(t) {
		own := part(s.folder)
		if s.test || own == "" {
			continue
		}
		l, known := all[own]
		if !known {
			t.Errorf("%s: package %s has no layer: say in this test what it may import, and why", s.path, own)
			continue
		}
		for _, imported := range s.imports {
			other := part(imported)
			if other != "" && other != own && !slices.Contains(l.may, other) {
				t.Errorf("%s imports %s: %s", s.path, imported, l.why)
			}
		}
	}
}

// pure reports whether a package is domain or workflow: it may touch no technology.
func pure(name string) bool {
	_, inDomain := domain[name]
	return inDomain || slices.Contains(workflows, name)
}

// technologies are the imports that a pure package may not have, with the reason.
var technologies = map[string]string{
	"github.com/aws":                "rules must be testable without a cloud, and portable to another",
	"net/http":                      "transport is the business of httpapi and apigw",
	"github.com/danielgtaylor":      "transport is the business of httpapi and apigw",
	"github.com/tink-crypto":        "sealing is the business of pkg/seal: take an interface",
	"github.com/go-jose":            "signing is the business of pkg/sign: take an interface",
	"github.com/golang-jwt":         "signing is the business of pkg/sign: take an interface",
	"database/sql":                  "stores are adapters: take an interface",
	"os":                            "configuration comes in through a main: rules read no environment and no files",
	"log":                           "rules return errors; adapters log, once",
	"log/slog":                      "rules return errors; adapters log, once",
	"github.com/go-webauthn":        "its start costs a quarter of a cold start: keep it out of what all functions share",
	"github.com/go-json-experiment": "strict decoding is the business of httpapi",
}

func TestPurePackagesTouchNoTechnology(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !pure(part(s.folder)) {
			continue
		}
		for _, imported := range s.imports {
			for banned, why := range technologies {
				if imported == banned || strings.HasPrefix(imported, banned+"/") {
					t.Errorf("%s imports %s: %s", s.path, imported, why)
				}
			}
		}
	}
}

// What a pure package imports must not bring a web server or the cloud in by the back door either.
func TestPurePackagesLinkNoTechnology(t *testing.T) {
	for name := range layers() {
		if !pure(name) {
			continue
		}
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+name)
		out, err := list.Output()
		if err != nil {
			t.Errorf("go list of %s: %v", name, err)
			continue
		}
		for linked := range strings.FieldsSeq(string(out)) {
			if linked == "net/http" || strings.HasPrefix(linked, "github.com/aws/") {
				t.Errorf("pkg/%s links %s through something that it imports: cold starts pay for it", name, linked)
			}
		}
	}
}

// Time is injected: a rule that reads the clock cannot be tested, and two readings in one request differ.
func TestPurePackagesReadNoClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !pure(part(s.folder)) {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if selected, ok := n.(*ast.SelectorExpr); ok && selected.Sel.Name == "Now" {
				if x, ok := selected.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s reads time.Now: take the time from the injected clock", s.path)
				}
			}
			return true
		})
	}
}

// infra is for the developer's machine: no deployed binary may hold any of it. Tests of adapters may run against it.
func TestTheProductDoesNotImportInfra(t *testing.T) {
	for _, s := range sources(t) {
		own := part(s.folder)
		product := own != "" || strings.HasPrefix(s.folder, "functions/")
		mayTest := s.test && (slices.Contains(adapters, own) || own == "boot" || own == "page" || own == "storetest")
		for _, imported := range s.imports {
			if strings.HasPrefix(imported, module+"infra") && product && !mayTest {
				t.Errorf("%s imports %s: infra is for the developer's machine, and only the tests of adapters run against it", s.path, imported)
			}
		}
	}
}

// Nothing rests on a main: what two functions share belongs below pkg.
func TestNothingImportsFunctions(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports {
			if strings.HasPrefix(imported, module+"functions") {
				t.Errorf("%s imports %s: what two share belongs below pkg", s.path, imported)
			}
		}
	}
}
