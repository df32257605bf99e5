package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/sender"
)

type putSenderInput struct {
	OrganizationPath
	Body struct {
		Domain string `json:"domain" minLength:"3" maxLength:"253" doc:"A domain of the organisation's own, or one below it. Other letters than ASCII are written in their ASCII form (IDNA)."`
		From   string `json:"from,omitempty" maxLength:"64" doc:"What stands before the @ of the address; no-reply where absent."`
		Name   string `json:"name,omitempty" maxLength:"64" doc:"Shown beside the address; the organisation's name where absent."`
	}
}

type senderShown struct {
	Domain         string        `json:"domain"`
	Address        string        `json:"address" doc:"Where mail comes from once the domain is verified."`
	Name           string        `json:"name,omitempty"`
	Status         string        `json:"status" enum:"pending,verified,failed,lost" doc:"pending: the DNS records were not seen yet. verified: mail comes from this domain. failed: the records were not seen in time; put the domain again. lost: it was verified, and is not any more."`
	Entitled       bool          `json:"entitled" doc:"False: the system administrator has withdrawn it, and mail comes from the system's sender whatever the status."`
	ClaimedAt      time.Time     `json:"claimed_at"`
	VerifiedAt     *time.Time    `json:"verified_at,omitempty"`
	LostAt         *time.Time    `json:"lost_at,omitempty"`
	FallsBackSince *time.Time    `json:"falls_back_since,omitempty" doc:"Since then mail comes from the system's sender, although a domain of yours was verified once."`
	Records        []recordShown `json:"records" doc:"For your DNS. They stay while the domain is in use."`
}

type recordShown struct {
	Type     string `json:"type" enum:"CNAME,TXT"`
	Name     string `json:"name"`
	Value    string `json:"value"`
	Required bool   `json:"required" doc:"Without it the domain is not verified. Others are suggestions: keep what you have, and extend it."`
	Purpose  string `json:"purpose" enum:"dkim,dmarc,spf"`
}

type senderOutput struct{ Body senderShown }

func registerSender(api *API, s *sender.Service) {
	const path = "/v1/organizations/{organization}/sender"
	Register(api, Operation{
		ID: "put-sender", Method: http.MethodPut, Path: path, Rule: sender.PutRule,
		Summary: "Have mail come from a domain of the organisation's own",
		Description: "Claims the domain and answers with the DNS records that verify it. Mail comes from it once it is verified, and from the system's sender until then, and whenever it is not any more. " +
			"Repeating it changes nothing; where the verification has failed it begins anew. Another domain replaces the present one at once.",
		Problems: []string{"not_available", "invalid_domain", "domain_reserved", "domain_taken", "invalid_from", "invalid_name", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *putSenderInput) (*senderOutput, error) {
		v, err := s.Put(ctx, c, in.Organization, sender.Put{Domain: in.Body.Domain, From: in.Body.From, Name: in.Body.Name})
		return &senderOutput{Body: showSender(v)}, err
	})
	Register(api, Operation{
		ID: "get-sender", Method: http.MethodGet, Path: path, Rule: sender.ReadRule,
		Summary:     "The organisation's own sender, with its DNS records and status",
		Description: "The mail provider is asked, and what it says is remembered from then on. 404 where the organisation has no domain.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*senderOutput, error) {
		v, err := s.Look(ctx, c, in.Organization)
		return &senderOutput{Body: showSender(v)}, err
	})
	Register(api, Operation{
		ID: "delete-sender", Method: http.MethodDelete, Path: path, Rule: sender.RemoveRule,
		Summary:     "Have mail come from the system's sender again",
		Description: "Releases the domain: remove its DNS records. For 30 days nobody but this organisation can claim one that was verified.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*struct{}, error) {
		return nil, s.Remove(ctx, c, in.Organization)
	})
}

func showSender(v sender.View) senderShown {
	o := v.Sender
	shown := senderShown{
		Domain: o.Domain, Address: o.Address(), Name: o.Name, Status: string(o.State), Entitled: v.Entitled,
		ClaimedAt: o.ClaimedAt.UTC().Truncate(time.Second), VerifiedAt: moment(o.VerifiedAt), LostAt: moment(o.LostAt),
		FallsBackSince: moment(o.FallsBackSince), Records: make([]recordShown, len(v.Records)),
	}
	for i, r := range v.Records {
		shown.Records[i] = recordShown(r)
	}
	return shown
}
