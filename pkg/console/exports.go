package console

import (
	"twofold/pkg/access"
	"twofold/pkg/export"
	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/report"
	"twofold/pkg/signin"
)

func exportRoutes(d desk) {
	d.get("/exports", (*visit).exports)
	d.get("/exports/parts", (*visit).exportPart)
	d.vendorGet("/exports", (*visit).exports)
	d.vendorGet("/exports/parts", (*visit).exportPart)
}

// What is exported, as signatures name it.
const (
	exportReport  = "enrollment"
	exportAudit   = "audit"
	exportSignIns = "sign-ins"
)

// errExport refuses to export what there is not.
var errExport = fault.New(fault.Unprocessable, "no_such_export", "There is no export of this.")

// exportRules are who exports what of an organisation; vendorExports, of the vendor's own.
var (
	exportRules   = map[string]access.Rule{exportReport: report.Rule, exportAudit: report.AuditRule, exportSignIns: signin.Rule}
	vendorExports = map[string]access.Rule{exportReport: report.SystemRule, exportAudit: report.SystemRule}
	exported      = []string{exportReport, exportAudit, exportSignIns}
	formats       = []string{string(export.CSV), string(export.NDJSON)}
)

// exportRule is who exports something; false where there is no such thing.
func (v *visit) exportRule(what string) (access.Rule, bool) {
	rules := exportRules
	if v.home == access.VendorHome {
		rules = vendorExports
	}
	rule, there := rules[what]
	return rule, there
}

// offers reports whether a section of the menu is for this key. Whoever reads the audit exports it, too.
func (v *visit) offers(s section) bool {
	return v.may(s.rule) || s.path == "/exports" && v.may(report.AuditRule)
}

// exportsPage offers what the key may export.
type exportsPage struct {
	Parts string // where the parts are
	Forms []exportForm
}

// exportForm asks for one kind of export.
type exportForm struct {
	What, Title, Lead string
	Fields            []page.Field
	Boxes             *boxes
}

func (v *visit) exports() error { return v.exportsOffered(nil) }

// exportsOffered shows the forms, with what was refused of one.
func (v *visit) exportsOffered(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	p := exportsPage{Parts: v.at("/exports/parts")}
	for _, what := range exported {
		if rule, there := v.exportRule(what); there && v.may(rule) {
			p.Forms = append(p.Forms, v.exportForm(what))
		}
	}
	if len(p.Forms) == 0 {
		return access.ErrPermission
	}
	return v.shown(status, page.View{Body: "console/exports", Title: v.say.Say("console.exports.title"), Data: p, Alerts: alerts})
}

// exportForm has what was typed into it, if that was this form.
func (v *visit) exportForm(what string) exportForm {
	f := exportForm{What: what, Title: v.exportWord(what), Lead: v.wordOf("console.exports.lead.", menuWord(what))}
	prefix, format := what+"-", ""
	var users reportAsked
	var events auditAsked
	var codes signInsAsked
	if v.form("what") == what {
		users, events, codes, format = v.reportAsked(), v.auditAsked(), v.signInsAsked(), v.one("format", formats...)
	}
	switch what {
	case exportReport:
		b := users.boxes(v, prefix)
		f.Fields, f.Boxes = users.fields(v, prefix), &b
	case exportAudit:
		b := events.boxes(v, prefix)
		f.Fields, f.Boxes = events.fields(v, prefix), &b
	case exportSignIns:
		f.Fields = codes.fields(v, prefix)
	}
	f.Fields = append(f.Fields, v.formatField(prefix, format))
	return f
}

func (v *visit) exportWord(what string) string {
	return v.wordOf("console.exports.what.", menuWord(what))
}

func (v *visit) formatField(prefix, chosen string) page.Field {
	f := page.Field{Name: "format", ID: prefix + "format", Label: v.say.Say("console.exports.format"), Value: chosen}
	for _, format := range formats {
		f.Options = append(f.Options, page.Option{Value: format, Label: v.say.Say("console.exports.format." + format)})
	}
	return f
}
