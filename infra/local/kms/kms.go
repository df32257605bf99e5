// Package kms stands in for AWS KMS: one symmetric key behind the service's JSON protocol. Contexts bind as they do
// there, so a keyset wrapped for one purpose does not open for another. It checks no signature and no policy, keeps
// its key in a plain file, and may not be imported by anything that is deployed.
package kms

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// maxRequest bounds a request's body in bytes; the largest there can be is a ciphertext of 6144 bytes in base64.
const maxRequest = 64 << 10

// Fault decides whether an operation ("Decrypt") fails, and with which HTTP status. Zero lets it succeed.
type Fault func(operation string) (status int)

// KMS is an http.Handler with one key. It is safe for concurrent use.
type KMS struct {
	key *key

	mu    sync.Mutex
	calls map[string]int
	fault Fault
}

// New opens the key in the file at path, and makes both where there is none. An empty path makes a key that is gone
// with the process.
func New(path, region string) (*KMS, error) {
	k, err := openKey(path, region)
	if err != nil {
		return nil, err
	}
	return &KMS{key: k, calls: map[string]int{}}, nil
}

// ARN of the one key.
func (k *KMS) ARN() string { return k.key.arn }

// Calls counts the requests for each operation, failed ones included.
func (k *KMS) Calls() map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.calls)
}

// SetFault makes operations fail from now on; nil ends that.
func (k *KMS) SetFault(f Fault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fault = f
}

// ServeHTTP answers one request of the AWS JSON 1.1 protocol.
func (k *KMS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if r.Method != http.MethodPost || !ok {
		refuse(w, &failure{http.StatusBadRequest, "UnknownOperationException"})
		return
	}
	if status := k.count(operation); status != 0 {
		refuse(w, injected(status))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, &failure{http.StatusBadRequest, "SerializationException"})
		return
	}
	answer, failed := k.key.do(operation, body)
	if failed != nil {
		refuse(w, failed)
		return
	}
	write(w, http.StatusOK, answer)
}

// count notes the call and returns the status of an injected fault, or zero.
func (k *KMS) count(operation string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls[operation]++
	if k.fault == nil {
		return 0
	}
	return k.fault(operation)
}

// failure is one of the service's errors. It has no text: nothing of a request may come back in one.
type failure struct {
	status int
	kind   string
}

func injected(status int) *failure {
	if status == http.StatusTooManyRequests {
		return &failure{http.StatusBadRequest, "ThrottlingException"}
	}
	if status >= 500 {
		return &failure{status, "KMSInternalException"}
	}
	return &failure{status, "KMSInvalidStateException"}
}

func refuse(w http.ResponseWriter, f *failure) {
	w.Header().Set("X-Amzn-ErrorType", f.kind)
	write(w, f.status, map[string]string{"__type": f.kind, "message": f.kind})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-RequestId", uuid.NewString())
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
