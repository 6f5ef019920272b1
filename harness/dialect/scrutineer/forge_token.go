package scrutineer

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"scrutineer/protocols/message"
)

// C08: tokens that the identity service has not signed, and that some library
// once took for signed because the token said how it wanted to be checked (RFC
// 8725). The claims are those of an honest token.

// TokenForger forges tokens for the service of an election.
type TokenForger struct {
	Election *Election
	// Subject is the credential that the token is to be for.
	Subject message.Element
	// Key is the forger's own.
	Key ed25519.PrivateKey
	Now time.Time

	begins bool // the claims say from when the token is good
}

// TokenForgeries are the ways to forge a token, in the order of RFC 8725.
func TokenForgeries() []string {
	return []string{"none", "none-cased", "stripped", "hs256-raw", "hs256-hex", "hs256-pem", "jwk", "jku", "kid-path",
		"zero-signature", "claims-twice"}
}

// StaleTokens are the ways to forge one that is, besides, for another time or
// another election: over, not yet begun, and of an election without a name.
func StaleTokens() []string { return []string{"expired", "not-yet", "other-audience"} }

// Forge makes a token in one of the ways.
func (f TokenForger) Forge(way string) (string, error) {
	switch way {
	case "expired":
		f.Now, way = f.Now.Add(-time.Hour), "none"
	case "not-yet":
		f.Now, f.begins, way = f.Now.Add(time.Hour), true, "none"
	case "other-audience":
		other := *f.Election
		other.Fingerprint[0] ^= 1
		f.Election, way = &other, "none"
	}
	key := f.Election.Manifest.Identity
	kid := sha256.Sum256(key[:])
	honest := fmt.Sprintf(`"kid":"%x","typ":"JWT"}`, kid[:8])
	named := `{"alg":"%s",` + honest
	claims := f.claims()
	switch way {
	case "none":
		return compact(fmt.Sprintf(named, "none"), claims, nil), nil
	case "none-cased":
		return compact(fmt.Sprintf(named, "nOnE"), claims, nil), nil
	case "stripped":
		return strings.TrimSuffix(compact(`{`+honest, claims, nil), "."), nil
	case "hs256-raw", "hs256-hex", "hs256-pem":
		return keyedToken(fmt.Sprintf(named, "HS256"), claims, spelled(key, way)), nil
	case "jwk":
		return f.own(`{"alg":"EdDSA","jwk":`+f.jwk()+`,"typ":"JWT"}`, claims), nil
	case "jku":
		url := `data:application/json,{\"keys\":[` + strings.ReplaceAll(f.jwk(), `"`, `\"`) + `]}`
		return f.own(`{"alg":"EdDSA","jku":"`+url+`","typ":"JWT"}`, claims), nil
	case "kid-path":
		return keyedToken(`{"alg":"HS256","kid":"../../../../../../dev/null","typ":"JWT"}`, claims, nil), nil
	case "zero-signature":
		return compact(fmt.Sprintf(named, "ES256"), claims, make([]byte, 64)), nil
	case "claims-twice":
		// The first of each is nobody's, for whoever checks the first and uses
		// the last.
		nobody := fmt.Sprintf(`{"aud":"%x","sub":"%x",`, make([]byte, 32), make([]byte, 32))
		return compact(fmt.Sprintf(named, "none"), nobody+strings.TrimPrefix(claims, "{"), nil), nil
	}
	return "", fmt.Errorf("no token is forged by %q", way)
}

// claims are those of S-40.
func (f TokenForger) claims() string {
	from := ""
	if f.begins {
		from = fmt.Sprintf(`"nbf":%d,`, f.Now.Unix())
	}
	return fmt.Sprintf(`{"aud":"%s","exp":%d,"jti":"%x",%s"sub":"%s"}`,
		f.Election.Fingerprint, f.Now.Add(10*time.Minute).Unix(), f.Subject[:16], from, f.Subject)
}

// spelled is a public key as a service may keep it in a file.
func spelled(key message.Key, way string) []byte {
	switch way {
	case "hs256-hex":
		return []byte(hex.EncodeToString(key[:]))
	case "hs256-pem":
		// RFC 8410 §4
		head := []byte{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: slices.Concat(head, key[:])})
	}
	return key[:]
}

func (f TokenForger) jwk() string {
	public := f.Key.Public().(ed25519.PublicKey)
	return `{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`
}

// own signs with the forger's key.
func (f TokenForger) own(header, claims string) string {
	text := signingInput(header, claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(f.Key, []byte(text)))
}

func keyedToken(header, claims string, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signingInput(header, claims)))
	return compact(header, claims, mac.Sum(nil))
}

func compact(header, claims string, signature []byte) string {
	return signingInput(header, claims) + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// signingInput is that of RFC 7515 §5.1.
func signingInput(header, claims string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
}
