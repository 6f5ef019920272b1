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
)

// maxSession is how long a token may hold.
const maxSession = 15 * time.Minute

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
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if header != s.header() {
		return message.Element{}, errToken
	}
	strict := base64.RawURLEncoding.Strict()
	sig, err := strict.DecodeString(signature)
	if err != nil || !ed25519.Verify(s.cfg.Key.Public().(ed25519.PublicKey), []byte(header+"."+payload), sig) {
		return message.Element{}, errToken
	}
	raw, err := strict.DecodeString(payload)
	if err != nil {
		return message.Element{}, errToken
	}
	claims, err := codec.Decode[message.Claims](raw, codec.Limits{Size: 1024})
	s.mu.Lock()
	print := s.state.Fingerprint()
	s.mu.Unlock()
	now, ends := s.cfg.Clock(), time.Unix(int64(claims.Expires), 0)
	if err != nil || claims.Audience != print || !now.Before(ends) || ends.Sub(now) > maxSession {
		return message.Element{}, errToken
	}
	return claims.Subject, nil
}
