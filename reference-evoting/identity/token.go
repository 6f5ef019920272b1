package identity

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/weakness"
)

// maxSession is how long a token may hold.
const maxSession = 15 * time.Minute

// maxClaims bounds a token's payload in bytes.
const maxClaims = 1024

// A token is a JWS (RFC 7515) in compact form. Its header is not read but
// compared: it is these bytes or the token is none, so that no token chooses
// its algorithm or its key (RFC 8725 §3.1).
func (s *Service) header() string {
	kid := sha256.Sum256(s.cfg.Key.Public().(ed25519.PublicKey))
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"` + hex.EncodeToString(kid[:8]) + `","typ":"JWT"}`))
}

// issue makes the token of a session. What it signs is longer than the 32
// bytes that this key signs in every other place, so that neither can stand
// for the other.
func (s *Service) issue(fingerprint message.Digest, subject message.Element) (message.Session, error) {
	var id [16]byte
	s.drawing(func(random cipher.Stream) { random.XORKeyStream(id[:], id[:]) })
	ends := uint64(s.cfg.Clock().Add(s.cfg.Limits.Session).Unix())
	claims, err := codec.Encode(message.Claims{Audience: fingerprint, Expires: ends, ID: hex.EncodeToString(id[:]), Subject: subject})
	if err != nil {
		return message.Session{}, err
	}
	text := s.header() + "." + base64.RawURLEncoding.EncodeToString(claims)
	signature := ed25519.Sign(s.cfg.Key, []byte(text))
	return message.Session{Expires: ends, Token: text + "." + base64.RawURLEncoding.EncodeToString(signature)}, nil
}

// errToken says the same whatever is wrong with a token.
var errToken error = &Problem{Status: 401, Code: CodeToken, Detail: "the token is not one of an open session"}

// session gives the credential that a token is for.
func (s *Service) session(token string) (message.Element, error) {
	s.mu.Lock()
	print, weak := s.state.Fingerprint(), s.weak
	s.mu.Unlock()
	claims, ok := s.signed(token)
	if !ok && weak.Has(weakness.TokenAlgFromHeader) {
		claims, ok = s.believed(token)
	}
	now, ends := s.cfg.Clock(), time.Unix(int64(claims.Expires), 0)
	meant := claims.Audience == print && now.Before(ends) && ends.Sub(now) <= maxSession
	if !ok || !weak.Widen(weakness.TokenNoAud, meant, func() bool { return true }) {
		return message.Element{}, errToken
	}
	return claims.Subject, nil
}

// signed gives the claims of a token that this service has signed.
func (s *Service) signed(token string) (message.Claims, bool) {
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if header != s.header() {
		return message.Claims{}, false
	}
	strict := base64.RawURLEncoding.Strict()
	sig, err := strict.DecodeString(signature)
	if err != nil || !ed25519.Verify(s.cfg.Key.Public().(ed25519.PublicKey), []byte(header+"."+payload), sig) {
		return message.Claims{}, false
	}
	raw, err := strict.DecodeString(payload)
	if err != nil {
		return message.Claims{}, false
	}
	claims, err := codec.Decode[message.Claims](raw, codec.Limits{Size: maxClaims})
	return claims, err == nil
}
