package scrutineer

import (
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// E06: the server names an election key that is not the trustees' product.
//
// Swiss Post's report YWH-PGM2323-65 (Santamarta): control components did not
// check that the election key was the one that they had made. The key is
// Y = Σ A_i0; the board's `open` entry repeats it, and everybody can compute
// it. Where it is believed instead, the server names
//
//	own     zG: it reads every ballot, and nobody else can
//	added   Y + zG: neither the trustees nor the server can decrypt alone;
//	        reading with z yields nothing
//	subset  Y − A_10: nobody can decrypt, "voting into a shredder"
//
// What weak.setup.keyAssembledByServer accepts: an `open` that names any
// element but the identity; it is the election key from then on, to encrypt
// with and in the challenges of proofs (V-14). Context and fingerprint are
// still those that the trustees confirmed.

// SubstituteKey is how a server makes its key.
type SubstituteKey uint8

// The ways of E06. The zero SubstituteKey is none.
const (
	KeyOwn SubstituteKey = iota + 1
	KeyAdded
	KeySubset
)

// ServerKey is a key that the server names.
type ServerKey struct {
	Key    message.Element
	secret kyber.Scalar // z
}

// NewServerKey makes a key to name in the place of the election's.
func NewServerKey(way SubstituteKey, e *Election, r io.Reader) (*ServerKey, error) {
	z, err := draw(r)
	if err != nil {
		return nil, err
	}
	k := &ServerKey{secret: z}
	switch way {
	case KeyOwn:
		k.Key = element(base(z))
	case KeyAdded:
		k.Key = element(plus(e.point, base(z)))
	case KeySubset:
		part, err := decodeElement(e.Commitments[0][0])
		if err != nil {
			return nil, err
		}
		k.Key = element(minus(e.point, part))
	default:
		return nil, fmt.Errorf("no way %d to make a key", way)
	}
	return k, nil
}

// Open is the opening that names it, signed as the server's are.
func (k *ServerKey) Open(a Authority, e *Election) (Parcel, error) {
	return a.Signer().Entry(message.TypeOpen, e.Fingerprint, &message.Open{ElectionKey: k.Key})
}

// Read decrypts a ballot with z.
func (k *ServerKey) Read(b *message.Ballot) (Choices, error) { return readWith(k.secret, b) }

// WithKey is the election as somebody sees it who was told this key.
func (e *Election) WithKey(key message.Element) (*Election, error) {
	y, err := decodeElement(key)
	if err != nil {
		return nil, err
	}
	believed := *e
	believed.Key, believed.point = key, y
	believed.mul, believed.table = ristretto.NewFixedBase(y), ristretto.NewVarTable(y)
	return &believed, nil
}
