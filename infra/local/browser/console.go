package browser

import (
	"fmt"
	"strings"

	"github.com/go-rod/rod/lib/proto"
)

// Console is what the console holds that it may not: errors, exceptions that nobody caught, what the content security policy stopped, what could not be
// loaded. That the page itself came with a status of 400 or more is no fault. What was returned is not held against the page again when the test ends.
func (p *Page) Console() []string {
	p.t.Helper()
	p.must(p.settled())
	return p.record.takeFaults()
}

func (r *record) takeFaults() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.faults
	r.faults = nil
	return all
}

func (r *record) fault(format string, args ...any) {
	r.note(func() { r.faults = append(r.faults, fmt.Sprintf(format, args...)) })
}

// markPrefix begins what this package itself writes into the console: see Page.mark.
const markPrefix = "twofold browser test, mark "

func (r *record) called(e *proto.RuntimeConsoleAPICalled) {
	said := spoken(e.Args)
	var mark int
	if _, err := fmt.Sscanf(said, markPrefix+"%d", &mark); err == nil {
		r.note(func() { r.mark = mark })
		return
	}
	if e.Type == proto.RuntimeConsoleAPICalledTypeError || e.Type == proto.RuntimeConsoleAPICalledTypeAssert {
		r.fault("console: %s", said)
	}
}

func spoken(args []*proto.RuntimeRemoteObject) string {
	var all []string
	for _, arg := range args {
		if arg.Description != "" {
			all = append(all, arg.Description)
		} else {
			all = append(all, arg.Value.Str())
		}
	}
	return strings.Join(all, " ")
}

func (r *record) thrown(e *proto.RuntimeExceptionThrown) {
	said := e.ExceptionDetails.Text
	if thrown := e.ExceptionDetails.Exception; thrown != nil {
		said += " " + thrown.Description
	}
	r.fault("exception: %s", said)
}

func (r *record) logged(e *proto.LogEntryAdded) {
	if e.Entry.Level != proto.LogLogEntryLevelError {
		return
	}
	r.mu.Lock()
	status := e.Entry.Source == proto.LogLogEntrySourceNetwork && (r.document[e.Entry.NetworkRequestID] || own(e.Entry.URL))
	r.mu.Unlock()
	if !status {
		r.fault("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	}
}

// asks: a dialog of the browser's own stops everything until somebody answers. No page of ours has one.
func (p *Page) asks(e *proto.PageJavascriptDialogOpening) {
	p.record.fault("dialog: %s", e.Message)
	go func() { _ = proto.PageHandleJavaScriptDialog{Accept: true}.Call(p.tab) }() // not here: its answer comes after this event
}
