package console

import (
	"net/http"
	"net/url"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/words"
)

// visit is one request of somebody who is signed in.
type visit struct {
	desk
	w            http.ResponseWriter
	r            *http.Request
	session      session
	caller       access.Caller
	key          access.Key        // that the caller acts with, as it stands
	home         string            // whose page it is: an organisation's, or access.VendorHome
	organization *org.Organization // nil of the vendor's
	lapsed       bool              // an impersonation of the session's is over
	face         page.Face
	say          *words.Catalogue
}

// visited finds who asks for a page, and whose page it is: the organisation's that its path names, or the vendor's. Whatever a step refuses
// and does not show itself becomes a page.
func (d desk) visited(step func(*visit) error) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.find(w, r)
		if err == nil {
			err = step(v)
		}
		if err != nil {
			return v.refuse(err)
		}
		return nil
	}
}

func (d desk) find(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{desk: d, w: w, r: r, home: r.PathValue("organization"), say: words.Console(page.Language(r, "", ""))}
	var there bool
	if v.session, there = d.kept(r); !there {
		return v, access.ErrUnauthenticated
	}
	v.caller, _ = v.session.caller(v.home, d.site.RequestID(r), d.site.SourceIP(r), r.UserAgent())
	if v.home != access.VendorHome && !org.ID(v.home) {
		return v, access.ErrNotFound // no store is asked for what cannot be
	}
	epoch, there, err := d.Admissions.SecondFactor(r.Context(), v.session.User)
	if err != nil {
		return v, err
	}
	if !there || epoch != v.session.Epoch {
		return v, access.ErrUnauthenticated
	}
	if v.key, v.organization, err = d.Admissions.Who(r.Context(), v.caller, v.home); err != nil {
		return v, err
	}
	if v.home != access.VendorHome {
		if v.face, err = d.site.Face(r.Context(), v.home); err != nil {
			return v, err
		}
		v.say = words.Console(v.face.Language(r, ""))
	}
	if err := v.lapse(); err != nil {
		return v, err
	}
	return v, d.seen(w, v.session)
}

// at is the address of a page below the one that all pages of this home are below; pairs are its query, without those that are empty.
func (v *visit) at(path string, pairs ...string) string {
	target := baseOf(v.home) + path
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target
}

// baseOf is where the pages of a home are.
func baseOf(home string) string {
	if home == access.VendorHome {
		return vendorPath
	}
	return strings.Replace(organizationPath, "{organization}", url.PathEscape(home), 1)
}

// on goes on to such a page.
func (v *visit) on(path string, pairs ...string) error {
	page.SeeOther(v.w, v.at(path, pairs...))
	return nil
}

// may reports whether a rule would let the caller do something, for what is offered.
func (v *visit) may(r access.Rule) bool { return v.key.Allows(r) }

// shown answers with a page: p has body, data, title and, where there are some, alerts of its own.
func (v *visit) shown(status int, p page.View) error {
	p.Wide, p.Language, p.Brand, p.Nav, p.Banner = true, v.say.Language(), v.brand(), v.nav(), v.banner()
	p.Alerts = append(append(v.done(), v.acts()...), p.Alerts...)
	return v.site.Render(v.w, v.r, status, p)
}

// brand is the organisation's or, on the vendor's pages, ours.
func (v *visit) brand() page.Brand {
	if v.home == access.VendorHome {
		return page.Brand{Name: v.say.Say("console.vendor")}
	}
	return v.face.Brand()
}

// done says what the step before has done: the text console.done.<done> of the query. Whoever makes such an address up is shown a sentence of ours.
func (v *visit) done() []page.Alert {
	said := "console.done." + v.r.URL.Query().Get("done")
	if v.r.Method == http.MethodPost || !v.say.Has(said) {
		return nil
	}
	return []page.Alert{{Tone: page.Succeeded, Text: v.say.Say(said)}}
}

const signInPath = root + "/sign-in"
