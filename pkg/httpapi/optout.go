package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
)

// OptOutPath is the part of a path that stands in the mail's List-Unsubscribe.
type OptOutPath struct {
	Token string `path:"token" maxLength:"512" pattern:"^[A-Za-z0-9_-]+$" doc:"As the mail has it."`
}

// pageOutput is a page for people.
type pageOutput struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Referrer    string `header:"Referrer-Policy"`
	Frames      string `header:"X-Frame-Options"`
	Robots      string `header:"X-Robots-Tag"`
	Body        []byte
}

const mediaHTML = "text/html"

type announcementsInput struct {
	SubjectPath
	Body struct {
		Wanted bool `json:"wanted" doc:"false: the user gets no announcements, nor reminders; codes and notices go on."`
	}
}

func registerOptOut(api *API, s *enroll.Service) {
	const path = "/v1/announcements/opt-outs/{token}"
	pages := "A page for people, in every case but a broken path, a wrong method or an outage. A token of nobody, of a user who was deleted or registered anew, is 404 with one and the same page."
	Register(api, Operation{
		ID: "get-opt-out", Method: http.MethodGet, Path: path, Public: true, Page: true,
		Summary: "Where a mail leads who wants no more announcements", Description: "It changes nothing: programs follow links too. " + pages,
	}, func(ctx context.Context, _ access.Caller, in *OptOutPath) (*pageOutput, error) {
		out, err := s.OptedOut(ctx, in.Token)
		return page(optOutPage{Out: out}, err)
	})
	Register(api, Operation{
		ID: "post-opt-out", Method: http.MethodPost, Path: path, Public: true, Page: true,
		Summary: "No more announcements", Description: "One click of a mail program (RFC 8058), or of the page's button. The post itself says all: any body or none will do, and none is read. Repeating it changes nothing. " + pages,
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *OptOutPath) (*pageOutput, error) {
		return page(optOutPage{Out: true}, s.OptOut(ctx, c, in.Token))
	})
	Register(api, Operation{
		ID: "put-announcements", Method: http.MethodPut, Path: "/v1/organizations/{organization}/users/{user}/announcements", Rule: enroll.Rule(),
		Summary:     "Whether a user wants announcements",
		Description: "The user's own wish, for the application to pass on; it takes back what a link in a mail did. Saying what stands changes nothing.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *announcementsInput) (*userOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		u, err := s.SetAnnouncements(ctx, c, of, in.Body.Wanted)
		if err != nil {
			return nil, err
		}
		return &userOutput{Body: showUser(u)}, nil
	})
}

// optOutPage is what a page shows.
type optOutPage struct {
	Out     bool
	Unknown bool
}

// page is the answer to somebody in front of a browser. Nothing of the request stands on it.
func page(p optOutPage, err error) (*pageOutput, error) {
	out := &pageOutput{
		Status: http.StatusOK, ContentType: mediaHTML + "; charset=utf-8", Referrer: "no-referrer", Frames: "DENY", Robots: "noindex",
		Policy: "default-src 'none'; style-src '" + optOutStyleHash + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	}
	switch {
	case errors.Is(err, access.ErrNotFound):
		out.Status, p = http.StatusNotFound, optOutPage{Unknown: true}
	case err != nil:
		return nil, err
	}
	var text bytes.Buffer
	if err := optOutText.Execute(&text, p); err != nil {
		return nil, fmt.Errorf("httpapi: a page cannot be written: %w", err)
	}
	out.Body = text.Bytes()
	return out, nil
}

// optOutStyle is all that the page loads, and stands in it: its hash in the policy lets this style in and no other (CSP3 §2.3.1).
const optOutStyle = `:root{color-scheme:light dark}body{margin:0;font:1rem/1.5 system-ui,sans-serif}main{max-width:34rem;margin:0 auto;padding:2rem 1.25rem}` +
	`h1{font-size:1.5rem;line-height:1.25}button{font:inherit;padding:.6rem 1.2rem;border:1px solid;border-radius:.4rem;cursor:pointer}`

var optOutStyleHash = func() string {
	sum := sha256.Sum256([]byte(optOutStyle))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}()

// optOutText is English alone until the pages for people are (issue 9): the mail program's own button shows none of it.
var optOutText = template.Must(template.New("opt-out").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Announcements</title><style>` + optOutStyle + `</style></head>
<body>
<main>
{{- if .Unknown}}
<h1>This link is not valid</h1>
<p>It may be incomplete, or belong to an account that is no more.</p>
{{- else if .Out}}
<h1>You get no more announcements</h1>
<p>Set-up instructions and reminders about two-factor authentication are not sent to you any more. Codes that you ask for and notices about your account still are.</p>
<p>Where your organisation requires two-factor authentication, it goes on doing so, and nobody reminds you before your time ends. To get announcements again, ask where you sign in.</p>
{{- else}}
<h1>No more announcements?</h1>
<p>Set-up instructions and reminders about two-factor authentication will not be sent to you any more. Codes that you ask for and notices about your account still will.</p>
<p>Where your organisation requires two-factor authentication, it goes on doing so, and nobody reminds you before your time ends.</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">No more announcements</button></form>
{{- end}}
</main>
</body>
</html>
`))
