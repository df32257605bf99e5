package outbound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"time"
)

var (
	over = certificate(time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	live = certificate(time.Now().Add(-2*time.Hour), time.Now().Add(2*time.Hour))
)

// certificate is a self-signed one for hooks.example.com.
func certificate(from, until time.Time) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until, DNSNames: []string{"hooks.example.com"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func pool(c tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	if one, err := x509.ParseCertificate(c.Certificate[0]); err == nil {
		p.AddCert(one)
	}
	return p
}
