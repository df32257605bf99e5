package httpapi

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/access"
)

// openAPI is the document of all functions, as generated from their operations. A test fails when it is out of date.
//
//go:embed openapi.json
var openAPI []byte

// rawJSON is a body that is JSON already.
type rawJSON []byte

// MarshalJSON gives the text as it is.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// Schema documents it as any object.
func (rawJSON) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeObject} }

type documentOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         rawJSON
}

func registerDocument(api *API) {
	Register(api, Operation{
		ID: "get-openapi", Method: http.MethodGet, Path: "/openapi.json", Public: true,
		Summary: "This document",
	}, func(context.Context, access.Caller, *struct{}) (*documentOutput, error) {
		return &documentOutput{CacheControl: "public, max-age=300", Body: openAPI}, nil
	})
}
