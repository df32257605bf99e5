package main

import (
	"testing"
	"time"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/factor"
)

// One small round on DynamoDB Local: everything that is measured is what it is called, and costs what the design says.
func TestARound(t *testing.T) {
	_, name := dynamodb.TableForTest(t)
	for name, value := range environment(dynamodb.ForTest(t), name) {
		t.Setenv(name, value)
	}
	b, err := prepare(t.Context(), size{many: 9, one: 5, warm: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	measured, err := b.measure(t.Context(), limit{2, time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if len(measured) != 2*len(operations) {
		t.Fatalf("%d series, want two for each operation", len(measured))
	}
	for _, s := range measured {
		bare, product := 0, 0
		for _, p := range s.pairs {
			bare, product = bare+p.bare.calls, product+p.product.calls
		}
		if want := 2 * b.size.of(s.clients); len(s.pairs) != 2*turns || bare != want || product != want {
			t.Errorf("%s at %d clients: %d and %d calls in %d turns, want %d in %d", s.operation.name, s.clients, bare, product, len(s.pairs), want, 2*turns)
		}
	}
	r := report{handler: measured, units: b.units}
	if err := r.costly(); err != nil {
		t.Error(err)
	}
	b.same(t)
}

// same demands that what the bare calls left of a person is as large as what the product leaves.
func (b *bench) same(t *testing.T) {
	t.Helper()
	_, _, asked, err := b.town.store.Recipient(t.Context(), organization, b.asked[0].id)
	if err != nil {
		t.Fatal(err)
	}
	_, _, bare, err := b.town.store.Recipient(t.Context(), organization, b.bare[0].id)
	if err != nil {
		t.Fatal(err)
	}
	if bare.Rev != b.bare[0].rev || bare.Rev != asked.Rev {
		t.Errorf("revision %d after the bare calls and %d after the product's, want %d", bare.Rev, asked.Rev, b.bare[0].rev)
	}
	if len(bare.Successes) != len(asked.Successes) || len(bare.Challenges) != len(asked.Challenges) || len(bare.Sends) != len(asked.Sends) {
		t.Errorf("the bare calls write another item: %d successes, %d challenges, %d sends", len(bare.Successes), len(bare.Challenges), len(bare.Sends))
	}
}

func TestPhonesShowTheCodesThatAreRight(t *testing.T) {
	secret, now := factor.NewTOTPSecret(), newClock(start).Now()
	p := &person{id: "person-000001", secret: factor.TOTPSecretText(secret)}
	if _, ok := factor.MatchTOTP(secret, p.code(now), now, 0); !ok {
		t.Error("the right code is refused")
	}
	if _, ok := factor.MatchTOTP(secret, p.wrong(now), now, 0); ok {
		t.Error("the wrong code is accepted")
	}
	if got := noneOf("000001", "000000", "000003"); got != "000002" {
		t.Errorf("none of three codes is %s", got)
	}
}
