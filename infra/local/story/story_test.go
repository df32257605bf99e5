package story_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/qr"
	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// The main job, end to end: real binaries, real HTTP, DynamoDB Local; then a search of all that it left behind.
func TestTheMainJob(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{
		API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), ReadQR: qr.Read, Tell: func(title string) { t.Log(title) },
		Now: time.Now,
	})
	if err := told.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if left := s.StreamFailures(); len(left) > 0 {
		t.Errorf("%d stream records were given up", len(left))
	}
	t.Run("who has no second factor is told of the policy", func(t *testing.T) { announced(ctx, t, s, told) })
	t.Run("no secret is left behind", func(t *testing.T) { searchEverything(ctx, t, s, told) })
}

// announced has the schedule tick, and looks for what the policy's confirmation ordered.
func announced(ctx context.Context, t *testing.T, s *stack.Stack, told *story.Story) {
	if err := s.Fire(ctx, "mailer", "Tick"); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"bo@acme.example", "cy@acme.example"} {
		mails, err := told.Mail(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(mails, func(m story.Message) bool {
			return strings.HasPrefix(m.Subject, "Two-factor authentication ") && strings.Contains(m.Subject, " required")
		}) {
			t.Errorf("%s was not told", to)
		}
	}
}

// searchEverything looks for every secret of the story wherever it must not be.
func searchEverything(ctx context.Context, t *testing.T, s *stack.Stack, told *story.Story) {
	mails, err := told.Mail(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{
		"the logs":    []byte(s.Logs()),
		"the table":   dump(ctx, t, s),
		"the stream":  records(ctx, t, s),
		"the mailbox": asJSON(t, mails),
	}
	for place, text := range places {
		if len(text) == 0 {
			t.Errorf("%s: nothing to search, which proves nothing", place)
		}
	}
	for what, secret := range told.Secrets {
		for place, text := range places {
			if place == "the mailbox" && (strings.HasPrefix(what, "mailed code") || strings.HasPrefix(what, "number")) {
				continue // that is where it belongs
			}
			for form, needle := range forms(secret) {
				if bytes.Contains(text, needle) {
					t.Errorf("%s holds the %s, %s", place, what, form)
				}
			}
		}
		searchAnswers(t, told, what, secret)
	}
}

// searchAnswers looks for a secret in all answers but those that issue it.
func searchAnswers(t *testing.T, told *story.Story, what, secret string) {
	issued := map[string]int{"login token": 99, "key of": 1, "token of an impersonation": 1, "TOTP secret, base32": 1, "recovery code": 1, "assertion": 2, "webhook secret": 1, "webhook's URL": 99}
	allowed := 0
	for prefix, n := range issued {
		if strings.HasPrefix(what, prefix) {
			allowed = n
		}
	}
	found := 0
	for _, e := range told.Exchanges {
		if bytes.Contains(e.Answer, []byte(secret)) {
			found++
		}
	}
	if found > allowed {
		t.Errorf("%d answers hold the %s; %d may", found, what, allowed)
	}
}

// forms are the ways in which a secret may lie about.
func forms(secret string) map[string][]byte {
	return map[string][]byte{
		"as it is":               []byte(secret),
		"in base64":              []byte(base64.StdEncoding.EncodeToString([]byte(secret))),
		"without its separators": []byte(strings.ReplaceAll(secret, "-", "")),
	}
}

func systemKey(t *testing.T, s *stack.Stack) string {
	t.Helper()
	text, err := os.ReadFile(s.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.KeysFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the keys file has mode %v (%v), not 0600", info.Mode(), err)
	}
	var keys struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	return keys.SystemAdmin.Key
}

// dump is every attribute of every item, binary ones as they are and in base64.
func dump(ctx context.Context, t *testing.T, s *stack.Stack) []byte {
	t.Helper()
	var out bytes.Buffer
	pages := dynamodb.NewScanPaginator(s.DynamoDB, &dynamodb.ScanInput{TableName: &s.TableName})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			for name, value := range item {
				out.WriteString(name + "=")
				write(&out, value)
			}
		}
	}
	return out.Bytes()
}

func write(out *bytes.Buffer, value types.AttributeValue) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		out.WriteString(v.Value + "\n")
	case *types.AttributeValueMemberN:
		out.WriteString(v.Value + "\n")
	case *types.AttributeValueMemberB:
		out.Write(v.Value)
		out.WriteString("\n" + base64.StdEncoding.EncodeToString(v.Value) + "\n")
	case *types.AttributeValueMemberSS:
		out.WriteString(strings.Join(v.Value, "\n") + "\n")
	case *types.AttributeValueMemberL:
		for _, inner := range v.Value {
			write(out, inner)
		}
	case *types.AttributeValueMemberM:
		for name, inner := range v.Value {
			out.WriteString(name + "=")
			write(out, inner)
		}
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
