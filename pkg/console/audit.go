package console

import (
	"errors"

	"twofold/pkg/ledger"
	"twofold/pkg/page"
	"twofold/pkg/report"
)

func auditRoutes(d desk) {
	d.get("/audit", (*visit).audit)
	d.vendorGet("/audit", (*visit).audit)
}

// auditPage is who changed what, in an organisation or of the vendor's own.
type auditPage struct {
	At         string
	Fields     []page.Field
	Boxes      boxes // of the kinds
	Oldest     bool
	Turned     string // the other way round
	Clear      string // all of it; empty: nothing is left out
	Rows       []auditRow
	Shown      bool // the rows are what was asked for
	More       string
	Checkpoint *ledger.Checkpoint // nil: none was signed yet
	Exports    []page.Link
}

func (v *visit) audit() error {
	checkpoint, err := v.checkpoint() // which also judges the key, whatever else was asked
	if err != nil {
		return err
	}
	asked := v.auditAsked()
	q, err := asked.query()
	var found report.EventPage
	if err == nil {
		found, err = v.Reports.Events(v.r.Context(), v.caller, v.home, q, v.cursor())
	}
	status, alerts, ok := v.failed(err)
	if !ok {
		return err
	}
	return v.shown(status, page.View{Body: "console/audit", Title: v.say.Say("console.audit.title"), Alerts: alerts, Data: v.auditPage(asked, found, checkpoint, err == nil)})
}

// checkpoint is the latest of the log; none is no failure.
func (v *visit) checkpoint() (*ledger.Checkpoint, error) {
	c, err := v.Reports.Checkpoint(v.r.Context(), v.caller, v.home, 0)
	switch {
	case errors.Is(err, report.ErrNoCheckpoint):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &c, nil
}

func (v *visit) auditPage(asked auditAsked, found report.EventPage, checkpoint *ledger.Checkpoint, shown bool) auditPage {
	p := auditPage{
		At: v.at("/audit"), Fields: asked.fields(v, ""), Boxes: asked.boxes(v, ""), Oldest: asked.Oldest,
		Shown: shown, Checkpoint: checkpoint, Exports: v.exportLinks(exportAudit, asked.values()),
	}
	turned := asked
	turned.Oldest = !asked.Oldest
	p.Turned = v.with("/audit", turned.values())
	if all := (auditAsked{Oldest: asked.Oldest}); len(asked.values()) > len(all.values()) {
		p.Clear = v.with("/audit", all.values())
	}
	for _, e := range found.Events {
		p.Rows = append(p.Rows, v.auditRow(e, asked, found.Entries, checkpoint))
	}
	if found.Cursor != "" {
		next := asked.values()
		next.Set("cursor", found.Cursor)
		p.More = v.with("/audit", next)
	}
	return p
}
