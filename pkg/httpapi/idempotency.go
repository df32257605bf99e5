package httpapi

import "github.com/danielgtaylor/huma/v2"

// IdempotencyKey is the optional header of a change (design §6): 1 to 128 visible
// ASCII characters. Use it as a field of an input:
//
//	Key httpapi.IdempotencyKey `header:"Idempotency-Key"`
//
// It is empty where the caller sent none; one that was sent is never empty.
type IdempotencyKey string

// Schema documents and validates the header.
func (IdempotencyKey) Schema(huma.Registry) *huma.Schema {
	least, most := 1, 128
	return &huma.Schema{
		Type: huma.TypeString, MinLength: &least, MaxLength: &most, Pattern: "^[!-~]+$",
		Description: "Makes a retry safe: the same key with the same body within 10 minutes has the same result; with another body it is refused.",
	}
}
