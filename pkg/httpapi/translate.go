package httpapi

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const (
	codeInvalidField = "invalid_field"
	codeMissingField = "missing_field"
	detailMissing    = "This field is required."
	detailDefault    = "This value does not have the form that is required here."
	maxFlaws         = 20
)

// wordings gives fixed words for huma's messages, by how they begin. Those that
// are not here may hold a part of the value (such as a parser's complaint about an
// address), so they get the default.
func wordings() [][2]string {
	return [][2]string{
		{"expected boolean", "A boolean is expected here."},
		{"expected integer", "A whole number is expected here."},
		{"invalid integer", "A whole number is expected here."},
		{"expected number >", "This number is too small."},
		{"expected number <", "This number is too large."},
		{"expected number", "A number is expected here."},
		{"expected string to be", detailDefault},
		{"expected string to match", detailDefault},
		{"expected string", "A string is expected here."},
		{"expected array length >", "This list is too short."},
		{"expected array length <", "This list is too long."},
		{"expected array items to be unique", "This list holds something twice."},
		{"expected array", "A list is expected here."},
		{"expected object", "An object is expected here."},
		{"expected length >", "This value is too short."},
		{"expected length <", "This value is too long."},
		{"expected value to be one of", "This value is not one of those allowed here."},
	}
}

// translate turns huma's complaints into a problem without a word of theirs.
func translate(status int, errs []error) *Problem {
	if status >= http.StatusInternalServerError {
		return internalProblem()
	}
	flaws := make([]Flaw, 0, len(errs))
	for _, err := range errs {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			flaws = append(flaws, flawOf(detail))
		}
	}
	return flawed(flaws)
}

// flawed is the 422 of one or more flaws, in the order of their fields.
func flawed(flaws []Flaw) *Problem {
	slices.SortStableFunc(flaws, func(a, b Flaw) int { return cmp.Compare(a.Field, b.Field) })
	switch len(flaws) {
	case 0:
		return refusal(http.StatusUnprocessableEntity, codeInvalidField, "The request is not valid.")
	case 1:
		return refusal(http.StatusUnprocessableEntity, flaws[0].Code, flaws[0].Detail).at(flaws[0].Field)
	}
	code := codeInvalidField
	if !slices.ContainsFunc(flaws, func(f Flaw) bool { return f.Code != codeMissingField }) {
		code = codeMissingField
	}
	p := refusal(http.StatusUnprocessableEntity, code, "Several fields are not valid; see errors.")
	p.Errors = flaws[:min(len(flaws), maxFlaws)]
	return p
}

// flawOf rewords one complaint. The names in it come from the schema, or have
// been found presentable by scan.
func flawOf(detail *huma.ErrorDetail) Flaw {
	location := detail.Location
	if field, isBody := strings.CutPrefix(location, "body."); isBody {
		location = field
	}
	if strings.HasSuffix(detail.Message, "parameter is missing") {
		return Flaw{Field: location, Code: codeMissingField, Detail: detailMissing}
	}
	if name, isMissing := missingProperty(detail.Message); isMissing {
		if location == "body" {
			location = ""
		}
		return Flaw{Field: join(location, name), Code: codeMissingField, Detail: detailMissing}
	}
	for _, w := range wordings() {
		if strings.HasPrefix(detail.Message, w[0]) {
			return Flaw{Field: location, Code: codeInvalidField, Detail: w[1]}
		}
	}
	return Flaw{Field: location, Code: codeInvalidField, Detail: detailDefault}
}

// missingProperty finds the name, one of the schema's, in huma's messages
// "expected [required] property <name> to be present…".
func missingProperty(message string) (string, bool) {
	rest, ok := strings.CutPrefix(message, "expected required property ")
	if !ok {
		rest, ok = strings.CutPrefix(message, "expected property ")
	}
	name, _, found := strings.Cut(rest, " to be present")
	return name, ok && found
}
