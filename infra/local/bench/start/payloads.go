package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/stack"
)

// Who the invocations are about.
const (
	organization = "bench"
	person       = "ann"
)

// payloads are one invocation for each function that needs the table, and succeeds as often as it is repeated. It
// makes what they need through the stack's own API.
func payloads(ctx context.Context, s *stack.Stack) (map[string][]byte, error) {
	system, err := systemKey(s.KeysFile)
	if err != nil {
		return nil, err
	}
	about := "/v1/organizations/" + organization
	answer, err := send(ctx, http.MethodPut, s.APIURL+about, system, `{"name":"Bench","entitlements":{"two_factor":true},"application":{"id":"app"}}`)
	if err != nil {
		return nil, err
	}
	var made struct{ Keys []struct{ Key string } }
	if err := json.Unmarshal(answer, &made); err != nil {
		return nil, err
	}
	if len(made.Keys) != 1 {
		return nil, fmt.Errorf("the application came with %d keys", len(made.Keys))
	}
	application := made.Keys[0]
	login := fmt.Sprintf(`{"organization":%q,"user":%q,"email":"ann@bench.example","nonce":"bench-bench-bench"}`, organization, person)
	if _, err := send(ctx, http.MethodPost, s.APIURL+"/v1/logins", application.Key, login); err != nil {
		return nil, err
	}
	profile, err := profileRecord(ctx, s)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"verify": request(http.MethodPost, "/v1/logins", application.Key, login),
		"policy": request(http.MethodGet, about, system, ""),
		"report": request(http.MethodGet, about+"/report", system, ""),
		// The user is not enrolled, so nothing changes.
		"enroll":    request(http.MethodPost, about+"/users/"+person+"/disable", application.Key, `{"code":"123456"}`),
		"mailer":    record(`{"pk":{"S":"USER#` + organization + `#` + person + `"},"sk":{"S":"FACTORS"},"deliver":{"S":"none"}}`),
		"projector": profile,
	}, nil
}

func systemKey(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var keys struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	return keys.SystemAdmin.Key, json.Unmarshal(text, &keys)
}

func send(ctx context.Context, method, url, key, body string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s answered %d", method, url, response.StatusCode)
	}
	return answer, err
}

// request is an event of payload format 2.0.
func request(method, path, key, body string) []byte {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: path, Body: body,
		Headers: map[string]string{"authorization": "Bearer " + key, "content-type": "application/json", "host": "bench.example"},
	}
	e.RequestContext.RequestID, e.RequestContext.Stage = "bench", "$default"
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.HTTP.SourceIP = method, path, "192.0.2.1"
	text, _ := json.Marshal(e) // texts only: it cannot fail
	return text
}

func record(image string) []byte {
	return fmt.Appendf(nil, `{"Records":[{"eventID":"1","eventName":"MODIFY","dynamodb":{"SequenceNumber":"1","NewImage":%s}}]}`, image)
}

// profileRecord is what the stream says of the user's profile.
func profileRecord(ctx context.Context, s *stack.Stack) ([]byte, error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.TableName), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "USER#" + organization + "#" + person}, "sk": &types.AttributeValueMemberS{Value: "PROFILE"},
		},
	})
	if err != nil {
		return nil, err
	}
	if len(out.Item) == 0 {
		return nil, errors.New("the user has no profile where it was looked for")
	}
	var attributes []string
	for name, value := range out.Item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			attributes = append(attributes, fmt.Sprintf(`%q:{"S":%q}`, name, v.Value))
		case *types.AttributeValueMemberN:
			attributes = append(attributes, fmt.Sprintf(`%q:{"N":%q}`, name, v.Value))
		default:
			return nil, fmt.Errorf("a profile holds a %T", value)
		}
	}
	return record("{" + strings.Join(attributes, ",") + "}"), nil
}
