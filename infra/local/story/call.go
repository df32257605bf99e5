package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Exchange is one call and its answer.
type Exchange struct {
	Method, Path string
	Request      []byte
	Status       int
	Answer       []byte
}

// fields are a JSON object, for looking into.
type fields map[string]any

// at finds a value by its path of names; "" where there is none.
func (f fields) at(path ...string) any {
	var value any = map[string]any(f)
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		if value, ok = object[name]; !ok {
			return ""
		}
	}
	return value
}

func (f fields) text(path ...string) string { return fmt.Sprint(f.at(path...)) }

// call sends a request with a key and wants a status.
func (s *Story) call(ctx context.Context, key, method, path string, body fields, status int, headers ...string) (fields, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, s.API+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, code, err := fetch(request)
	if err != nil {
		return nil, err
	}
	e := Exchange{Method: method, Path: path, Request: text, Status: code, Answer: answer}
	s.Exchanges = append(s.Exchanges, e)
	if s.Show != nil {
		s.Show(e)
	}
	if code != status {
		return nil, fmt.Errorf("%s %s: status %d, not %d: %s", method, path, code, status, answer)
	}
	var out fields
	if len(answer) > 0 {
		err = json.Unmarshal(answer, &out)
	}
	return out, err
}

func fetch(request *http.Request) ([]byte, int, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return body, response.StatusCode, err
}

// Message is one mail in the local mailbox.
type Message struct {
	To      string `json:"to"`
	From    string `json:"from"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// Mail reads what was sent to an address ("" for all), the newest first.
func (s *Story) Mail(ctx context.Context, to string) ([]Message, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Mailbox+"/messages?to="+url.QueryEscape(to), nil)
	if err != nil {
		return nil, err
	}
	body, status, err := fetch(request)
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("mailbox: status %d: %w", status, err)
	}
	var messages []Message
	return messages, json.Unmarshal(body, &messages)
}

// patience is how long to wait for what happens in the background.
const patience = 2 * time.Minute

// eventually repeats a look until it finds what it looks for.
func eventually[T any](ctx context.Context, what string, look func() (T, bool, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		found, ok, err := look()
		if err != nil || ok {
			return found, err
		}
		select {
		case <-ctx.Done():
			return found, fmt.Errorf("waited in vain for %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
