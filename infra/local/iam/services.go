package iam

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"strings"
)

// KMS guards a key: every operation is judged by its encryption context.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
func (g *Guard) KMS(next http.Handler, keyARN string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct{ EncryptionContext map[string]string }
		_ = json.Unmarshal(body, &in) // what is not there is not in the context
		context := map[string]string{}
		for key, value := range in.EncryptionContext {
			context["kms:EncryptionContext:"+key] = value
		}
		return []Request{{"kms:" + operation(r), keyARN, context}}
	}, http.StatusBadRequest)
}

// SES guards the sending of mail: by the identity and the bare address in From.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
func (g *Guard) SES(next http.Handler, identityARN string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		if r.Method != http.MethodPost {
			return nil // the mailbox page
		}
		var in struct{ FromEmailAddress string }
		_ = json.Unmarshal(body, &in)
		context := map[string]string{}
		if from, err := mail.ParseAddress(in.FromEmailAddress); err == nil {
			context["ses:FromAddress"] = from.Address
		}
		return []Request{{"ses:SendEmail", identityARN, context}}
	}, http.StatusForbidden)
}

// operation is the last part of the JSON protocol's target: "TrentService.Decrypt".
func operation(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}
