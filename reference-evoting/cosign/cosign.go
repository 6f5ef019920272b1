// Package cosign is the witnesses' signature on the heads of a board and the
// quorum that clients require of them.
//
// The format is cosignature/v1 of C2SP tlog-cosignature: Ed25519 over the
// checkpoint's text preceded by a time. It is written here over sumdb/note
// because the implementation of others reaches packages that the core must not.
package cosign

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/recall"
)

const (
	algCosignatureV1 = 0x04 // signature type in the key's ID
	keyHashSize      = 4
	timestampSize    = 8
	blobSize         = keyHashSize + timestampSize + ed25519.SignatureSize
	// maxTime bounds the seconds since 1970 that are taken: beyond any
	// election, and far from where time.Time overflows.
	maxTime = 1 << 40
)

// ErrCosignature: a cosignature is malformed, or not valid for the checkpoint.
var ErrCosignature = errors.New("bad cosignature")

// Key is a witness's public key. Name is the witness's id in the manifest.
type Key struct {
	Name   string
	Public ed25519.PublicKey
}

// Verifier checks cosignatures of this witness within a note.
func (k Key) Verifier() (note.Verifier, error) {
	if !board.ValidName(k.Name) || len(k.Public) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("witness %q: malformed name or key", k.Name)
	}
	return verifier{name: k.Name, hash: board.KeyHash(k.Name, algCosignatureV1, k.Public), public: k.Public}, nil
}

// Signer cosigns as one witness. Make it with NewSigner.
type Signer struct {
	verifier
	private ed25519.PrivateKey
}

// NewSigner returns the signer of the witness called name.
func NewSigner(name string, key ed25519.PrivateKey) (*Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("witness %q: malformed key", name)
	}
	k := Key{Name: name, Public: key.Public().(ed25519.PublicKey)}
	v, err := k.Verifier()
	if err != nil {
		return nil, err
	}
	return &Signer{v.(verifier), key}, nil
}

// Key returns the signer's public key.
func (s *Signer) Key() Key { return Key{Name: s.name, Public: s.public} }

// Cosign appends the witness's line to raw, a checkpoint with the board's line
// and possibly others, at the given time in whole seconds. It checks neither the
// board's signature nor consistency: package witness does.
func (s *Signer) Cosign(raw []byte, at time.Time) ([]byte, error) {
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return nil, err
	}
	if at.Unix() <= 0 || at.Unix() >= maxTime {
		return nil, fmt.Errorf("%w: time %d out of range", ErrCosignature, at.Unix())
	}
	t := uint64(at.Unix())
	blob := make([]byte, 0, blobSize)
	blob = binary.BigEndian.AppendUint32(blob, s.hash)
	blob = binary.BigEndian.AppendUint64(blob, t)
	blob = append(blob, ed25519.Sign(s.private, message(t, c.Text()))...)
	line := "— " + s.name + " " + base64.StdEncoding.EncodeToString(blob) + "\n"
	return append(raw[:len(raw):len(raw)], line...), nil
}

// message is what a witness signs: "cosignature/v1", the time in seconds since
// 1970, and the checkpoint's text, a line each.
func message(t uint64, text string) []byte {
	var b strings.Builder
	b.WriteString("cosignature/v1\ntime ")
	b.WriteString(strconv.FormatUint(t, 10))
	b.WriteByte('\n')
	b.WriteString(text)
	return []byte(b.String())
}

type verifier struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
	memory *recall.Memory
}

func (v verifier) Name() string    { return v.name }
func (v verifier) KeyHash() uint32 { return v.hash }

// Verify takes the note's text and time || Ed25519 signature.
func (v verifier) Verify(text, sig []byte) bool {
	if len(sig) != timestampSize+ed25519.SignatureSize {
		return false
	}
	t := binary.BigEndian.Uint64(sig)
	if t == 0 || t >= maxTime {
		return false
	}
	return recall.Ed25519(v.memory, v.public, message(t, string(text)), sig[timestampSize:])
}

// timeOf is the time within a cosignature that Verify has accepted.
func timeOf(s note.Signature) (time.Time, error) {
	blob, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(blob) != blobSize {
		return time.Time{}, fmt.Errorf("%w: malformed", ErrCosignature)
	}
	return time.Unix(int64(binary.BigEndian.Uint64(blob[keyHashSize:])), 0).UTC(), nil
}

var _ note.Verifier = verifier{}
