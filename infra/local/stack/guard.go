package stack

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"path/filepath"
	"time"

	"twofold/infra/local/eventbridge"
	"twofold/infra/local/iam"
)

const (
	account    = "000000000000"
	tables     = "arn:aws:dynamodb:" + region + ":" + account + ":table/"
	identities = "arn:aws:ses:" + region + ":" + account + ":identity/"
	sets       = "arn:aws:ses:" + region + ":" + account + ":configuration-set/"
	// mailSet is the one configuration set of the stack's SES.
	mailSet = "local"
	// topics is the ARN of a topic without its name, which is the template's.
	topics = "arn:aws:sns:" + region + ":" + account + ":"
	// origination is the one identity that the stack's SMS come from.
	origination = texts + "pool/local"
	// texts is what the ARNs of the SMS service begin with, and textSet its one configuration set.
	texts   = "arn:aws:sms-voice:" + region + ":" + account + ":"
	textSet = "local-texts"
	// buses is what the ARNs of event buses begin with, and bus the vendor's.
	buses = "arn:aws:events:" + region + ":" + account + ":event-bus/"
	bus   = "local"
)

// Originations are what an organisation's own SMS may come from here, one of each kind.
var Originations = []string{texts + "pool/acme", texts + "phone-number/acme", texts + "sender-id/ACME/DE"}

// accessKeyID tells the services which function calls. DynamoDB Local wants letters and digits.
func accessKeyID(function string) string { return "local" + function }

// guard puts the roles of the template before the services: a function may do here what it may do on AWS.
func (s *Stack) guard(o Options) error {
	functions, err := s.file.Functions()
	if err != nil {
		return err
	}
	g := &iam.Guard{Roles: map[string]iam.Role{}, Log: s.log(), Recorder: recorder(o), Names: s.names(),
		Kinds: map[string]string{
			identities: "identity/*", texts + "pool/": "pool/*", texts + "phone-number/": "phone-number/*", texts + "sender-id/": "sender-id/*",
		}}
	for _, f := range functions {
		statements, err := s.file.Policy(f.ID)
		if err != nil {
			return err
		}
		policy, err := iam.Compile(statements)
		if err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
		g.Roles[accessKeyID(f.Name)] = iam.Role{Function: f.Name, Policy: policy}
	}
	if s.kmsURL, err = s.serve("127.0.0.1:0", g.KMS(s.KMS, s.KMS.ARN())); err != nil {
		return err
	}
	if s.MailURL, err = s.serve(o.MailAddr, g.SES(s.SES, iam.SESNames{Identity: identities, Set: sets}, s.SES)); err != nil {
		return err
	}
	if s.SMSURL, err = s.serve("127.0.0.1:0", g.SMS(s.SMS, texts+"configuration-set/", s.SMS)); err != nil {
		return err
	}
	arn := func(queue string) string { return "arn:local:" + path.Base(queue) } // as package template stands in for it
	if s.sqsURL, err = s.serve("127.0.0.1:0", g.SQS(s.SQS, arn)); err != nil {
		return err
	}
	named := func(bus string) string { return eventbridge.ARN(buses, bus) }
	if s.BusURL, err = s.serve("127.0.0.1:0", g.EventBridge(s.Bus, named)); err != nil {
		return err
	}
	if s.HooksURL, err = s.serve("127.0.0.1:0", s.Receiver); err != nil { // of the internet: no role is asked
		return err
	}
	target, err := url.Parse(s.endpoint)
	if err != nil {
		return fmt.Errorf("stack: the address of DynamoDB: %w", err)
	}
	s.guarded, err = s.serve("127.0.0.1:0", g.DynamoDB(s.forward(target), tables))
	return err
}

// recorder is for stacks of the repository's template: functions of another, such as those of this package's tests, have
// roles of their own, which prove nothing about the real ones.
func recorder(o Options) *iam.Recorder {
	if o.Template != filepath.Join(o.Root, "template.yaml") {
		return nil
	}
	return iam.ThisRun()
}

// names are what the template calls the things of this stack that have another name in every stack.
func (s *Stack) names() map[string]string {
	return map[string]string{
		tables + s.TableName: "Table.Arn", s.KMS.ARN(): "Key.Arn",
		identities + Sender: "identity/SenderAddress", Sender: "SenderAddress", origination: "SmsOrigination", s.TableName: "Table",
		texts + "configuration-set/" + textSet: "configuration-set/TextConfigurationSet",
		"arn:local:MailerRetries":              "MailerRetries.Arn", "arn:local:MailerFailures": "MailerFailures.Arn",
		"arn:local:OutgoingCalls": "OutgoingCalls.Arn", "arn:local:ProjectorFailures": "ProjectorFailures.Arn",
		sets + mailSet: "configuration-set/MailConfigurationSet", buses + bus: "EventBus",
	}
}

// forward hands requests on to target. A caller that was killed in the middle of one is nothing to write about.
func (s *Stack) forward(target *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				s.log().Warn("forwarding to DynamoDB", "error", err)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}
}
