package console

import (
	"cmp"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/page"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
)

// section is a page of the menu: its path, which is also what its name ends in, and whom it is offered to.
type section struct {
	path string
	rule access.Rule
}

// sections of an organisation's pages, and of the vendor's.
var (
	sections = []section{
		{"", report.Rule}, {"/users", report.Rule}, {"/policy", policy.ReadRule}, {"/announcements", policy.ReadAnnouncementsRule},
		{"/audit", report.AuditRule}, {"/sign-ins", report.AuditRule}, {"/people", people.ReadRule}, {"/impersonations", people.ReadImpersonationsRule},
		{"/keys", people.KeysRule}, {"/sender", policy.ReadRule}, {"/exports", report.Rule},
	}
	vendorSections = []section{
		{"", report.SystemRule}, {"/organizations", report.SystemRule}, {"/people", people.VendorRule}, {"/keys", people.VendorRule},
		{"/audit", report.SystemRule}, {"/exports", report.SystemRule},
	}
)

// nav is the menu: the sections that there are for this key and, of a system administrator in an organisation, the way back.
func (v *visit) nav() []page.Link {
	all := sections
	var links []page.Link
	if a := v.elsewhere(); a != nil {
		links = append(links, page.Link{Text: v.say.Say("console.acting.back", "administrator", a.Administrator, "organization", a.Organization), Path: baseOf(a.Organization)})
	}
	if v.home == access.VendorHome {
		all = vendorSections
	} else if v.session.Organization == access.VendorHome {
		links = append(links, page.Link{Text: v.say.Say("console.menu.back"), Path: baseOf(access.VendorHome) + "/organizations"})
	}
	here := strings.TrimPrefix(v.r.URL.EscapedPath(), baseOf(v.home))
	for _, s := range all {
		if !v.offers(s) {
			continue
		}
		current := here == s.path || s.path != "" && strings.HasPrefix(here, s.path+"/")
		links = append(links, page.Link{Text: v.say.Say("console.menu." + menuWord(s.path)), Path: v.at(s.path), Current: current})
	}
	mine := v.selfPath()
	current := v.home == v.session.Organization && (here == "/self" || strings.HasPrefix(here, "/self/"))
	return append(links, page.Link{Text: v.say.Say("console.menu.self", "name", v.session.Name), Path: mine, Current: current})
}

// elsewhereFirst goes on to the first page of the menu that is offered: everybody has one of their own.
func (v *visit) elsewhereFirst() error {
	for _, s := range sections {
		if s.path != "" && v.offers(s) {
			return v.on(s.path)
		}
	}
	page.SeeOther(v.w, v.selfPath())
	return nil
}

// selfPath is the page of whoever is signed in: where that one is at home, whosever page this is.
func (v *visit) selfPath() string { return baseOf(v.session.Organization) + "/self" }

// menuWord is how the words call a section.
func menuWord(path string) string {
	if path == "" {
		return "overview"
	}
	return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "-", "_")
}

// banner says that somebody acts in another's place, on every page of that organisation, with a button that ends it.
func (v *visit) banner() *page.Banner {
	a := v.session.in(v.home)
	if a == nil {
		return nil
	}
	return &page.Banner{
		Text: v.say.Say("console.acting", "by", v.session.Name, "administrator", a.Administrator,
			"organization", cmp.Or(v.face.ShownAs(), a.Organization), "time", v.say.Time(a.ExpiresAt)),
		Button: v.say.Say("console.acting.end"), Path: v.at("/impersonation/end"),
	}
}
