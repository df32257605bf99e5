package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// leastCompressed is a length below which compression costs more than it saves, in bytes.
const leastCompressed = 512

// compressed gives the content as the browser takes it, and says so in the headers.
func compressed(w http.ResponseWriter, r *http.Request, content []byte) []byte {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(content) < leastCompressed || !acceptsGzip(r) {
		return content
	}
	w.Header().Set("Content-Encoding", "gzip")
	return zipped(content)
}

// writers compress, and are used again: each has tables of most of a megabyte.
var writers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zipped compresses. Writing to memory does not fail.
func zipped(content []byte) []byte {
	var out bytes.Buffer
	z := writers.Get().(*gzip.Writer)
	defer writers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(content)
	_ = z.Close()
	return out.Bytes()
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3) as narrowly as will do: gzip must be named, and not with a weight of nought.
func acceptsGzip(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(header, ",") {
			name, weight, _ := strings.Cut(coding, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				_, q, weighted := strings.Cut(weight, "=")
				return !weighted || strings.Trim(strings.TrimSpace(q), "0.") != ""
			}
		}
	}
	return false
}
