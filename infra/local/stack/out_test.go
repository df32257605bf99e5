package stack

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"twofold/pkg/audit"
	"twofold/pkg/eventbridge"
	"twofold/pkg/outbound"
	"twofold/pkg/webhook"
)

// What functions are told of the addresses serves the product's own clients, and what goes out shows on the mailbox page.
func TestEventsGoOut(t *testing.T) {
	s := startForTest(t, fixture(t))
	env := s.Environment()
	hooks, bus := env["AWS_ENDPOINT_URL_WEBHOOKS"], env["AWS_ENDPOINT_URL_EVENTBRIDGE"]
	client, err := outbound.Open(&hooks)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := client.Post(t.Context(), "https://hooks.example.com/in", nil, []byte(`{"to":"a webhook"}`)); status != http.StatusNoContent || err != nil {
		t.Errorf("%d, %v", status, err)
	}
	message := webhook.Message{ID: "1", Kind: audit.UserReset, At: time.Now(), Data: []byte(`"to a bus"`)}
	for caller, want := range map[string]int{"local": 1, "localapi": 0} { // an operator, and a function whose role has nothing of it
		cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider(caller, "local", "")}
		taken, err := eventbridge.Open(cfg, &bus, buses+"local").Put(t.Context(), []webhook.Message{message})
		if taken != want || (err != nil) != (want == 0) {
			t.Errorf("%s: %d, %v", caller, taken, err)
		}
	}
	if len(s.Receiver.Posts("hooks.example.com")) != 1 || len(s.Bus.Events()) != 1 {
		t.Errorf("%+v, %+v", s.Receiver.Posts(""), s.Bus.Events())
	}
	response, err := http.Get(s.MailURL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	for _, want := range []string{"https://hooks.example.com/in", "a webhook", "user.reset", "to a bus"} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %s, %v", want, err)
		}
	}
}
