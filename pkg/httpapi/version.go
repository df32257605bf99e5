package httpapi

import (
	"strconv"

	"twofold/pkg/fault"
)

// version is an entity tag of a versioned resource: its version, in quotes (RFC 9110 §8.8.3).
type version string

var errVersion = fault.New(fault.PreconditionRequired, "version_required",
	"Say which version this was made from: If-Match with the ETag that you read.").At("header.If-Match")

// base is the version that a request was made from. One that says none is refused: it would overwrite what its
// sender has not seen.
func (v version) base() (int64, error) {
	text, err := strconv.Unquote(string(v))
	if err != nil {
		return 0, errVersion
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errVersion
	}
	return n, nil
}

// tag is the entity tag of a version.
func tag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }
