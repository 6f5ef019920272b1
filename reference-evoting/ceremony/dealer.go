package ceremony

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/share"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
)

// Dealer is the secret side of one trustee in one ceremony.
type Dealer struct {
	index      uint64
	decryption kyber.Scalar
	poly       *share.PriPoly
	reveal     message.DKGReveal
	random     cipher.Stream
}

// NewDealer draws trustee index's polynomial and its proofs (S-02) for the
// ceremony with this setupID. decryption is the secret of its encryption key.
func NewDealer(setupID [32]byte, index uint64, threshold int, decryption kyber.Scalar, random cipher.Stream) *Dealer {
	poly := share.NewPriPoly(ristretto.NewSuite(nil), threshold, nil, random)
	d := &Dealer{index: index, decryption: decryption, poly: poly, random: random}
	d.reveal.Index = index
	for k, a := range poly.Coefficients() {
		commitment := proof.Element(ristretto.NewPoint().Mul(a, nil))
		d.reveal.Commitments = append(d.reveal.Commitments, commitment)
		d.reveal.Proofs = append(d.reveal.Proofs, proof.Know(a, func(c ...[32]byte) [32]byte {
			return transcript.Knowledge(setupID, index, uint64(k), commitment, c[0])
		}, random))
	}
	return d
}

// RestoreDealer makes a dealer again from what Secrets and Reveal gave before
// a restart.
func RestoreDealer(decryption kyber.Scalar, coefficients []kyber.Scalar, reveal message.DKGReveal, random cipher.Stream) *Dealer {
	poly := share.CoefficientsToPriPoly(ristretto.NewSuite(nil), coefficients)
	return &Dealer{index: reveal.Index, decryption: decryption, poly: poly, reveal: reveal, random: random}
}

// Secrets are the coefficients of the polynomial, for the key store.
func (d *Dealer) Secrets() []kyber.Scalar { return d.poly.Coefficients() }

// Commit is the first round's message.
func (d *Dealer) Commit(setupID [32]byte) message.DKGCommit {
	return message.DKGCommit{Hash: transcript.Commitment(setupID, &d.reveal), Index: d.index}
}

// Reveal is the second round's.
func (d *Dealer) Reveal() message.DKGReveal { return d.reveal }

// Deal encrypts a share to each trustee of the ceremony (S-04), for the index
// that it goes by.
func (d *Dealer) Deal(p *Public) (message.DKGShares, error) {
	out := message.DKGShares{Dealer: d.index}
	for j, key := range p.keys {
		recipient := p.indices[j]
		e := proof.Random(d.random)
		ephemeral := proof.Element(ristretto.NewPoint().Mul(e, nil))
		shared := proof.Element(ristretto.NewPoint().Mul(e, key))
		aeadKey := transcript.ShareKey(p.setupID, d.index, recipient, ephemeral, shared)
		aead, err := chacha20poly1305.New(aeadKey[:])
		if err != nil {
			return message.DKGShares{}, fmt.Errorf("share key: %w", err)
		}
		data := transcript.ShareData(p.setupID, d.index, recipient, d.reveal.Commitments)
		plain := proof.EncodeScalar(d.poly.Eval(int(recipient) - 1).V)
		out.Shares = append(out.Shares, message.EncryptedShare{
			Ciphertext: aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), plain[:], data[:]),
			Ephemeral:  ephemeral,
			Recipient:  recipient,
		})
	}
	return out, nil
}

// Collect opens what the trustee with this index and decryption key received,
// and sums it to its secret share (S-05, S-06). If a share is wrong it
// returns the complaint to post instead.
func (p *Public) Collect(index uint64, decryption kyber.Scalar, random cipher.Stream) (kyber.Scalar, *message.DKGComplaint, error) {
	sum := new(ristretto.Scalar).Zero()
	for i := range p.deals {
		dealer := uint64(i) + 1
		if p.deals[i] == nil {
			return nil, nil, fmt.Errorf("dealer %d has not dealt", dealer)
		}
		e := p.deals[i].Shares[index-1].Ephemeral
		ephemeral, err := proof.Point(e)
		if err != nil {
			return nil, nil, fmt.Errorf("dealer %d: %w", dealer, err)
		}
		shared := proof.Element(ristretto.NewPoint().Mul(decryption, ephemeral))
		v, err := p.open(dealer, index, shared)
		if errors.Is(err, errShare) {
			return nil, p.complain(dealer, index, decryption, ephemeral, shared, random), nil
		}
		if err != nil {
			return nil, nil, err
		}
		sum.Add(sum, v)
	}
	return sum, nil, nil
}

func (p *Public) complain(dealer, index uint64, decryption kyber.Scalar, ephemeral kyber.Point, shared message.Element, random cipher.Stream) *message.DKGComplaint {
	key := proof.Element(p.keys[index-1])
	return &message.DKGComplaint{
		Dealer: dealer, Recipient: index, Shared: shared,
		Proof: proof.Equal(decryption, ephemeral, func(c ...[32]byte) [32]byte {
			return transcript.Complaint(p.setupID, dealer, index, key, proof.Element(ephemeral), shared, c[0], c[1])
		}, random),
	}
}
