package iam

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"strings"
)

// KMS guards a key: every operation is judged by its encryption context, and by the key's ARN where the request names one;
// whoever names none, or an id, means the key that there is.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
func (g *Guard) KMS(next http.Handler, keyARN string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct {
			KeyId             string
			EncryptionContext map[string]string
		}
		_ = json.Unmarshal(body, &in) // what is not there is not in the context
		context := map[string]string{}
		for key, value := range in.EncryptionContext {
			context["kms:EncryptionContext:"+key] = value
		}
		key := keyARN
		if strings.HasPrefix(in.KeyId, "arn:") {
			key = in.KeyId
		}
		return []Request{{"kms:" + operation(r), key, context}}
	}, http.StatusBadRequest)
}

// SES guards the sending of mail: by the bare address in From, which names the identity too, as it does on AWS where the
// address itself is verified. identities is the ARN of an identity without its name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
func (g *Guard) SES(next http.Handler, identities string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct {
			FromEmailAddress string
			Content          struct{ Raw any }
		}
		_ = json.Unmarshal(body, &in)
		request := Request{Action: sesAction(r, in.Content.Raw != nil), Resource: identities, Context: map[string]string{}}
		if from, err := mail.ParseAddress(in.FromEmailAddress); err == nil {
			request.Resource += from.Address
			request.Context["ses:FromAddress"] = from.Address
		}
		return []Request{request}
	}, http.StatusForbidden)
}

// sesAction is the action of a request to the service's REST API; of everything but the sending of one mail, an action
// that no role can name. Raw content is a permission of its own: https://github.com/nodemailer/nodemailer/issues/1734
func sesAction(r *http.Request, raw bool) string {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails":
		return "ses:" + r.Method + " " + r.URL.Path
	case raw:
		return "ses:SendRawEmail"
	}
	return "ses:SendEmail"
}

// operation is the last part of the JSON protocol's target: "TrentService.Decrypt".
func operation(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}
