package httpapi

import (
	"errors"

	"github.com/go-json-experiment/json"
)

// readJWKS reads the public key set that the signer publishes. A private part cannot pass: there is no field for it.
func readJWKS(public []byte) ([]jwk, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(public, &set); err != nil || len(set.Keys) == 0 {
		return nil, errors.New("httpapi: no public keys to publish")
	}
	return set.Keys, nil
}
