package iam

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"slices"
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

// Identities knows by which identity of SES mail from an address is sent, and how an identity is tagged.
type Identities interface {
	Covering(address string) (identity string, tags map[string]string)
}

// SES guards mail and identities. Sending is judged by the bare address in From and by the identity that covers it, making an
// identity by the tags that it shall have, deleting one by those it has. Asking about one is judged by its name alone, though it
// could be by tags too: what does not exist has none, and must be asked about. Whoever sends with a configuration set needs the same action
// on that: "not authorized to perform `ses:SendEmail' on resource `arn:aws:ses:…:configuration-set/…'" (github.com/aws/aws-cdk issue 34402).
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
func (g *Guard) SES(next http.Handler, names SESNames, known Identities) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in sesInput
		_ = json.Unmarshal(body, &in)
		return in.requests(r, names, known)
	}, http.StatusForbidden)
}

// Originations knows by its ARN what a text message is sent from, and how that is tagged.
type Originations interface {
	From(named, to string) (arn string, tags map[string]string)
}

// SMS guards text messages, which are judged by the identity that they are sent from and its tags, and by the configuration set that they
// name: AWS's table has both among the resources of the action. What names no identity is sent from any. prefix is the ARN of a
// configuration set without its name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsendusermessagingsmsandvoicev2.html
func (g *Guard) SMS(next http.Handler, prefix string, known Originations) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct{ OriginationIdentity, DestinationPhoneNumber, ConfigurationSetName string }
		_ = json.Unmarshal(body, &in)
		arn, tags := known.From(in.OriginationIdentity, in.DestinationPhoneNumber)
		sent := Request{Action: "sms-voice:" + operation(r), Resource: arn, Context: tagged("aws:ResourceTag/", tags)}
		if in.ConfigurationSetName == "" {
			return []Request{sent}
		}
		return []Request{sent, {Action: sent.Action, Resource: prefix + in.ConfigurationSetName}}
	}, http.StatusBadRequest)
}

// SQS guards queues, by the ARN of the one that a request names. arn gives it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
func (g *Guard) SQS(next http.Handler, arn func(queueURL string) string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct {
			QueueURL string `json:"QueueUrl"`
		}
		_ = json.Unmarshal(body, &in)
		return []Request{{Action: "sqs:" + operation(r), Resource: arn(in.QueueURL)}}
	}, http.StatusBadRequest)
}

// EventBridge guards buses, by each that the entries of a call name. arn gives it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
func (g *Guard) EventBridge(next http.Handler, arn func(bus string) string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		var in struct {
			Entries []struct{ EventBusName string }
		}
		_ = json.Unmarshal(body, &in)
		asked := []Request{}
		for _, e := range in.Entries {
			one := Request{Action: "events:" + operation(r), Resource: arn(e.EventBusName)}
			if !slices.ContainsFunc(asked, func(other Request) bool { return other.Resource == one.Resource }) {
				asked = append(asked, one)
			}
		}
		if len(asked) == 0 {
			asked = append(asked, Request{Action: "events:" + operation(r), Resource: arn("")})
		}
		return asked
	}, http.StatusBadRequest)
}

// SESNames are ARNs of SES's things, each without its name: "arn:aws:ses:eu-west-1:000000000000:identity/".
type SESNames struct{ Identity, Set string }

type sesInput struct {
	FromEmailAddress string

	ConfigurationSetName string

	EmailIdentity string
	Tags          []struct{ Key, Value string }
	Content       struct{ Raw any }
}

// sesIdentities is where the REST API has identities.
const sesIdentities = "/v2/email/identities"

// requests are what a request to the service's REST API asks for; of what is not known here, an action that no role can
// name. Raw content is a permission of its own: https://github.com/nodemailer/nodemailer/issues/1734
func (in sesInput) requests(r *http.Request, names SESNames, known Identities) []Request {
	prefix := names.Identity
	name, one := strings.CutPrefix(r.URL.Path, sesIdentities+"/")
	one = one && name != "" && !strings.Contains(name, "/")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v2/email/outbound-emails" && in.Content.Raw != nil:
		return in.sending("ses:SendRawEmail", names, known)
	case r.Method == http.MethodPost && r.URL.Path == "/v2/email/outbound-emails":
		return in.sending("ses:SendEmail", names, known)
	case r.Method == http.MethodPost && r.URL.Path == "/v2/email/outbound-bulk-emails":
		return in.sending("ses:SendBulkEmail", names, known)
	case r.Method == http.MethodGet && r.URL.Path == "/v2/email/account":
		return []Request{{Action: "ses:GetAccount", Resource: "*"}} // the action has no resource
	case r.Method == http.MethodPost && r.URL.Path == sesIdentities:
		return in.creating(prefix)
	case r.Method == http.MethodGet && one:
		return []Request{{Action: "ses:GetEmailIdentity", Resource: prefix + name}}
	case r.Method == http.MethodDelete && one:
		covering, tags := known.Covering("@" + name)
		if !strings.EqualFold(covering, name) {
			tags = nil // those of a domain above it
		}
		return []Request{{Action: "ses:DeleteEmailIdentity", Resource: prefix + name, Context: tagged("aws:ResourceTag/", tags)}}
	}
	return []Request{{Action: "ses:" + r.Method + " " + r.URL.Path, Resource: prefix}}
}

func (in sesInput) sending(action string, names SESNames, known Identities) []Request {
	sent := Request{Action: action, Resource: names.Identity}
	if from, err := mail.ParseAddress(in.FromEmailAddress); err == nil {
		identity, tags := known.Covering(from.Address)
		sent.Resource, sent.Context = names.Identity+identity, tagged("aws:ResourceTag/", tags)
		sent.Context["ses:FromAddress"] = from.Address
	}
	if in.ConfigurationSetName == "" {
		return []Request{sent}
	}
	return []Request{sent, {Action: action, Resource: names.Set + in.ConfigurationSetName}}
}

// creating asks for the action of tagging besides, where there are tags:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html#access_tags_control-requests
func (in sesInput) creating(prefix string) []Request {
	tags := map[string]string{}
	for _, t := range in.Tags {
		tags[t.Key] = t.Value
	}
	made := Request{Action: "ses:CreateEmailIdentity", Resource: prefix + in.EmailIdentity, Context: tagged("aws:RequestTag/", tags)}
	if len(tags) == 0 {
		return []Request{made}
	}
	tagging := made
	tagging.Action = "ses:TagResource"
	return []Request{made, tagging}
}

func tagged(prefix string, tags map[string]string) map[string]string {
	context := map[string]string{}
	for key, value := range tags {
		context[prefix+key] = value
	}
	return context
}

// operation is the last part of the JSON protocol's target: "TrentService.Decrypt".
func operation(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}
