package story_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
	"twofold/infra/local/template"
)

// auditor has a key, the checking command, and what was exported last.
type auditor struct {
	t       *testing.T
	s       *stack.Stack
	key     string
	command string
	folder  string
}

// The audit is provable, end to end: what the main job did goes by the stream into the log and is signed at a tick; the command finds an export as it was
// signed, and after somebody has changed the table, names what is wrong.
func TestTheAuditIsProvable(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now})
	if err := told.Run(ctx); err != nil {
		t.Fatal(err)
	}
	a := newAuditor(t, s)
	for _, path := range []string{"/v1/organizations/" + told.Organization + "/audit", "/v1/audit"} {
		a.tick(ctx)
		checkpoint, events := a.export(ctx, path)
		if verdict, text := a.check(checkpoint, events); !verdict {
			t.Errorf("%s as it was signed: %s", path, text)
		}
		a.shown(ctx, path, events)
	}
	a.tampered(ctx, told.Organization)
	if left := s.StreamFailures(); len(left) > 0 {
		t.Errorf("%d stream records were given up", len(left))
	}
}

func newAuditor(t *testing.T, s *stack.Stack) *auditor {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	a := &auditor{t: t, s: s, key: systemKey(t, s), folder: t.TempDir()}
	a.command = filepath.Join(a.folder, "auditcheck")
	build := exec.Command("go", "build", "-o", a.command, "./infra/auditcheck")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return a
}

// tick waits until the stream is read, and has all logs signed.
func (a *auditor) tick(ctx context.Context) {
	a.t.Helper()
	if err := a.s.Settle(ctx); err != nil {
		a.t.Fatal(err)
	}
	if err := a.s.Fire(ctx, "projector", "Tick"); err != nil {
		a.t.Fatal(err)
	}
}

func (a *auditor) get(ctx context.Context, path string, answer any) []byte {
	a.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.s.APIURL+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		a.t.Fatalf("%s: %d, %v: %s", path, response.StatusCode, err, body)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		a.t.Fatal(err)
	}
	return body
}

// entry is one of an export.
type entry struct {
	Leaf  uint64
	Event *struct{ ID, At, Kind string }
}

// signed is the answer with a checkpoint.
type signed struct {
	Size uint64
	Keys []string
	raw  []byte
}

// export reads a whole log, in pages of three.
func (a *auditor) export(ctx context.Context, path string) (c signed, entries []entry) {
	a.t.Helper()
	c.raw = a.get(ctx, path+"/checkpoint", &c)
	file, err := os.Create(filepath.Join(a.folder, "entries"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer file.Close()
	for from := uint64(0); ; {
		var page struct {
			Entries  []entry
			NextFrom *uint64 `json:"next_from"`
		}
		body := a.get(ctx, path+"/entries?limit=3&size="+strconv.FormatUint(c.Size, 10)+"&from="+strconv.FormatUint(from, 10), &page)
		if _, err := file.Write(append(body, '\n')); err != nil {
			a.t.Fatal(err)
		}
		entries = append(entries, page.Entries...)
		if page.NextFrom == nil {
			return c, entries
		}
		from = *page.NextFrom
	}
}

// check runs the command on what was exported last.
func (a *auditor) check(c signed, _ []entry) (bool, string) {
	a.t.Helper()
	file := filepath.Join(a.folder, "checkpoint")
	if err := os.WriteFile(file, c.raw, 0o600); err != nil {
		a.t.Fatal(err)
	}
	out, err := exec.Command(a.command, "-key", c.Keys[0], "-checkpoint", file, filepath.Join(a.folder, "entries")).CombinedOutput()
	return err == nil, string(out)
}

// shown: the audit says of every event where in the log it stands, and the log holds every one, once.
func (a *auditor) shown(ctx context.Context, path string, entries []entry) {
	a.t.Helper()
	var page struct {
		Events []struct {
			ID   string
			Leaf *uint64
		}
		NextCursor string `json:"next_cursor"`
	}
	a.get(ctx, path+"?limit=200", &page)
	if page.NextCursor != "" || len(page.Events) != len(entries) || len(entries) == 0 {
		a.t.Errorf("%s has %d events, its log %d", path, len(page.Events), len(entries))
	}
	for _, e := range page.Events {
		if e.Leaf == nil || *e.Leaf >= uint64(len(entries)) || entries[*e.Leaf].Event.ID != e.ID {
			a.t.Errorf("%s: event %s says that it is leaf %v", path, e.ID, e.Leaf)
		}
	}
	var one struct {
		Size  uint64
		Entry entry
	}
	last := entries[len(entries)-1]
	if a.get(ctx, path+"/inclusion?event="+last.Event.ID, &one); one.Entry.Leaf != last.Leaf || one.Size != uint64(len(entries)) {
		a.t.Errorf("%s: the last event is proven as %+v", path, one)
	}
}

// tampered changes one event in the table, removes another, and looks at what the command says.
func (a *auditor) tampered(ctx context.Context, organization string) {
	a.t.Helper()
	path := "/v1/organizations/" + organization + "/audit"
	c, entries := a.export(ctx, path)
	at := func(e entry) map[string]types.AttributeValue {
		when, err := time.Parse(time.RFC3339Nano, e.Event.At)
		if err != nil {
			a.t.Fatal(err)
		}
		return map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "AUDIT#" + organization},
			"sk": &types.AttributeValueMemberS{Value: when.Format("2006-01-02T15:04:05.000000Z") + "#" + e.Event.ID},
		}
	}
	removed, changed := entries[len(entries)-1], entries[len(entries)/2]
	if _, err := a.s.DynamoDB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(a.s.TableName), Key: at(removed), ConditionExpression: aws.String("attribute_exists(pk)"),
	}); err != nil {
		a.t.Fatal(err)
	}
	_, _ = a.export(ctx, path)
	if verdict, text := a.check(c, nil); verdict || !strings.HasPrefix(text, "removed: the event of leaf "+strconv.FormatUint(removed.Leaf, 10)+" ") {
		a.t.Errorf("after an event was removed: %s", text)
	}
	if _, err := a.s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(a.s.TableName), Key: at(changed), ConditionExpression: aws.String("attribute_exists(pk)"),
		UpdateExpression: aws.String("SET actor = :x"), ExpressionAttributeValues: map[string]types.AttributeValue{":x": &types.AttributeValueMemberS{Value: "eve"}},
	}); err != nil {
		a.t.Fatal(err)
	}
	_, _ = a.export(ctx, path)
	if verdict, text := a.check(c, nil); verdict || !strings.HasPrefix(text, "changed: event "+changed.Event.ID+" ") {
		a.t.Errorf("after an event was changed: %s", text)
	}
	a.tick(ctx) // neither is news for the log
}
