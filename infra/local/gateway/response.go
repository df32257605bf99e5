package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// response is what a function answers in payload format 2.0. Pointers tell absent from empty.
type response struct {
	StatusCode      *int
	Headers         map[string]json.RawMessage
	Cookies         []string
	Body            *string
	IsBase64Encoded bool
}

// respond writes a function's answer. One that is no response at all is a failure of the function.
func respond(w http.ResponseWriter, answer []byte) (status int) {
	res, body, ok := interpret(answer)
	if !ok {
		return message(w, http.StatusInternalServerError)
	}
	h := w.Header()
	for name, raw := range res.Headers {
		value, ok := headerValue(raw)
		name = http.CanonicalHeaderKey(name)
		// The gateway frames the body itself.
		if ok && name != "Content-Length" && !slices.Contains(hopByHop, name) {
			h.Set(name, value)
		}
	}
	if len(res.Cookies) > 0 {
		h.Del("Set-Cookie")
	}
	for _, cookie := range res.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	if status := *res.StatusCode; status != http.StatusNoContent && status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(body))) // a large body would go out in chunks otherwise
	}
	w.WriteHeader(*res.StatusCode)
	_, _ = w.Write(body) // a client that is gone hears nothing
	return *res.StatusCode
}

// interpret reads the answer. Valid JSON without a statusCode is itself the body of a 200:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func interpret(answer []byte) (res response, body []byte, ok bool) {
	var shape map[string]json.RawMessage
	if err := json.Unmarshal(answer, &shape); err != nil || shape["statusCode"] == nil {
		return inferred(answer)
	}
	if err := json.Unmarshal(answer, &res); err != nil || res.StatusCode == nil {
		return res, nil, false
	}
	if *res.StatusCode < 200 || *res.StatusCode > 599 {
		return res, nil, false
	}
	if res.Body == nil {
		return res, nil, true
	}
	if !res.IsBase64Encoded {
		return res, []byte(*res.Body), true
	}
	body, err := base64.StdEncoding.DecodeString(*res.Body)
	return res, body, err == nil
}

func inferred(answer []byte) (res response, body []byte, ok bool) {
	if !json.Valid(answer) {
		return res, nil, false
	}
	status := http.StatusOK
	res.StatusCode = &status
	res.Headers = map[string]json.RawMessage{"content-type": json.RawMessage(`"application/json"`)}
	var text string
	if json.Unmarshal(answer, &text) == nil && !bytes.Equal(bytes.TrimSpace(answer), []byte("null")) {
		return res, []byte(text), true
	}
	return res, answer, true
}

// headerValue accepts what JSON writers put there: a text, a number or a truth value.
func headerValue(raw json.RawMessage) (string, bool) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
