package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/export"
	"twofold/pkg/report"
	"twofold/pkg/signin"
)

// ExportQuery is what every export is asked for with, beside what it is of.
type ExportQuery struct {
	Format export.Format `query:"format" enum:"csv,ndjson" default:"csv"`
	Order  string        `query:"order" enum:"asc,desc" default:"asc"`
	Cursor string        `query:"cursor" minLength:"1" maxLength:"4096" doc:"Where the page before ended; the Link of that page has it, with all else that was asked. It is good for a day after the export's first page."`
}

type exportInput struct {
	OrganizationPath
	ExportQuery
	FilterQuery
	Sort string `query:"sort" enum:"user,email,has_two_factor,method,enrolled_at,last_verified" default:"user" doc:"As in the report. A user's id never changes: in any other order, who moves while the pages are read may be on two of them or on none."`
}

type systemExportInput struct {
	ExportQuery
	FilterQuery
	Sort string `query:"sort" enum:"user,has_two_factor,enrolled_at,last_verified" default:"user"`
}

type auditExportInput struct {
	OrganizationPath
	ExportQuery
	AuditFilter
}

type systemAuditExportInput struct {
	ExportQuery
	AuditFilter
}

type signInsExportInput struct {
	OrganizationPath
	ExportQuery
	SignInsFilter
}

// exportOutput is a page of an export. Its body goes out as it was signed.
type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Link        string `header:"Link" doc:"The next page, relative to this one's address, as rel=\"next\" (RFC 8288). Absent: this is the last."`
	Signature   string `header:"X-JWS-Signature" doc:"A detached JWS (RFC 7515 appendix F, ES256) of the body, by a key of /.well-known/exports/jwks.json. Its protected header says in page what this is a page of, which one, and the digest of the signature before."`
	Body        []byte
}

// exportMedia are the media types of the formats. Only the first page of CSV has a header, so that pages put together are one file.
var exportMedia = map[export.Format]string{export.CSV: mediaCSV, export.NDJSON: mediaNDJSON}

const exportPages = "CSV (RFC 4180, UTF-8) or NDJSON, in pages of at most 1,000 lines and 1,000,000 bytes, which put together are the whole. Follow the Link until there is none; a page may have few lines, or none, before the end. " +
	"In CSV an apostrophe stands before whatever a spreadsheet could take for a formula, and control characters are shown by their pictures; NDJSON has texts as they are. " +
	"Each page is signed and names the one before, so that whoever keeps pages and signatures can prove that nothing was edited or left out: docs/exports.md, and a command in infra/export."

// Exports adds the exports to the API of the function report. publicKeys is the JWK set that their pages are verified with.
func Exports(api *API, e *report.Exporter, signIns *signin.Exporter, publicKeys []byte) error {
	keys, err := readJWKS(publicKeys)
	if err != nil {
		return err
	}
	problems := []string{export.ErrCursor.Code, export.ErrOver.Code, "invalid_query"}
	files := []string{mediaCSV, mediaNDJSON}
	Register(api, Operation{
		ID: "export-report", Method: http.MethodGet, Path: "/v1/organizations/{organization}/report/export", Rule: report.Rule,
		Summary: "Who has a second factor, as a file that can be checked", Description: exportPages, Problems: problems, Files: files,
	}, func(ctx context.Context, c access.Caller, in *exportInput) (*exportOutput, error) {
		p, err := e.Enrollment(ctx, c, in.reporting(in.FilterQuery, in.Sort), in.request(in.Organization, in))
		return showExport(p, in), err
	})
	Register(api, Operation{
		ID: "export-system-report", Method: http.MethodGet, Path: "/v1/report/export", Rule: report.SystemRule,
		Summary: "Who of all organisations has a second factor, as a file that can be checked", Description: exportPages, Problems: problems, Files: files,
	}, func(ctx context.Context, c access.Caller, in *systemExportInput) (*exportOutput, error) {
		p, err := e.SystemEnrollment(ctx, c, in.reporting(in.FilterQuery, in.Sort), in.request("", in))
		return showExport(p, in), err
	})
	registerLogExports(api, e, signIns)
	Register(api, Operation{
		ID: "get-export-keys", Method: http.MethodGet, Path: "/.well-known/exports/jwks.json", Public: true,
		Summary:     "The keys that pages of exports are verified with",
		Description: "They sign nothing else. Keep them with an export: a key that was replaced is here no longer some time after.",
	}, func(context.Context, access.Caller, *struct{}) (*jwksOutput, error) {
		out := &jwksOutput{CacheControl: "public, max-age=300"}
		out.Body.Keys = keys
		return out, nil
	})
	return nil
}

func registerLogExports(api *API, e *report.Exporter, signIns *signin.Exporter) {
	files := []string{mediaCSV, mediaNDJSON}
	problems := []string{export.ErrCursor.Code, export.ErrOver.Code, report.ErrPeriod.Code, report.ErrKind.Code}
	Register(api, Operation{
		ID: "export-audit", Method: http.MethodGet, Path: "/v1/organizations/{organization}/audit/export", Rule: report.AuditRule,
		Summary: "Who changed what, as a file that can be checked", Description: exportPages + " What proves the audit itself is /audit/entries.", Problems: problems, Files: files,
	}, func(ctx context.Context, c access.Caller, in *auditExportInput) (*exportOutput, error) {
		p, err := e.Audit(ctx, c, in.Organization, in.events(in.Order), in.request(in.Organization, in))
		return showExport(p, in), err
	})
	Register(api, Operation{
		ID: "export-system-audit", Method: http.MethodGet, Path: "/v1/audit/export", Rule: report.SystemRule,
		Summary: "Who changed what of the vendor's own, as a file that can be checked", Description: exportPages, Problems: problems, Files: files,
	}, func(ctx context.Context, c access.Caller, in *systemAuditExportInput) (*exportOutput, error) {
		p, err := e.Audit(ctx, c, access.VendorHome, in.events(in.Order), in.request("", in))
		return showExport(p, in), err
	})
	Register(api, Operation{
		ID: "export-sign-ins", Method: http.MethodGet, Path: "/v1/organizations/{organization}/sign-ins/export", Rule: signin.Rule,
		Summary: "Every code that was judged, as a file that can be checked", Description: exportPages,
		Problems: []string{export.ErrCursor.Code, export.ErrOver.Code, signin.ErrTimes.Code}, Files: files,
	}, func(ctx context.Context, c access.Caller, in *signInsExportInput) (*exportOutput, error) {
		p, err := signIns.Export(ctx, c, in.rows(in.Order), in.filter(), in.request(in.Organization, in))
		return showExport(p, in), err
	})
}

// reporting is what an export of the enrolment report is of; limit and cursor are the export's own.
func (q ExportQuery) reporting(f FilterQuery, sort string) report.Query {
	return PageQuery{Order: q.Order}.reporting(f, sort)
}

// request is what an operation's input asks an export for; in is the whole input.
func (q ExportQuery) request(organization string, in any) export.Request {
	return export.Request{Organization: organization, Format: q.Format, Query: asked(in).Encode(), Cursor: q.Cursor}
}

// asked is all that the query of an input says but for the cursor, defaults included: so that what is signed, and what a cursor is bound to, has one form
// and no parameter can be forgotten.
func asked(in any) url.Values {
	values := url.Values{}
	v := reflect.Indirect(reflect.ValueOf(in))
	for _, field := range reflect.VisibleFields(v.Type()) {
		name, options, _ := strings.Cut(field.Tag.Get("query"), ",")
		if name == "" || name == "cursor" {
			continue
		}
		switch value := v.FieldByIndex(field.Index).Interface().(type) {
		case time.Time:
			if !value.IsZero() {
				values.Set(name, value.UTC().Format(time.RFC3339Nano))
			}
		case []string:
			if options == "explode" {
				values[name] = value
			} else if len(value) > 0 {
				values.Set(name, strings.Join(value, ","))
			}
		default:
			if text := fmt.Sprint(value); text != "" {
				values.Set(name, text)
			}
		}
	}
	return values
}

// showExport is the answer with a page, for the input that asked for it.
func showExport(p export.Page, in any) *exportOutput {
	query := asked(in)
	media := exportMedia[export.Format(query.Get("format"))]
	out := &exportOutput{ContentType: media, Signature: p.Signature, Body: p.Body}
	if media == mediaCSV {
		out.ContentType += "; charset=utf-8; header=" + map[bool]string{true: "present", false: "absent"}[p.Header.Page == 1]
	}
	// Both names are slugs and ids of a pattern: nothing in them needs a quote.
	name := strings.TrimSuffix(p.Header.What+"-"+p.Header.Organization, "-")
	out.Disposition = fmt.Sprintf(`attachment; filename="%s-%04d.%s"`, name, p.Header.Page, query.Get("format"))
	if p.Next != "" {
		query.Set("cursor", p.Next)
		out.Link = "<?" + query.Encode() + `>; rel="next"`
	}
	return out
}
