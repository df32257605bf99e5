package ses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"twofold/pkg/mail"
)

func ownMessage(name string) mail.Message {
	m := message()
	m.From = mail.From{Address: "codes@mail.acme.example", Name: name}
	return m
}

// The name is quoted or encoded, so that it can be nothing but a name.
func TestAnOwnSenderStandsInFrom(t *testing.T) {
	for _, name := range []string{"", "Acme", "Acme, Ltd.", `Acme "the best" \ <x@y.example>`, "Größe", strings.Repeat("ü", 64), "a@b.example, c"} {
		var got struct{ FromEmailAddress string }
		s := talking(t, func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			accept(w)
		})
		if err := s.Send(context.Background(), ownMessage(name)); err != nil {
			t.Fatal(err)
		}
		parsed, err := netmail.ParseAddressList(got.FromEmailAddress)
		if err != nil || len(parsed) != 1 || parsed[0].Address != "codes@mail.acme.example" || parsed[0].Name != name {
			t.Errorf("%q: from %q, %v", name, got.FromEmailAddress, err)
		}
		if strings.ContainsFunc(got.FromEmailAddress, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q: from %q is not ASCII", name, got.FromEmailAddress)
		}
	}
}

func TestAnOwnSenderThatIsNoneIsRefusedHere(t *testing.T) {
	s := talking(t, func(http.ResponseWriter, *http.Request) { t.Error("SES was called") })
	for _, from := range []mail.From{
		{Address: "a@b.example, c@d.example"}, {Address: "a"}, {Address: "a@b.example\r\nBcc: c@d.example"},
		{Address: "a@b.example", Name: "x\r\nBcc: c@d.example"}, {Address: "a@b.example", Name: "\xff"}, {Address: "a@b.example", Name: "x\u2028y"},
	} {
		m := message()
		m.From = from
		if err := s.Send(context.Background(), m); !errors.Is(err, mail.ErrSender) || errors.Is(err, mail.ErrRejected) || strings.Contains(err.Error(), "example") {
			t.Errorf("%+v: %v", from, err)
		}
	}
}

// What SES has surely not taken from an own sender may go out by the system's; what nobody knows, or what both senders would
// meet, is transient as ever; and nothing is given up for good.
func TestFailuresOfAnOwnSender(t *testing.T) {
	for _, c := range []struct {
		code               string
		status             int
		sender, unverified bool
		calls              int32
	}{
		{"MessageRejected", 400, true, true, 1},
		{"MailFromDomainNotVerifiedException", 400, true, true, 1},
		{"BadRequestException", 400, true, false, 1},
		{"AccessDeniedException", 403, true, false, 1},
		{"NotFoundException", 404, true, false, 1},
		{"AccountSuspendedException", 400, true, false, 1},
		{"SomethingNewException", 400, true, false, 1},
		{"SendingPausedException", 400, false, false, 1},
		{"TooManyRequestsException", 429, false, false, 3},
		{"ThrottlingException", 400, false, false, 3},
		{"LimitExceededException", 400, false, false, 3},
		{"InternalServiceErrorException", 500, false, false, 1},
		{"ServiceUnavailableException", 503, false, false, 1},
	} {
		var calls atomic.Int32
		s := talking(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.Header().Set("X-Amzn-Errortype", c.code)
			w.WriteHeader(c.status)
			_, _ = fmt.Fprint(w, `{"message":"Email address codes@mail.acme.example is not verified"}`)
		})
		err := s.Send(context.Background(), ownMessage("Acme"))
		if err == nil || errors.Is(err, mail.ErrRejected) || errors.Is(err, mail.ErrSender) != c.sender || errors.Is(err, mail.ErrUnverified) != c.unverified || calls.Load() != c.calls {
			t.Errorf("%s: %v after %d calls", c.code, err, calls.Load())
		}
		if strings.Contains(err.Error(), "acme") || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: the error names an address, or not the code: %v", c.code, err)
		}
	}
	s := talking(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if err := s.Send(context.Background(), ownMessage("Acme")); err == nil || errors.Is(err, mail.ErrSender) {
		t.Errorf("a lost reply: %v", err)
	}
}

// Verified means: SES sends, and it has seen this very domain's records.
func TestWhatVerifiedMeans(t *testing.T) {
	for status, want := range map[types.DkimStatus]bool{
		types.DkimStatusSuccess: true, types.DkimStatusTemporaryFailure: true, types.DkimStatusPending: false,
		types.DkimStatusFailed: false, types.DkimStatusNotStarted: false, "": false,
	} {
		if got := identity(&types.DkimAttributes{Status: status}, true); got.Verified != want {
			t.Errorf("%q: %+v", status, got)
		}
		if identity(&types.DkimAttributes{Status: status}, false).Verified {
			t.Errorf("%q: verified although SES does not send", status)
		}
	}
	if identity(nil, true).Verified {
		t.Error("verified without DKIM")
	}
}
