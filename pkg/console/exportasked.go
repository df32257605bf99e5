package console

import (
	"context"
	"net/url"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/export"
)

// exportAsked is an export as it was asked for.
type exportAsked struct {
	what    string
	values  url.Values     // as our own pages call it
	request export.Request // with the query that is signed, in the form of the API: one thing that is asked has one form
	ask     func(context.Context, export.Request) (export.Page, error)
}

func (v *visit) exportAsked() (exportAsked, error) {
	what, format := v.form("what"), v.one("format", formats...)
	if _, there := v.exportRule(what); !there {
		return exportAsked{}, errExport
	}
	if format == "" {
		format = formats[0]
	}
	a, signed, err := v.asking(what)
	a.what = what
	a.values.Set("what", what)
	a.values.Set("format", format)
	a.values.Del("order")
	signed.Set("format", format)
	signed.Set("order", "asc")
	a.request = export.Request{Organization: v.home, Format: export.Format(format), Query: signed.Encode(), Cursor: v.cursor()}
	return a, err
}

// asking says whom an export asks and for what, the latter as the API calls it but for format and order.
func (v *visit) asking(what string) (a exportAsked, signed url.Values, err error) {
	switch what {
	case exportReport:
		return v.askingReport()
	case exportAudit:
		return v.askingAudit()
	}
	return v.askingSignIns()
}

func (v *visit) askingReport() (exportAsked, url.Values, error) {
	asked := v.reportAsked()
	q, err := asked.query()
	return exportAsked{values: asked.values(), ask: func(ctx context.Context, r export.Request) (export.Page, error) {
		if v.home == access.VendorHome {
			return v.Exports.Reports.SystemEnrollment(ctx, v.caller, q, r)
		}
		return v.Exports.Reports.Enrollment(ctx, v.caller, q, r)
	}}, asked.signed(), err
}

func (v *visit) askingAudit() (exportAsked, url.Values, error) {
	asked := v.auditAsked()
	asked.Oldest = true
	q, err := asked.query()
	signed := signedPeriod(q.From, q.To)
	put(signed, "actor", q.Actor)
	put(signed, "user", q.User)
	for _, k := range q.Kinds {
		signed.Add("kind", string(k))
	}
	return exportAsked{values: asked.values(), ask: func(ctx context.Context, r export.Request) (export.Page, error) {
		return v.Exports.Reports.Audit(ctx, v.caller, v.home, q, r)
	}}, signed, err
}

func (v *visit) askingSignIns() (exportAsked, url.Values, error) {
	asked := v.signInsAsked()
	asked.Oldest = true
	q, f, err := asked.query()
	signed := signedPeriod(q.From, q.To)
	put(signed, "user", q.User)
	put(signed, "outcome", asked.Outcome)
	put(signed, "method", asked.Way)
	return exportAsked{values: asked.values(), ask: func(ctx context.Context, r export.Request) (export.Page, error) {
		return v.Exports.SignIns.Export(ctx, v.caller, q, f, r)
	}}, signed, err
}

// signedPeriod is a period as the API has it in a query.
func signedPeriod(from, to time.Time) url.Values {
	q := url.Values{}
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			q.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return q
}
