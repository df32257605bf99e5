package main

import (
	"testing"

	"twofold/infra/local/dynamodb"
)

// What a page reads does not depend on how many users there are. How long it takes is measured by hand only, since other tests share the
// machine.
func TestUnitsOfAPage(t *testing.T) {
	t.Parallel()
	sizes := []int{500, 1500}
	var tables []*table
	for _, n := range sizes {
		made, err := newTable(t.Context(), dynamodb.ForTest(t), n, 20)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, made)
	}
	all, err := measure(t.Context(), tables, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines(all, sizes) {
		t.Log(line)
	}
	for p, took := range all {
		if took[0].units == 0 || took[1].units > took[0].units*1.3 || took[1].calls > took[0].calls {
			t.Errorf("%s: %.1f units in %d calls, %.1f in %d of three times the users", p, took[0].units, took[0].calls, took[1].units, took[1].calls)
		}
		if most := 1.0*rows + 20 + 8*2; took[0].units > most {
			t.Errorf("%s: %.1f units for %d rows", p, took[0].units, rows)
		}
	}
}
