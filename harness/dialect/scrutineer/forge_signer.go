package scrutineer

import (
	"crypto/ed25519"
	"encoding/hex"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// D09: a message is what its role would say, and somebody else has signed it.

// Resigned is an entry with the signature of another key. Where it is named,
// the entry says so in the place of its signer's id. The body stays as it is.
func Resigned(p Parcel, key ed25519.PrivateKey, named bool) (Parcel, error) {
	e, err := message.DecodeEntry(p.Entry)
	if err != nil {
		return p, err
	}
	if named {
		e.ID = hex.EncodeToString(key.Public().(ed25519.PublicKey))
	}
	body := []byte(e.Body)
	if len(body) == 0 {
		for _, c := range p.Chunks {
			body = append(body, c...)
		}
	}
	digest := transcript.EntrySignature(e, transcript.BodyDigest(body))
	e.Signature = message.Signature(ed25519.Sign(key, digest[:]))
	raw, err := codec.Encode(e)
	return Parcel{Entry: raw, Chunks: p.Chunks}, err
}
