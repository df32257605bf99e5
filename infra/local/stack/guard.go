package stack

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"twofold/infra/local/iam"
)

const (
	account = "000000000000"
	tables  = "arn:aws:dynamodb:" + region + ":" + account + ":table/"
)

// accessKeyID tells the services which function calls. DynamoDB Local wants letters and digits.
func accessKeyID(function string) string { return "local" + function }

// guard puts the roles of the template before the services: a function may do here what it may do on AWS.
func (s *Stack) guard(o Options) error {
	functions, err := s.file.Functions()
	if err != nil {
		return err
	}
	g := &iam.Guard{Policies: map[string]iam.Policy{}, Log: s.log()}
	for _, f := range functions {
		statements, err := s.file.Policy(f.ID)
		if err != nil {
			return err
		}
		if g.Policies[accessKeyID(f.Name)], err = iam.Compile(statements); err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
	}
	if s.kmsURL, err = s.serve("127.0.0.1:0", g.KMS(s.KMS, s.KMS.ARN())); err != nil {
		return err
	}
	identity := "arn:aws:ses:" + region + ":" + account + ":identity/" + Sender
	if s.MailURL, err = s.serve(o.MailAddr, g.SES(s.SES, identity)); err != nil {
		return err
	}
	target, err := url.Parse(s.endpoint)
	if err != nil {
		return fmt.Errorf("stack: the address of DynamoDB: %w", err)
	}
	s.guarded, err = s.serve("127.0.0.1:0", g.DynamoDB(s.forward(target), tables))
	return err
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
