package iam

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"
)

const table = "test-ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// recorded is a configuration for clients of a service that answers {} to all, with the middleware of a function; bodies
// are what arrived.
func recorded(t *testing.T, function string) (cfg aws.Config, bodies *[]string) {
	t.Helper()
	bodies = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*bodies = append(*bodies, string(body))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, "{}")
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		APIOptions:  []func(*middleware.Stack) error{Recording(function)},
	}, bodies
}

func TestRecording(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(CallsVariable, folder)
	cfg, bodies := recorded(t, "verify")
	client := dynamodb.NewFromConfig(cfg)
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "x"}}
	for range 2 {
		_, err := client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(table), IndexName: aws.String("byUser")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{TableName: aws.String(table), Key: key, UpdateExpression: aws.String("REMOVE a")}},
			{Put: &types.Put{TableName: aws.String("elsewhere"), Item: key}},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(*bodies) != 4 || !strings.Contains((*bodies)[0], `"byUser"`) {
		t.Errorf("the service got %q", *bodies)
	}
	calls, err := ReadCalls(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []Call{
		{"verify", "dynamodb:Query", "Table.Arn/index/byUser", nil},
		{"verify", "dynamodb:UpdateItem", "Table.Arn", nil},
		{"verify", "dynamodb:PutItem", "elsewhere", nil},
	}
	if !reflect.DeepEqual(calls, want) {
		t.Errorf("recorded %+v", calls)
	}
}

// A call that some other middleware fails before it is sent was meant, and needs its grant.
func TestACallThatIsNotSentCounts(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(CallsVariable, folder)
	cfg, _ := recorded(t, "verify")
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("fail", func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (out middleware.DeserializeOutput, meta middleware.Metadata, err error) {
			return out, meta, io.ErrUnexpectedEOF
		}), middleware.Before)
	})
	_, err := dynamodb.NewFromConfig(cfg).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "x"}},
	})
	calls, readErr := ReadCalls(folder)
	if err == nil || readErr != nil || len(calls) != 1 || calls[0].Action != "dynamodb:GetItem" {
		t.Errorf("recorded %+v; %v, %v", calls, err, readErr)
	}
}

func TestRecordingNeedsAFolderAndDynamoDB(t *testing.T) {
	decrypt := &kms.DecryptInput{CiphertextBlob: []byte("x")}
	t.Setenv(CallsVariable, "")
	cfg, _ := recorded(t, "verify")
	if _, err := kms.NewFromConfig(cfg).Decrypt(t.Context(), decrypt); err != nil {
		t.Errorf("without a folder it is in the way: %v", err)
	}
	t.Setenv(CallsVariable, t.TempDir())
	cfg, bodies := recorded(t, "verify")
	if _, err := kms.NewFromConfig(cfg).Decrypt(t.Context(), decrypt); err == nil || len(*bodies) != 0 {
		t.Error("a call of KMS went past the record")
	}
	t.Setenv(CallsVariable, filepath.Join(t.TempDir(), "missing"))
	cfg, bodies = recorded(t, "verify")
	_, err := dynamodb.NewFromConfig(cfg).Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(table)})
	if err == nil || len(*bodies) != 0 {
		t.Error("a call went past a record that cannot be written")
	}
}

// Several processes share the folder, and several goroutines the recorder.
func TestRecordersShareAFolder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(CallsVariable, folder)
	if first := ThisRun(); first != ThisRun() {
		t.Fatal("a process writes to one file")
	}
	other := &Recorder{folder: folder, seen: map[string]bool{}} // as another process would have it
	var wait sync.WaitGroup
	for range 8 {
		for _, r := range []*Recorder{ThisRun(), other} {
			wait.Go(func() {
				for _, action := range []string{"a:One", "a:Two"} {
					if err := r.Note(Call{Function: "f", Action: action, Context: map[string]string{"x": "1", "y": "2"}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wait.Wait()
	calls, err := ReadCalls(folder)
	var actions []string
	for _, c := range calls {
		actions = append(actions, c.Action)
	}
	slices.Sort(actions)
	if err != nil || !slices.Equal(actions, []string{"a:One", "a:One", "a:Two", "a:Two"}) {
		t.Errorf("%v, %v", actions, err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "calls-1.jsonl"), []byte(`{"function":"a"}`+"\n"+`{"func`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadCalls(folder); err == nil {
		t.Error("half a line was read")
	}
	if calls, err := ReadCalls(t.TempDir()); err != nil || len(calls) != 0 {
		t.Errorf("an empty folder: %v, %v", calls, err)
	}
	var none *Recorder
	if err := none.Note(Call{}); err != nil {
		t.Error(err)
	}
}
