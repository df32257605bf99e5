package console

import (
	"embed"
	"io/fs"
	"net/http"

	"twofold/pkg/admission"
	"twofold/pkg/branding"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/signin"
	"twofold/pkg/verify"
	"twofold/pkg/webhook"
	"twofold/pkg/words"
)

//go:embed templates/*.html
var templates embed.FS

// Console is what the pages are made of. All fields are needed; templates, words and the size of forms in Options are its own.
type Console struct {
	page.Options
	Tokens     login.Sealer
	Admissions *admission.Service
	Logins     *verify.Service
	Users      *enroll.Service
	Policies   *policy.Service
	People     *people.Service
	Reports    *report.Service
	SignIns    *signin.Service
	Exports    Exports
	Senders    *sender.Service
	Brands     *branding.Service
	Webhooks   *webhook.Service
}

// Exports are what files are made with.
type Exports struct {
	Reports *report.Exporter
	SignIns *signin.Exporter
}

// desk is a Console that is open.
type desk struct {
	Console
	site *page.Site
}

// Handler serves the pages.
func (c Console) Handler() (http.Handler, error) {
	var err error
	if c.Templates, err = fs.Sub(templates, "templates"); err != nil {
		return nil, err
	}
	c.Words, c.MaxForm = words.Console, maxForm
	site, err := page.New(c.Options)
	if err != nil {
		return nil, err
	}
	d := desk{c, site}
	for _, routes := range []func(desk){
		entranceRoutes, overviewRoutes, usersRoutes, policyRoutes, announcementRoutes, auditRoutes, signInRoutes, exportRoutes, senderRoutes, peopleRoutes, keysRoutes, selfRoutes, vendorRoutes, actingRoutes,
	} {
		routes(d)
	}
	return site, nil
}

// maxForm is how many bytes a form may have: all users of a table that were chosen fit in, each id as long as one may be and no character
// of it sent as it stands.
const maxForm = 32 << 10

// Where the pages are.
const (
	root             = "/console"
	organizationPath = root + "/organizations/{organization}"
	vendorPath       = root + "/vendor"
)

// get and post add a page of an organisation, by its path below that.
func (d desk) get(path string, step func(*visit) error) {
	d.site.Handle("GET "+organizationPath+path, d.visited(step))
}

func (d desk) post(path string, step func(*visit) error) {
	d.site.Handle("POST "+organizationPath+path, d.visited(step))
}

// vendorGet and vendorPost add a page of the vendor's own.
func (d desk) vendorGet(path string, step func(*visit) error) {
	d.site.Handle("GET "+vendorPath+path, d.visited(step))
}

func (d desk) vendorPost(path string, step func(*visit) error) {
	d.site.Handle("POST "+vendorPath+path, d.visited(step))
}
