package attack_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"twofold/infra/local/faults"
	"twofold/pkg/apigw"
)

// The deadline of the invocation is that of every call of the store: one that hangs is our own 503, not an invocation
// without an answer.
func TestTheInvocationsDeadlineEndsAHangingCall(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := newProduct(t)
			ten := p.tenant()
			r := s.make(ten)
			p.wire.ArmEach(func(int, string) (faults.Fault, bool) { return faults.Always("hangs", faults.Hang), true })
			raw, err := apigw.Handler(p.api, slog.New(slog.DiscardHandler)).Invoke(faults.WithDeadline(t.Context()), p.event(r))
			p.must(err)
			var answer struct {
				StatusCode int
				Headers    map[string]string
				Body       string
			}
			p.must(json.Unmarshal(raw, &answer))
			if p.wire.Met() == 0 && answer.StatusCode == 200 {
				return // it asks the store for nothing
			}
			var problem struct{ Code string }
			p.must(json.Unmarshal([]byte(answer.Body), &problem))
			if answer.StatusCode != 503 || problem.Code != "unavailable" || answer.Headers["Retry-After"] == "" {
				t.Errorf("answered %d %s, want 503 unavailable", answer.StatusCode, problem.Code)
			}
		})
	}
}

// event is a request as the API Gateway hands it over.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (p *product) event(r request) []byte {
	p.t.Helper()
	body, media := p.sent(r)
	headers := map[string]string{"content-type": media}
	if r.idempotency != "" {
		headers["idempotency-key"] = r.idempotency
	}
	if r.key != "" {
		headers["authorization"] = "Bearer " + r.key
	}
	if r.ifMatch != "" {
		headers["if-match"] = r.ifMatch
	}
	path, query, _ := strings.Cut(r.path, "?")
	raw, err := json.Marshal(fields{
		"version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers, "body": body,
		"requestContext": fields{"http": fields{"method": r.method, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}},
	})
	p.must(err)
	return raw
}
