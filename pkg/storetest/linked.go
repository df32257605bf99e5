package storetest

import (
	"testing"

	"twofold/pkg/org"
	"twofold/pkg/people"
)

// Link says who an administrator is as a user, past all rules.
func (w *World) Link(t testing.TB, administrator, id string) {
	t.Helper()
	a, err := w.Store.Administrator(t.Context(), Organization, administrator)
	must(t, err)
	a.User, a.Deliver, a.Rev = id, "", a.Rev+1
	must(t, w.Store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{*a}}))
}
