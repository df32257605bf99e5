package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

const (
	mediaJSON = "application/json"
	mediaRaw  = "application/octet-stream" // which huma takes a RawBody for
)

// body reads the request's body, where the operation has one: 415, 413, 400 in that
// order. Where it has none, one that was sent is refused: whoever sends it means something that would not happen.
func (t *route) body(r *http.Request) ([]byte, *Problem) {
	declared := t.documented.RequestBody
	if declared == nil {
		return nil, none(r)
	}
	sent := r.ContentLength != 0 || len(r.Header.Values("Content-Type")) > 0
	if !declared.Required && !sent {
		return nil, nil
	}
	allowed := t.Media
	if len(allowed) == 0 {
		allowed = []string{mediaJSON}
	}
	media := sentAs(r.Header)
	if !slices.Contains(allowed, media) {
		return nil, refusal(http.StatusUnsupportedMediaType, "unsupported_media_type",
			"The body must be sent as "+strings.Join(allowed, " or ")+", in UTF-8 and not compressed.")
	}
	exchangeOf(r.Context()).media = media
	tooLarge := refusal(http.StatusRequestEntityTooLarge, "body_too_large", "The body is larger than this operation allows.")
	if r.ContentLength > t.MaxBody {
		return nil, tooLarge
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, t.MaxBody+1))
	switch {
	case err != nil:
		return nil, refusal(http.StatusBadRequest, "body_unreadable", "The body could not be read to its end.")
	case int64(len(body)) > t.MaxBody:
		return nil, tooLarge
	case len(body) == 0 && declared.Required:
		return nil, refusal(http.StatusBadRequest, "missing_body", "This operation needs a body.")
	}
	return body, nil
}

// none refuses a body of a single byte. A Content-Length of zero and a Content-Type without a body are no body.
func none(r *http.Request) *Problem {
	if r.Body == nil || r.ContentLength == 0 {
		return nil
	}
	if n, err := io.ReadFull(r.Body, make([]byte, 1)); n == 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return refusal(http.StatusBadRequest, "unexpected_body", "This operation has no body.").at("body")
}

// sentAs is the media type of a body, named once, with no charset but UTF-8 (RFC 8259 §8.1 allows JSON no other), and not
// compressed; otherwise empty.
func sentAs(h http.Header) string {
	types := h.Values("Content-Type")
	if len(types) != 1 {
		return ""
	}
	for _, coding := range h.Values("Content-Encoding") {
		if !strings.EqualFold(coding, "identity") {
			return ""
		}
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil {
		return ""
	}
	for name, value := range params {
		if name == "charset" && !strings.EqualFold(value, "utf-8") {
			return ""
		}
	}
	return media
}
