// Package faults lies between an SDK client and its service and makes single calls fail, in every way that AWS documents
// and TCP allows: before or after the service carried them out, refused, slow, late, or cut off in the middle of the
// answer. It knows the protocol of DynamoDB and KMS, but nothing of what the product stores there. It is for tests and
// may not be imported by anything that is deployed.
package faults

import (
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is what becomes of one call. The SDK tries a call several times: First are what its tries meet in order, Then is
// what every further one meets. A nil reaction lets the try pass unharmed.
type Fault struct {
	Name  string
	First []Reaction
	Then  Reaction
}

// Reaction is what one try meets instead of the service's own answer.
type Reaction func(*Try) (*smithyhttp.Response, error)

// Once is a fault of the first try: what the SDK repeats by itself, passes.
func Once(name string, r Reaction) Fault { return Fault{Name: name, First: []Reaction{r}} }

// Always is a fault of every try: whatever the SDK repeats, the caller hears of it.
func Always(name string, r Reaction) Fault { return Fault{Name: name, Then: r} }

// Sequence is a fault of the first tries, in order.
func Sequence(name string, r ...Reaction) Fault { return Fault{Name: name, First: r} }

// at is the reaction to the n-th try, counted from 0.
func (f Fault) at(n int) Reaction {
	if n < len(f.First) {
		return f.First[n]
	}
	return f.Then
}
