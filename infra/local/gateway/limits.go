package gateway

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits of an HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const (
	maxBody            = 10 << 20 // bytes of a request's body
	maxHeader          = 10_240   // "total combined size of request line and header values", in bytes
	integrationTimeout = 30 * time.Second
)

// read returns the request's body, or the status with which a request above the limits is refused.
func read(w http.ResponseWriter, r *http.Request) (body []byte, refused int) {
	if headerSize(r) > maxHeader {
		// Seen at an API Gateway: backbencher.dev, "431 status code with request header fields too large".
		return nil, http.StatusRequestHeaderFieldsTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, http.StatusRequestEntityTooLarge
	} else if err != nil {
		return nil, http.StatusBadRequest
	}
	return body, 0
}

// headerSize is what the quota counts: the request line without its end, and the values of all headers. net/http has
// taken Host and Transfer-Encoding out of the map.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(" ") + len(r.RequestURI) + len(" ") + len(r.Proto) + len(r.Host) + len(strings.Join(r.TransferEncoding, ", "))
	for _, values := range r.Header {
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}
