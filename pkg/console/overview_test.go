package console_test

import (
	"net/http"
	"testing"
)

func TestTheOverview(t *testing.T) {
	f := newFixture(t)
	f.opens("").Sees(http.StatusSeeOther)
	f.ann()
	f.opens("").Sees(http.StatusOK, "Overview", "Policy")
}
