package faults

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// namespace stands before the names of DynamoDB's exceptions, as the service itself writes them:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const namespace = "com.amazonaws.dynamodb.v20120810#"

// DynamoDB refuses with one of its exceptions. All but the server's own have status 400; see Programming.Errors.
func DynamoDB(exception string) Reaction {
	status := http.StatusBadRequest
	switch exception {
	case "InternalServerError":
		status = http.StatusInternalServerError
	case "ServiceUnavailable":
		status = http.StatusServiceUnavailable
	}
	return Answer(status, namespace+exception)
}

// None is the reason of the parts of a canceled transaction that were not to blame.
const None = "None"

// CancellationReasons are all codes that TransactWriteItems documents for a part that was to blame:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html,
// TransactionCanceledException.
func CancellationReasons() []string {
	return []string{
		"ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "TransactionConflict",
		"ProvisionedThroughputExceeded", "ThrottlingError", "ValidationError",
	}
}

// Canceled cancels a transaction for a reason that lies with one of its parts; -1 is the last. The others are None.
// Items are never returned, as if the reason's part were not there.
func Canceled(reason string, part int) Reaction {
	return func(t *Try) (*smithyhttp.Response, error) {
		raw, err := t.Body()
		if err != nil {
			return nil, err
		}
		var in struct{ TransactItems []json.RawMessage }
		if json.Unmarshal(raw, &in) != nil || len(in.TransactItems) == 0 {
			return nil, errors.New("faults: this is no transaction that could be canceled")
		}
		at := (part + len(in.TransactItems)) % len(in.TransactItems)
		reasons, codes := make([]map[string]string, len(in.TransactItems)), make([]string, len(in.TransactItems))
		for i := range reasons {
			codes[i] = None
			if i == at {
				codes[i] = reason
			}
			reasons[i] = map[string]string{"Code": codes[i]}
		}
		return Reply(http.StatusBadRequest, map[string]any{
			"__type":              namespace + "TransactionCanceledException",
			"Message":             "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]",
			"CancellationReasons": reasons,
		})(t)
	}
}

// Unprocessed leaves keys of a BatchGetItem unread, as DynamoDB may at any time: all, or the second half, which is then
// missing from what the table answers.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html, UnprocessedKeys.
func Unprocessed(all bool) Reaction {
	return func(t *Try) (*smithyhttp.Response, error) {
		raw, err := t.Body()
		if err != nil {
			return nil, err
		}
		var in struct{ RequestItems map[string]batchKeys }
		if json.Unmarshal(raw, &in) != nil || len(in.RequestItems) != 1 {
			return nil, errors.New("faults: this is no batch of one table")
		}
		response, err := t.Pass()
		if err != nil {
			return response, err
		}
		return leave(response, in.RequestItems, all)
	}
}

// batchKeys are the keys asked for of one table; the rest of its parameters is kept as it is.
type batchKeys struct {
	Keys           []map[string]json.RawMessage
	ConsistentRead bool
}

type batchAnswer struct {
	Responses       map[string][]map[string]json.RawMessage
	UnprocessedKeys map[string]batchKeys
}

func leave(response *smithyhttp.Response, asked map[string]batchKeys, all bool) (*smithyhttp.Response, error) {
	var answer batchAnswer
	err := json.NewDecoder(response.Body).Decode(&answer)
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	answer.UnprocessedKeys = map[string]batchKeys{}
	for table, keys := range asked {
		from := len(keys.Keys) / 2
		if all {
			from = 0
		}
		keys.Keys = keys.Keys[from:]
		answer.UnprocessedKeys[table] = keys
		answer.Responses[table] = without(answer.Responses[table], keys.Keys)
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return reply(response.StatusCode, http.Header{}, raw), nil
}

// without are the rows that have none of the keys.
func without(rows, keys []map[string]json.RawMessage) []map[string]json.RawMessage {
	left := []map[string]json.RawMessage{}
	for _, row := range rows {
		found := false
		for _, key := range keys {
			same := true
			for name, value := range key {
				same = same && string(row[name]) == string(value)
			}
			found = found || same
		}
		if !found {
			left = append(left, row)
		}
	}
	return left
}
