package eventbridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	local "twofold/infra/local/eventbridge"
	"twofold/pkg/audit"
	"twofold/pkg/webhook"
)

const arn = "arn:aws:events:eu-west-1:000000000000:event-bus/vendor"

var when = time.Date(2026, 11, 27, 15, 0, 0, 123_000_000, time.UTC)

// talking is a bus whose service is handler.
func talking(t *testing.T, handler http.Handler) *Bus {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	return Open(cfg, &server.URL, arn)
}

// message is the event of a leaf, about a user.
func message(leaf int, user string) webhook.Message {
	return webhook.Message{
		ID: fmt.Sprint("id-", leaf), Organization: "acme", User: user, Kind: audit.UserReset, At: when, Leaf: uint64(leaf), Data: fmt.Appendf(nil, `{"n":%d}`, leaf),
	}
}

// of are messages about these users, one each.
func of(users ...string) []webhook.Message {
	var all []webhook.Message
	for leaf, name := range users {
		all = append(all, message(leaf, name))
	}
	return all
}

func many(n int) []webhook.Message {
	var all []webhook.Message
	for leaf := range n {
		all = append(all, message(leaf, fmt.Sprint("u", leaf)))
	}
	return all
}

// leaves are those of what the bus took.
func leaves(t *testing.T, s *local.EventBridge) []int {
	t.Helper()
	var all []int
	for _, e := range s.Events() {
		var detail struct{ Leaf int }
		if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil {
			t.Fatal(err)
		}
		all = append(all, detail.Leaf)
	}
	return all
}

func TestAnEventArrivesAsItIs(t *testing.T) {
	s := local.New("vendor", time.Now)
	if taken, err := talking(t, s).Put(t.Context(), many(1)); taken != 1 || err != nil {
		t.Fatalf("%d, %v", taken, err)
	}
	got := s.Events()
	if len(got) != 1 || got[0].Source != "twofold" || got[0].Type != string(audit.UserReset) || got[0].Detail != string(message(0, "u0").Body()) || !got[0].Time.Equal(when) {
		t.Errorf("%+v", got)
	}
}

// calls are the leaves of the entries of each call that a bus makes.
func calls(t *testing.T, messages []webhook.Message) (all [][]int, taken int, err error) {
	t.Helper()
	s := local.New("vendor", time.Now)
	b := talking(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := len(s.Events())
		s.ServeHTTP(w, r)
		all = append(all, leaves(t, s)[before:])
	}))
	taken, err = b.Put(t.Context(), messages)
	return all, taken, err
}

func TestWhatGoesTogether(t *testing.T) {
	big := func(leaf, bytes int) webhook.Message {
		m := message(leaf, fmt.Sprint("u", leaf))
		m.Data = []byte(`"` + strings.Repeat("x", bytes) + `"`)
		return m
	}
	elsewhere := message(1, "ann")
	elsewhere.Organization = "bar"
	for name, c := range map[string]struct {
		messages []webhook.Message
		want     string
	}{
		"nothing":                    {nil, "[]"},
		"ten":                        {many(10), "[[0 1 2 3 4 5 6 7 8 9]]"},
		"eleven":                     {many(11), "[[0 1 2 3 4 5 6 7 8 9] [10]]"},
		"a user twice":               {of("ann", "bob", "ann", "cat"), "[[0 1] [2 3]]"},
		"about nobody twice":         {of("", "bob", ""), "[[0 1] [2]]"},
		"of another organisation":    {[]webhook.Message{message(0, "ann"), elsewhere}, "[[0 1]]"},
		"large ones":                 {[]webhook.Message{big(0, 130<<10), big(1, 131<<10), big(2, 1)}, "[[0] [1 2]]"},
		"one as large as may be":     {[]webhook.Message{big(0, 999_999-spare(t)), message(1, "bob")}, "[[0] [1]]"},
		"as many as once were taken": {[]webhook.Message{big(0, 100<<10), big(1, 100<<10), big(2, 50<<10)}, "[[0 1 2]]"},
	} {
		all, taken, err := calls(t, c.messages)
		if got := fmt.Sprint(all); got != c.want || taken != len(c.messages) || err != nil {
			t.Errorf("%s: %s, %d, %v", name, got, taken, err)
		}
	}
}

// spare is what an entry weighs besides a string of data.
func spare(t *testing.T) int {
	t.Helper()
	m := message(0, "")
	m.Data = []byte(`""`)
	return size((&Bus{}).entries([]webhook.Message{m})[0])
}

// One that is too large is told apart, and what stands before it has arrived.
func TestTooLarge(t *testing.T) {
	messages := many(3)
	messages[1].Data = []byte(`"` + strings.Repeat("x", 1_000_000-spare(t)) + `"`)
	all, taken, err := calls(t, messages)
	if taken != 1 || !errors.Is(err, webhook.ErrTooLarge) || fmt.Sprint(all) != "[[0]]" {
		t.Errorf("%v, %d, %v", all, taken, err)
	}
}

// Whatever of a call is not taken, what counts is what was taken without a gap; and nobody's later event passes an earlier one.
func TestPartOfACall(t *testing.T) {
	for refused, want := range map[int]int{0: 0, 1: 1, 9: 9} {
		s := local.New("vendor", time.Now)
		s.SetFault(func([]string) local.Outcome {
			return local.Outcome{Entries: map[int]string{refused: "InternalFailure"}}
		})
		b := talking(t, s)
		taken, err := b.Put(t.Context(), many(12))
		if taken != want || err == nil || !strings.Contains(err.Error(), "InternalFailure") || len(s.Events()) != 9 {
			t.Fatalf("%d refused: %d taken, %v, %d there", refused, taken, err, len(s.Events()))
		}
		s.SetFault(nil)
		if more, err := b.Put(t.Context(), many(12)[taken:]); more != 12-taken || err != nil {
			t.Errorf("again: %d, %v", more, err)
		}
	}
	s := local.New("vendor", time.Now)
	s.SetFault(func(types []string) local.Outcome {
		return local.Outcome{Entries: map[int]string{0: "ThrottlingException"}}
	})
	if taken, err := talking(t, s).Put(t.Context(), of("ann", "ann", "ann")); taken != 0 || err == nil || len(s.Events()) != 0 {
		t.Errorf("%d, %v, there are %v", taken, err, leaves(t, s))
	}
}

// A reply that is lost is asked for again before anything else goes out: events come twice, and none too early.
func TestALostReply(t *testing.T) {
	s := local.New("vendor", time.Now)
	lose := true
	s.SetFault(func([]string) local.Outcome { lost := lose; lose = false; return local.Outcome{LoseReply: lost} })
	taken, err := talking(t, s).Put(t.Context(), of("ann", "ann"))
	if got := leaves(t, s); taken != 2 || err != nil || !slices.Equal(got, []int{0, 0, 1}) {
		t.Errorf("%d, %v: %v", taken, err, got)
	}
}

// Answers that no service gives do not pass for having taken anything.
func TestAnswersThatSayNothing(t *testing.T) {
	for answer, want := range map[string]int{
		`{}`: 0, `{"FailedEntryCount":0,"Entries":[]}`: 0, `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`: 1,
		`{"FailedEntryCount":0,"Entries":[{"EventId":"1"},{}]}`: 1, `{"FailedEntryCount":0,"Entries":[{"EventId":"1"},{"EventId":""}]}`: 1,
		`{"FailedEntryCount":0,"Entries":[{"ErrorCode":"X","EventId":"1"},{"EventId":"2"}]}`: 0,
	} {
		b := talking(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		if taken, err := b.Put(t.Context(), many(2)); taken != want || err == nil {
			t.Errorf("%s: %d, %v", answer, taken, err)
		}
	}
}

// Of an error there stays the code: the service's words may quote an event.
func TestErrorsKeepToCodes(t *testing.T) {
	for code, calls := range map[string]int32{"ThrottlingException": 3, "InternalException": 3, "AccessDeniedException": 1, "ResourceNotFoundException": 1} {
		var asked atomic.Int32
		b := talking(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("X-Amzn-Requestid", "req-1")
			w.WriteHeader(map[bool]int{true: 500, false: 400}[code == "InternalException"])
			_, _ = fmt.Fprintf(w, `{"__type":"%s","message":"of the event n u0"}`, code)
		}))
		taken, err := b.Put(t.Context(), many(1))
		if taken != 0 || err == nil || asked.Load() != calls || !strings.Contains(err.Error(), code) || !strings.Contains(err.Error(), "req-1") || strings.Contains(err.Error(), "u0") {
			t.Errorf("%s: %d, asked %d times, %v", code, taken, asked.Load(), err)
		}
	}
	b := talking(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InvalidArgument","ErrorMessage":"of the event n u0"}]}`))
	}))
	if _, err := b.Put(t.Context(), many(1)); err == nil || !strings.Contains(err.Error(), "InvalidArgument") || strings.Contains(err.Error(), "u0") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if taken, err := b.Put(ctx, many(1)); taken != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", taken, err)
	}
}
