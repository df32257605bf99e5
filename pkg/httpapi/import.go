package httpapi

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// maxImport is the size of a call with 1,000 of the longest lines.
const maxImport = 1 << 20

type importInput struct {
	OrganizationPath
	RawBody []byte
}

type importedShown struct {
	Line   int    `json:"line" doc:"Which of the body it is, from 1; blank lines and the header of CSV count."`
	User   string `json:"user,omitempty" doc:"Absent where the line names none that can be one."`
	Result string `json:"result" enum:"created,updated,unchanged,refused"`
	Code   string `json:"code,omitempty" doc:"Why it was refused, stable."`
	Field  string `json:"field,omitempty" doc:"Of the line: user, email, language or otpauth."`
	Detail string `json:"detail,omitempty"`
}

type importOutput struct {
	Body struct {
		Results   []importedShown `json:"results" doc:"One for each line, in their order."`
		Created   int             `json:"created"`
		Updated   int             `json:"updated"`
		Unchanged int             `json:"unchanged"`
		Refused   int             `json:"refused"`
	}
}

// languageTag is the form of a tag of BCP 47 (RFC 5646 §2.1), as far as anybody writes one. Whether there are texts in it is asked when a mail is written.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

var (
	errLanguageTag = fault.New(fault.Unprocessable, codeInvalidField, "A language is a tag of BCP 47, such as de or pt-BR.").At("language")
	errOtpauth     = fault.New(fault.Unprocessable, "invalid_otpauth", "This is not an otpauth:// URI with one secret in base32.").At("otpauth")
	errUnsupported = fault.New(fault.Unprocessable, "unsupported_authenticator", "Only authenticators with SHA-1, six digits and 30 seconds can be taken over, with no parameter besides.").At("otpauth")
	errSecretSize  = fault.New(fault.Unprocessable, "secret_size", "A secret has 128 to 512 bits.").At("otpauth")
)

func registerImport(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "import-users", Method: http.MethodPost, Path: "/v1/organizations/{organization}/imports", Rule: enroll.UsersRule(),
		Summary: "Register up to 1,000 users, each with its own result",
		Description: "A line is `{\"user\": …, \"email\": …, \"language\": …, \"otpauth\": …}` (application/x-ndjson), or a record of RFC 4180 (text/csv) below a header that names these columns in any order; no value holds a line break. `language` is optional, as with put-user. So is `otpauth`: the `otpauth://totp/…` URI of an authenticator app that the user has already, " +
			"with SHA-1, six digits, 30 seconds and at least 128 bits. It goes on giving codes, without an enrolment; there is no recovery email and no recovery code until the user sets them up. Only users who never had a second factor here may bring one, and only an administrator with `users:reset` may send such lines: otherwise the whole call is 403. " +
			"A known user gets the address, and the language, of the line, as with put-user. One bad line does not stop the others, and repeating the call changes nothing more. 503 and 409 `conflict` say that lines may be missing: send the same call again. " +
			"Codes of lines: `invalid_json`, `invalid_csv`, `invalid_utf8`, `unknown_field`, `duplicate_key`, `invalid_field`, `invalid_email`, `invalid_otpauth`, `unsupported_authenticator`, `secret_size`, `duplicate_line`, `user_deleted`, `already_enrolled`, `enrolled_before`, `not_available`, `method_not_allowed`, `user_limit_reached`.",
		Problems: []string{"no_lines", "too_many_lines", "unknown_field", "duplicate_key", "missing_field", "invalid_csv", "conflict"},
		MaxBody:  maxImport, Media: []string{mediaNDJSON, mediaCSV},
	}, func(ctx context.Context, c access.Caller, in *importInput) (*importOutput, error) {
		lines, err := readLines(exchangeOf(ctx).media, in.RawBody)
		if err != nil {
			return nil, err
		}
		results, err := s.Import(ctx, c, in.Organization, each(lines, line.wanted))
		if err != nil {
			return nil, err
		}
		return showImported(lines, results), nil
	})
}

// wanted is what a line asks for; what is wrong with its form is part of it.
func (l line) wanted() enroll.Line {
	w := enroll.Line{User: l.sent.User, Plants: l.sent.Otpauth != "", Malformed: l.err}
	if w.Malformed != nil {
		return w
	}
	var ok bool
	if w.Email, ok = user.Address(l.sent.Email); !ok {
		w.Malformed = errEmail
	}
	if !ValidID(l.sent.User) {
		w.Malformed = errUserID
	}
	if w.Language = l.sent.Language; w.Language != "" && (len(w.Language) > 35 || !languageTag.MatchString(w.Language)) {
		w.Malformed = errLanguageTag
	}
	if w.Malformed == nil && w.Plants {
		w.Secret, w.Malformed = secretOf(l.sent.Otpauth)
	}
	return w
}

func secretOf(uri string) ([]byte, error) {
	secret, err := factor.TOTPSecretOf(uri)
	switch {
	case errors.Is(err, factor.ErrUnsupported):
		return nil, errUnsupported
	case errors.Is(err, factor.ErrSecretSize):
		return nil, errSecretSize
	case err != nil:
		return nil, errOtpauth
	}
	return secret, nil
}

func showImported(lines []line, results []enroll.Imported) *importOutput {
	out := &importOutput{}
	body := &out.Body
	body.Results = make([]importedShown, len(results))
	for i, r := range results {
		shown := importedShown{Line: lines[i].number, Result: string(r.Outcome)}
		if ValidID(lines[i].sent.User) {
			shown.User = lines[i].sent.User
		}
		switch r.Outcome {
		case enroll.Created:
			body.Created++
		case enroll.Updated:
			body.Updated++
		case enroll.Unchanged:
			body.Unchanged++
		default:
			body.Refused++
			why := fault.As(r.Err)
			shown.Code, shown.Field, shown.Detail = why.Code, why.Field, why.Message
		}
		body.Results[i] = shown
	}
	return out
}
