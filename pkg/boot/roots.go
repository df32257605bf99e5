package boot

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
)

// bundle is the file of roots of Lambda's provided.al2023; elsewhere the system's roots are read as usual.
const bundle = "/etc/pki/tls/certs/ca-bundle.crt"

// names stand in the roots that AWS's services chain up to, and in few others:
// https://www.amazontrust.com/repository/
var names = [][]byte{[]byte("Amazon"), []byte("Starfield")}

// amazonRoots are those of the system's roots that bear one of the names; nil, which stands for the system's roots, where there are
// none. Parsing all of the system's would be most of what a first connection costs.
func amazonRoots() *x509.CertPool {
	file := os.Getenv("SSL_CERT_FILE") // as crypto/x509 has it
	if file == "" {
		file = bundle
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return namedRoots(text)
}

func namedRoots(text []byte) *x509.CertPool {
	var pool *x509.CertPool
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" || !named(block.Bytes) {
			continue
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue // as crypto/x509 does with what it does not understand
		}
		if pool == nil {
			pool = x509.NewCertPool()
		}
		pool.AddCert(root)
	}
	return pool
}

func named(certificate []byte) bool {
	for _, name := range names {
		if bytes.Contains(certificate, name) {
			return true
		}
	}
	return false
}
