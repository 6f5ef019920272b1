package recall

import "crypto/ed25519"

// Ed25519 is ed25519.Verify.
func Ed25519(m *Memory, public ed25519.PublicKey, message, signature []byte) bool {
	return Of(m, "ed25519.Verify", func() bool { return ed25519.Verify(public, message, signature) }, public, message, signature)
}
