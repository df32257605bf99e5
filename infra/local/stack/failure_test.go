package stack

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/template"
)

// failing is the stack of testdata/failing.yaml.
func failing(t *testing.T) Options {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Root: root, Template: filepath.Join(root, "infra/local/stack/testdata/failing.yaml"), Build: true, BinDir: t.TempDir(),
	}
}

// TestFailures asks the API for every way to fail. What the answers must be, and which pages and recordings say so, stands
// in statusOf and read of package gateway, and at the errors and limits of package lambda.
func TestFailures(t *testing.T) {
	s := startForTest(t, failing(t))
	for name, test := range map[string]func(*testing.T, *Stack){
		"panic": testPanic, "timeout": testTimeout, "init": testInit, "limits": testLimits,
		"race": testRace, "throttling": testThrottling, "schedules": testSchedules,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// call sends a request and returns status and body.
func call(t *testing.T, s *Stack, method, path, kind, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.APIURL+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(text)
}

func get(t *testing.T, s *Stack, path string) (int, string) {
	t.Helper()
	return call(t, s, "GET", path, "", "")
}

const serverError = `{"message":"Internal Server Error"}`

// testPanic: the process of a function that panics exits, and the next request has a new one; a function that returns
// an error goes on.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-exceptions.html
func testPanic(t *testing.T, s *Stack) {
	_, before := get(t, s, "/do/pid")
	if status, body := get(t, s, "/do/fail"); status != 500 || body != serverError {
		t.Errorf("error: %d %s", status, body)
	}
	if status, same := get(t, s, "/do/pid"); status != 200 || same != before {
		t.Errorf("after an error: %d, process %s, before %s", status, same, before)
	}
	if status, body := get(t, s, "/do/panic"); status != 500 || body != serverError {
		t.Errorf("panic: %d %s", status, body)
	}
	if status, after := get(t, s, "/do/pid"); status != 200 || after == before {
		t.Errorf("after a panic: %d, process %s, before %s", status, after, before)
	}
}

// testTimeout: the function's own Timeout ends the invocation and its instance.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
func testTimeout(t *testing.T, s *Stack) {
	if status, body := get(t, s, "/slow/ok"); status != 200 || body != "ok" {
		t.Errorf("in time: %d %s", status, body)
	}
	before := s.Processes()["slow"]
	if status, body := get(t, s, "/slow/hang"); status != 500 || body != serverError {
		t.Errorf("too slow: %d %s", status, body)
	}
	if left := s.Processes()["slow"]; len(before) != 1 || len(left) != 0 {
		t.Errorf("instances before %v, left %v", before, left)
	}
	if !strings.Contains(s.Logs(), `"status":"timeout","errorType":"Sandbox.Timedout"`) {
		t.Error("nothing in the log")
	}
	if status, body := get(t, s, "/slow/ok"); status != 200 || body != "ok" || slices.Equal(s.Processes()["slow"], before) {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

// testInit: two attempts for each request.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
func testInit(t *testing.T, s *Stack) {
	for requests := 1; requests <= 2; requests++ {
		if status, body := get(t, s, "/broken"); status != 500 || body != serverError {
			t.Errorf("%d %s", status, body)
		}
		if n := strings.Count(s.Logs(), "starting broken"); n != 2*requests {
			t.Errorf("%d starts for %d requests", n, requests)
		}
	}
	if left := s.Processes()["broken"]; len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// testLimits: Lambda's limit of an event counts what base64 adds; the gateway's own limits come before.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
func testLimits(t *testing.T, s *Stack) {
	const tooLarge, tooLong = `{"message":"Request Entity Too Large"}`, `{"message":"Request Header Fields Too Large"}`
	for _, c := range []struct {
		name, kind string
		size       int
		status     int
		body       string
	}{
		{"text below 6 MB", "text/plain", 6_200_000, 200, ""},
		{"text above 6 MB", "text/plain", 6_300_000, 413, tooLarge},
		{"binary of 4.5 MB", "application/octet-stream", 4_500_000, 200, ""},
		{"binary of 4.8 MB", "application/octet-stream", 4_800_000, 413, tooLarge},
		{"text above 10 MB", "text/plain", 10<<20 + 1, 413, tooLarge},
	} {
		if status, body := call(t, s, "POST", "/do/pid", c.kind, strings.Repeat("x", c.size)); status != c.status || c.body != "" && body != c.body {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	if status, body := call(t, s, "GET", "/do/pid", "", "", "X-Long", strings.Repeat("x", 10_300)); status != 431 || body != tooLong {
		t.Errorf("long header: %d %s", status, body)
	}
	if status, body := call(t, s, "GET", "/do/pid", "", "", "X-Long", strings.Repeat("x", 9_900)); status != 200 {
		t.Errorf("header within the limit: %d %s", status, body)
	}
	if status, body := get(t, s, "/do/large"); status != 500 || body != serverError {
		t.Errorf("response above 6 MB: %d %.60s", status, body)
	}
}

// testRace: two instances of one function are alive at once and want the same item; DynamoDB lets one have it.
func testRace(t *testing.T, s *Stack) {
	answers := make([]string, 2)
	var both sync.WaitGroup
	for i := range answers {
		both.Go(func() { _, answers[i] = get(t, s, "/do/race") })
	}
	both.Wait()
	slices.Sort(answers)
	loser, lost := strings.CutPrefix(answers[0], "lost ")
	winner, won := strings.CutPrefix(answers[1], "won ")
	if !lost || !won || winner == loser {
		t.Errorf("they answer %q", answers)
	}
}

// testThrottling: with the two reserved executions taken, a third request is refused at once.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
func testThrottling(t *testing.T, s *Stack) {
	arrived := func(name string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: name}, "sk": &types.AttributeValueMemberS{Value: "ARRIVED"}}
	}
	var both sync.WaitGroup
	for _, name := range []string{"one", "two"} { // each waits for another of its name, who never comes
		both.Go(func() {
			if status, body := get(t, s, "/do/"+name); status != 200 || !strings.HasPrefix(body, "won ") {
				t.Errorf("%s: %d %s", name, status, body)
			}
		})
		await(t, func() bool {
			out, err := s.DynamoDB.GetItem(t.Context(), &dynamodbapi.GetItemInput{TableName: &s.TableName, Key: arrived(name), ConsistentRead: aws.Bool(true)})
			return err == nil && len(out.Item) > 0
		})
	}
	if status, body := get(t, s, "/do/pid"); status != 503 || body != `{"message":"Service Unavailable"}` {
		t.Errorf("a third request: %d %s", status, body)
	}
	for _, name := range []string{"one", "two"} {
		_, err := s.DynamoDB.UpdateItem(t.Context(), &dynamodbapi.UpdateItemInput{
			TableName: &s.TableName, Key: arrived(name), UpdateExpression: aws.String("ADD arrived :one"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	both.Wait()
	if status, body := get(t, s, "/do/pid"); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

// testSchedules: the function is invoked with the event of the service, or the schedule's own input.
func testSchedules(t *testing.T, s *Stack) {
	for name, source := range map[string]string{"Tick": "aws.scheduler", "Once": "a text of our own"} {
		if err := s.Fire(t.Context(), "failing", name); err != nil {
			t.Error(err)
		}
		key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: source}, "sk": &types.AttributeValueMemberS{Value: "TICK"}}
		out, err := s.DynamoDB.GetItem(t.Context(), &dynamodbapi.GetItemInput{TableName: &s.TableName, Key: key, ConsistentRead: aws.Bool(true)})
		if err != nil || len(out.Item) == 0 {
			t.Errorf("%s left nothing behind: %v", name, err)
		}
	}
	if err := s.Fire(t.Context(), "slow", "Tick"); err == nil {
		t.Error("a schedule that is not there was fired")
	}
}
