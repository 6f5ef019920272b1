package container

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/netip"
	"time"
)

// certifier certifies keys for the length of a run. It protects transport
// only: what is sent is judged by the keys of the manifest.
type certifier struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
	pem  []byte
	last int64
}

// lifetime is how long certificates hold; a topology that is kept for work by
// hand stays for a while.
const lifetime = 14 * 24 * time.Hour

// slack is how far a machine's clock may be behind ours.
const slack = time.Hour

func newCertifier(name string) (*certifier, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-slack), NotAfter: now.Add(lifetime),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, MaxPathLenZero: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}
	c := &certifier{key: key, last: 1, pem: block("CERTIFICATE", raw)}
	c.cert, err = x509.ParseCertificate(raw)
	return c, err
}

// pair is a certificate with its key.
type pair struct{ cert, key []byte }

// certify makes a key for a server of these names and addresses, or without
// any for a client.
func (c *certifier) certify(name string, hosts []string, addresses []netip.Addr) (pair, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return pair{}, err
	}
	c.last++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(c.last), Subject: pkix.Name{CommonName: name}, NotBefore: c.cert.NotBefore, NotAfter: c.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if len(hosts)+len(addresses) > 0 {
		template.ExtKeyUsage, template.DNSNames = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, hosts
	}
	for _, a := range addresses {
		template.IPAddresses = append(template.IPAddresses, a.AsSlice())
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, c.cert, public, c.key)
	if err != nil {
		return pair{}, fmt.Errorf("certificate of %s: %w", name, err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, err
	}
	return pair{cert: block("CERTIFICATE", raw), key: block("PRIVATE KEY", secret)}, nil
}

func block(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}

func (p pair) tls() (tls.Certificate, error) { return tls.X509KeyPair(p.cert, p.key) }

// pool trusts what c certifies.
func (c *certifier) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return pool
}
