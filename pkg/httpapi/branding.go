package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/access"
	"twofold/pkg/branding"
	"twofold/pkg/org"
	"twofold/pkg/words"
)

// language is one that there are texts in; its schema lists them.
type language string

// Schema lists the languages.
func (language) Schema(huma.Registry) *huma.Schema { return enumerated(words.Languages()) }

// textName is a text that an organisation may have in words of its own; its schema lists them.
type textName string

// Schema lists the texts.
func (textName) Schema(huma.Registry) *huma.Schema { return enumerated(words.Replaceable()) }

func enumerated[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

type ownText struct {
	Language language `json:"language"`
	Text     textName `json:"text" doc:"Which one it takes the place of."`
	Words    string   `json:"words" minLength:"1" maxLength:"400" doc:"One paragraph of plain text, without < and >, and without an address of the web or of mail. {organization} stands for the name, and in announcements {until} for the end of the grace."`
}

type putBrandingInput struct {
	OrganizationPath
	IfMatch version `header:"If-Match" pattern:"^\"(0|[1-9][0-9]{0,9})\"$" doc:"Required: the ETag of the branding that this was made from, \"0\" before anybody has said anything."`
	Body    struct {
		Name     string    `json:"name,omitempty" maxLength:"64" doc:"Shown in mail, in SMS and on pages; the organisation's name where absent."`
		Language language  `json:"language,omitempty" doc:"Of mail to users whose own language is not known, and to administrators; English where absent."`
		Color    string    `json:"color,omitempty" pattern:"^#[0-9a-f]{6}$" doc:"Of buttons and links on pages, made darker or lighter where they could not be read; ours where absent."`
		Logo     string    `json:"logo,omitempty" maxLength:"43692" doc:"Base64 of a PNG or JPEG of at most 32 KiB with 8 to 512 pixels a side; none where absent. It travels with every mail: a few KiB do."`
		Texts    []ownText `json:"texts,omitempty" maxItems:"150"`
	}
}

type replaceableShown struct {
	Text         string   `json:"text"`
	Words        string   `json:"words,omitempty" doc:"As they are without words of your own, in the organisation's language. Absent: none."`
	Placeholders []string `json:"placeholders" doc:"May stand in braces in words of your own."`
}

type brandingShown struct {
	Name        string             `json:"name,omitempty"`
	Language    language           `json:"language,omitempty"`
	Color       string             `json:"color,omitempty"`
	Logo        string             `json:"logo,omitempty" doc:"Base64."`
	LogoType    string             `json:"logo_type,omitempty" enum:"image/png,image/jpeg"`
	Texts       []ownText          `json:"texts" doc:"By language and name."`
	Replaceable []replaceableShown `json:"replaceable" doc:"The texts that may be in words of your own. All others, among them what a code is for and how long it is good, are the same for everybody."`
	ChangedAt   *time.Time         `json:"changed_at,omitempty" doc:"Absent: nobody has said anything."`
	ChangedBy   string             `json:"changed_by,omitempty"`
}

type brandingOutput struct {
	ETag string `header:"ETag" doc:"The version, in quotes; \"0\" before anybody has said anything."`
	Body brandingShown
}

func registerBranding(api *API, s *branding.Service) {
	const path = "/v1/organizations/{organization}/branding"
	Register(api, Operation{
		ID: "get-branding", Method: http.MethodGet, Path: path, Rule: branding.ReadRule,
		Summary: "How mail to the organisation's users looks and reads, and how pages look",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*brandingOutput, error) {
		b, err := s.Get(ctx, c, in.Organization)
		if err != nil {
			return nil, err
		}
		return showBranding(b), nil
	})
	Register(api, Operation{
		ID: "put-branding", Method: http.MethodPut, Path: path, Rule: branding.PutRule,
		Summary: "Change the name, language, color, logo and words of the organisation's mail and pages",
		Description: "It says all of it: what is left out has its default, not the present value. The next mail and the next page follow it. All administrators are told. Saying what stands changes nothing, whatever If-Match says. " +
			"412 `branding_moved`: it has changed since it was read.",
		Problems: []string{"version_required", "branding_moved", "invalid_name", "invalid_language", "invalid_color", "invalid_logo", "invalid_text", "conflict"},
		MaxBody:  512 << 10,
	}, func(ctx context.Context, c access.Caller, in *putBrandingInput) (*brandingOutput, error) {
		base, err := in.IfMatch.base()
		if err != nil {
			return nil, err
		}
		logo, err := base64.StdEncoding.Strict().DecodeString(in.Body.Logo)
		if err != nil || strings.ContainsAny(in.Body.Logo, "\r\n") {
			return nil, branding.ErrLogo
		}
		w := branding.Wanted{Name: in.Body.Name, Language: string(in.Body.Language), Color: in.Body.Color, Logo: logo}
		for _, t := range in.Body.Texts {
			w.Texts = append(w.Texts, branding.Text{Language: string(t.Language), Name: string(t.Text), Words: t.Words})
		}
		b, err := s.Put(ctx, c, in.Organization, w, base)
		if err != nil {
			return nil, err
		}
		return showBranding(b), nil
	})
}

func showBranding(b org.Branding) *brandingOutput {
	shown := brandingShown{
		Name: b.Name, Language: language(b.Language), Color: b.Color, Texts: []ownText{}, ChangedAt: moment(b.ChangedAt), ChangedBy: b.ChangedBy,
		Replaceable: replaceable(words.Language(cmp.Or(b.Language, string(words.English)))),
	}
	if b.Logo != nil {
		shown.Logo, shown.LogoType = base64.StdEncoding.EncodeToString(b.Logo.Data), b.Logo.Type
	}
	for _, key := range slices.Sorted(maps.Keys(b.Texts)) {
		l, name, _ := strings.Cut(key, "/")
		shown.Texts = append(shown.Texts, ownText{language(l), textName(name), b.Texts[key]})
	}
	return &brandingOutput{ETag: tag(b.Rev), Body: shown}
}

func replaceable(l words.Language) []replaceableShown {
	var all []replaceableShown
	in := words.In(l)
	for _, name := range words.Replaceable() {
		shown := replaceableShown{Text: name, Placeholders: words.Placeholders(name)}
		if in.Has(name) {
			shown.Words = in.Say(name)
		}
		all = append(all, shown)
	}
	return all
}
