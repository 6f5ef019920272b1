package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"path"
	"slices"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/reading"
)

// The weak rule of tokens: the header is read, and what it says of algorithm
// and key is believed (RFC 8725 §2.1, §2.10 and §2.11 list what came of it).
// Of a member that is there twice the last one counts.

// tokenHeader is what such a service reads of a header (RFC 7515 §4.1).
type tokenHeader struct {
	Algorithm string    `json:"alg,omitempty" limit:"64"`
	KeySet    string    `json:"jku,omitempty" limit:"1024"`
	Key       *tokenKey `json:"jwk,omitzero"`
	KeyID     string    `json:"kid,omitempty" limit:"256"`
}

// tokenKey is an Ed25519 key as RFC 8037 writes it.
type tokenKey struct {
	Curve string `json:"crv" limit:"16"`
	Type  string `json:"kty" limit:"16"`
	X     string `json:"x" limit:"64"`
}

// keySet is what a URL in a header leads to (RFC 7517 §5).
type keySet struct {
	Keys []tokenKey `json:"keys" limit:"8"`
}

// believed gives the claims of a token that holds by what it says of itself.
func (s *Service) believed(token string) (message.Claims, bool) {
	var none message.Claims
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return none, false
	}
	loose := base64.RawURLEncoding
	head, err := loose.DecodeString(parts[0])
	if err != nil {
		return none, false
	}
	payload, err := loose.DecodeString(parts[1])
	if err != nil {
		return none, false
	}
	var signature []byte
	if len(parts) > 2 {
		signature, _ = loose.DecodeString(parts[2])
	}
	h, ok := reading.Lenient[tokenHeader](head, codec.Limits{Size: 4096})
	if !ok || !s.attested(h, []byte(parts[0]+"."+parts[1]), signature) {
		return none, false
	}
	return reading.Lenient[message.Claims](payload, codec.Limits{Size: maxClaims})
}

// attested checks a signature in the way that the header asks for.
func (s *Service) attested(h tokenHeader, text, signature []byte) bool {
	switch strings.ToLower(h.Algorithm) {
	case "", "none": // RFC 7518 §3.6
		return true
	case "hs256": // the public key serves as a shared one
		return slices.ContainsFunc(s.shared(h.KeyID), func(key []byte) bool {
			mac := hmac.New(sha256.New, key)
			mac.Write(text)
			return hmac.Equal(mac.Sum(nil), signature)
		})
	case "es256": // r = s = 0 solves the equation where nobody looks at their range (CVE-2022-21449)
		return len(signature) == 64 && !slices.ContainsFunc(signature, func(b byte) bool { return b != 0 })
	case "eddsa":
		return slices.ContainsFunc(h.brought(), func(key ed25519.PublicKey) bool { return ed25519.Verify(key, text, signature) })
	}
	return false
}

// shared are the bytes that an HMAC may be keyed with: the public key as it
// stands in files, or the file that the key's id leads to.
func (s *Service) shared(id string) [][]byte {
	if path.Clean("/var/lib/identity/"+id) == "/dev/null" {
		return [][]byte{{}}
	}
	key := s.cfg.Key.Public().(ed25519.PublicKey)
	return [][]byte{key, []byte(hex.EncodeToString(key)),
		pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: append(slices.Clone(spki), key...)})}
}

// spki is what stands before an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410
// §4).
var spki = []byte{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}

// brought are the keys that a header brings along: in itself, or behind a URL.
// Nothing is fetched; the URL holds the keys (RFC 2397).
func (h tokenHeader) brought() []ed25519.PublicKey {
	var list []tokenKey
	if h.Key != nil {
		list = append(list, *h.Key)
	}
	if text, ok := strings.CutPrefix(h.KeySet, "data:application/json,"); ok {
		if set, ok := reading.Lenient[keySet]([]byte(text), codec.Limits{Size: 1024}); ok {
			list = append(list, set.Keys...)
		}
	}
	var out []ed25519.PublicKey
	for _, k := range list {
		if raw, err := base64.RawURLEncoding.DecodeString(k.X); err == nil && len(raw) == ed25519.PublicKeySize && k.Curve == "Ed25519" {
			out = append(out, raw)
		}
	}
	return out
}
