// Package httpapi is the HTTP surface that all functions share: routing, the
// parsing of keys, strict reading of JSON, validation, RFC 9457 problems and the
// OpenAPI document. An operation is declared once, with Register, and both the
// route and its documentation come from that declaration.
//
// What callers may rely on:
//
//   - A request is judged in a fixed order: route (404), method (405), key (401),
//     media type (415), size (413), parameters and JSON (400), validation (422). So
//     whoever has no key learns nothing about bodies.
//     A page for people (optout.go) looks at neither query nor body, which whatever opens a link may add to.
//     An operation that takes lines instead of JSON reads them itself: what is wrong with one of them is its result.
//   - No answer and no log line repeats a value that was refused. Names of fields
//     are repeated where the API itself defines them, or where an unknown one is at
//     most 64 characters of [A-Za-z0-9_.-].
//   - Every error is a problem with a stable code; a cause is logged, never answered. Where a person's browser or mail program asks
//     (optout.go), what the operation itself refuses is a page instead.
//   - An answer is written as a whole or not at all: a panic half-way is a clean 500.
//
// The package judges the form of a request only. Whether a key exists and may do
// what it asks is for the services to decide, with the stored key. It may import
// the workflows, fault and access, but no AWS package and no other adapter: what
// the API Gateway knows about a request comes in through Options.
package httpapi
