package report

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestUserCursorRoundTrip(t *testing.T) {
	for _, q := range []Query{{Sort: ByUser}, {Sort: ByEmail, Descending: true}, {Sort: ByEnrolled, Filter: Filter{UserPrefix: "a"}}} {
		for _, organization := range []string{"acme", Everyone} {
			for _, at := range []string{"ann@example.com#ann", "2026-11-22T12:00:00Z#ünï/code\x00"} {
				got, err := behind(q, q.at(organization, at).text()).after(organization)
				if err != nil || got != at {
					t.Errorf("%+v: %q became %q, %v", q, at, got, err)
				}
			}
		}
	}
	if at, err := (Query{Sort: ByUser}).after("acme"); at != "" || err != nil {
		t.Errorf("no cursor: %q, %v", at, err)
	}
}

func TestACursorBelongsToItsQuery(t *testing.T) {
	yes := true
	q := Query{Sort: ByUser, Filter: Filter{Statuses: []Status{Pending, Overdue}, TwoFactor: &yes}}
	text := q.at("acme", "ann").text()
	for name, other := range map[string]Query{
		"another order": {Sort: ByEmail, Filter: q.Filter}, "another direction": {Sort: ByUser, Descending: true, Filter: q.Filter},
		"no order": {Filter: q.Filter}, "no filter": {Sort: ByUser}, "another filter": {Sort: ByUser, Filter: Filter{Statuses: q.Filter.Statuses}},
	} {
		if got, err := behind(other, text).after("acme"); !errors.Is(err, ErrCursor) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := behind(q, text).after(Everyone); !errors.Is(err, ErrCursor) || got != "" {
		t.Errorf("for all organisations: %q, %v", got, err)
	}
	// The page's size is no part of the query: it may change under way. Nor is the order in which statuses are named.
	same := Query{Sort: ByUser, Limit: 7, Filter: Filter{Statuses: []Status{Overdue, Pending}, TwoFactor: &yes}}
	if got, err := behind(same, text).after("acme"); err != nil || got != "ann" {
		t.Errorf("another limit: %q, %v", got, err)
	}
	if _, err := readEventCursor(text, EventQuery{}); !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor of users for events: %v", err)
	}
}

// place is where an event may stand in the audit.
const place = "2026-11-22T12:00:00.000000Z#e1"

// A place where no event can stand would answer with an empty page, which looks like the end.
func TestAPlaceThatIsNoneIsRefused(t *testing.T) {
	for _, value := range []string{
		"zzz", "#", "#e1", "2026-11-22T12:00:00.000000Z", "2026-11-22T12:00:00.000000Z#", "2026-11-22T12:00:00Z#e1", "2026-11-22#e1",
		"2026-02-30T12:00:00.000000Z#e1", "2026-11-22T12:00:00,000000Z#e1", " 2026-11-22T12:00:00.000000Z#e1", place + "\ufffd",
	} {
		if got, err := readEventCursor(eventCursor(EventQuery{}, value), EventQuery{}); !errors.Is(err, ErrCursor) || got != "" {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}

func TestEventCursorRoundTrip(t *testing.T) {
	for _, q := range []EventQuery{{}, {Descending: true}} {
		if got, err := readEventCursor(eventCursor(q, place), q); err != nil || got != place {
			t.Errorf("%+v: %q, %v", q, got, err)
		}
		if got, err := readEventCursor(eventCursor(q, place), EventQuery{Descending: !q.Descending}); !errors.Is(err, ErrCursor) {
			t.Errorf("the other direction: %q, %v", got, err)
		}
		if got, err := readEventCursor("", q); err != nil || got != "" {
			t.Errorf("no cursor: %q, %v", got, err)
		}
	}
}

func TestForgedCursorsAreRefused(t *testing.T) {
	for name, plain := range map[string]string{
		"empty":           "",
		"no JSON":         "user;v",
		"an array":        `["user"]`,
		"another type":    `{"o":7}`,
		"no value":        `{"o":"user","v":""}`,
		"something extra": `{"o":"user","v":"x"}}`,
		"another name":    `{"o":"user","v":"x","w":1}`,
		"white space":     `{"o":"user", "v":"x"}`,
		"no UTF-8":        "{\"o\":\"user\",\"v\":\"a\xff\"}",
		"U+FFFD":          "{\"o\":\"user\",\"v\":\"a\ufffd\"}",
		"too long":        `{"o":"user","v":"` + strings.Repeat("x", 1025) + `"}`,
	} {
		text := base64.RawURLEncoding.EncodeToString([]byte(plain))
		if name == "empty" {
			text = "!"
		}
		if got, err := behind(Query{Sort: ByUser}, text).after("acme"); !errors.Is(err, ErrCursor) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func FuzzUserCursor(f *testing.F) {
	q := Query{Sort: ByEmail, Descending: true}
	f.Add(q.at("acme", "ann@example.com#ann").text())
	f.Add("e30")
	f.Add("%")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := behind(q, text).after("acme")
		if err != nil {
			if !errors.Is(err, ErrCursor) || at != "" {
				t.Errorf("%q, %v", at, err)
			}
			return
		}
		if text == "" {
			return
		}
		if again := q.at("acme", at).text(); again != text {
			t.Errorf("%q became %q", text, again)
		}
	})
}
