package report

import (
	"encoding/base64"
	"errors"
	"testing"
)

func TestUserCursorRoundTrip(t *testing.T) {
	for _, q := range []UserQuery{{Sort: ByUser}, {Sort: ByEmail, Descending: true}, {Sort: ByEnrolled}} {
		for _, at := range []Position{{"ann@example.com", "ann"}, {"2026-11-22T12:00:00Z", "ünï/code\x00"}} {
			got, err := readUserCursor(userCursor(q, at), q)
			if err != nil || *got != at {
				t.Errorf("%+v: %+v became %v, %v", q, at, got, err)
			}
		}
	}
	if at, err := readUserCursor("", UserQuery{Sort: ByUser}); at != nil || err != nil {
		t.Errorf("no cursor: %v, %v", at, err)
	}
}

func TestACursorBelongsToItsQuery(t *testing.T) {
	at := Position{Value: "v", User: "ann"}
	text := userCursor(UserQuery{Sort: ByUser}, at)
	for _, q := range []UserQuery{{Sort: ByEmail}, {Sort: ByUser, Descending: true}, {Sort: ByEnrolled}, {}} {
		if got, err := readUserCursor(text, q); !errors.Is(err, ErrCursor) || got != nil {
			t.Errorf("%+v: %v, %v", q, got, err)
		}
	}
	// The page's size is no part of the query: it may change under way.
	if _, err := readUserCursor(text, UserQuery{Sort: ByUser, Limit: 7}); err != nil {
		t.Errorf("another limit: %v", err)
	}
	if _, err := readEventCursor(text, EventQuery{}); !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor of users for events: %v", err)
	}
	if _, err := readUserCursor(eventCursor(EventQuery{}, place), UserQuery{Sort: eventOrder}); !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor of events for users: %v", err)
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
		"no value":        `{"o":"user","u":"ann"}`,
		"no user":         `{"o":"user","v":"x"}`,
		"something extra": `{"o":"user","v":"x","u":"ann"}}`,
		"another name":    `{"o":"user","v":"x","u":"ann","w":1}`,
		"white space":     `{"o":"user", "v":"x","u":"ann"}`,
		"no UTF-8":        "{\"o\":\"user\",\"v\":\"x\",\"u\":\"a\xff\"}",
		"U+FFFD":          "{\"o\":\"user\",\"v\":\"x\",\"u\":\"a\ufffd\"}",
	} {
		text := base64.RawURLEncoding.EncodeToString([]byte(plain))
		if name == "empty" {
			text = "!"
		}
		if got, err := readUserCursor(text, UserQuery{Sort: ByUser}); !errors.Is(err, ErrCursor) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzUserCursor(f *testing.F) {
	q := UserQuery{Sort: ByEmail, Descending: true}
	f.Add(userCursor(q, Position{"ann@example.com", "ann"}))
	f.Add("e30")
	f.Add("%")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := readUserCursor(text, q)
		if err != nil {
			if !errors.Is(err, ErrCursor) || at != nil {
				t.Errorf("%v, %v", at, err)
			}
			return
		}
		if text == "" {
			return
		}
		again, err := readUserCursor(userCursor(q, *at), q)
		if err != nil || *again != *at {
			t.Errorf("%+v became %v, %v", at, again, err)
		}
	})
}
