package election

import (
	"bytes"
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/prover"
)

// Trustee holds the secrets of one.
type Trustee struct {
	ID           string
	Index        uint64
	Decryption   kyber.Scalar
	Coefficients []kyber.Scalar
	Revealed     message.DKGReveal
}

// Voter holds the secret of a credential.
type Voter struct {
	ID         string
	Secret     kyber.Scalar
	Credential message.Credential
}

func (e *Election) setup() {
	body := message.ManifestBody{Ceremony: e.Ceremony, Manifest: e.Manifest}
	e.post("manifest", e.authority(), message.TypeManifest, message.Digest{}, &body)
	id, err := transcript.SetupID(&e.Manifest, e.Ceremony)
	if err != nil {
		panic("election: setup id: " + err.Error())
	}
	e.SetupID = id
	e.ceremony()
	if e.aborted() {
		return
	}
	e.list()
	e.confirm()
}

// NewTrustee draws a polynomial and proves its coefficients (S-02).
func (e *Election) newTrustee(line message.TrusteeLine) *Trustee {
	t := &Trustee{ID: line.ID, Index: line.Index, Decryption: Decryption(line.ID)}
	for k := range e.Manifest.Threshold {
		t.Coefficients = append(t.Coefficients, Seed.Scalar("coefficient", []byte(line.ID), []byte{byte(k)}))
	}
	if e.Dealer != nil {
		e.Dealer(t)
	}
	t.Revealed = Reveal(t, e.SetupID)
	if e.Script.Reveal != nil {
		e.Script.Reveal(&t.Revealed)
	}
	return t
}

// Reveal is the second message of a trustee: commitments with their proofs.
func Reveal(t *Trustee, setupID message.Digest) message.DKGReveal {
	r := message.DKGReveal{Index: t.Index}
	for k, x := range t.Coefficients {
		a := prover.Element(prover.Base(x))
		r.Commitments = append(r.Commitments, a)
		r.Proofs = append(r.Proofs, prover.Know(Seed, "dkg", x, func(c [32]byte) [32]byte {
			return transcript.Knowledge(setupID, t.Index, uint64(k), a, c)
		}))
	}
	return r
}

func (e *Election) ceremony() {
	for _, line := range e.Manifest.Trustees {
		e.Trustees = append(e.Trustees, e.newTrustee(line))
	}
	for _, t := range e.Trustees {
		commit := message.DKGCommit{Hash: transcript.Commitment(e.SetupID, &t.Revealed), Index: t.Index}
		e.post("dkg-commit/"+t.ID, t.author(), message.TypeDKGCommit, e.SetupID, &commit)
	}
	for _, t := range e.Trustees {
		e.post("dkg-reveal/"+t.ID, t.author(), message.TypeDKGReveal, e.SetupID, &t.Revealed)
	}
	e.Key = prover.Zero()
	for _, t := range e.Trustees {
		e.Key = prover.Add(e.Key, prover.Base(t.Coefficients[0]))
		dealing := t.Deal(e.SetupID, e.Manifest.Trustees)
		e.post("dkg-shares/"+t.ID, t.author(), message.TypeDKGShares, e.SetupID, &dealing)
	}
}

// Abort ends the ceremony, after a trustee's complaint where there is one.
func (e *Election) Abort(by *Trustee, complaint *message.DKGComplaint, a message.Abort) {
	if complaint != nil {
		e.post("dkg-complaint", by.author(), message.TypeDKGComplaint, e.SetupID, complaint)
	}
	e.post("abort", e.authority(), message.TypeAbort, e.SetupID, &a)
}

// At is the polynomial's value at j.
func (t *Trustee) At(j uint64) kyber.Scalar {
	sum := prover.Integer(0)
	for k := len(t.Coefficients) - 1; k >= 0; k-- {
		sum = prover.Plus(prover.Times(sum, prover.Integer(j)), t.Coefficients[k])
	}
	return sum
}

// Deal is the third message (S-04).
func (t *Trustee) Deal(setupID message.Digest, to []message.TrusteeLine) message.DKGShares {
	out := message.DKGShares{Dealer: t.Index}
	for _, line := range to {
		out.Shares = append(out.Shares, t.Share(setupID, line, prover.Scalar(t.At(line.Index))))
	}
	return out
}

// Share encrypts 32 bytes to a trustee as S-04 does.
func (t *Trustee) Share(setupID message.Digest, line message.TrusteeLine, plain message.Scalar) message.EncryptedShare {
	x := Seed.Scalar("ephemeral", setupID[:], []byte(t.ID), []byte(line.ID), plain[:])
	shared := prover.Element(prover.Mul(x, prover.Base(Decryption(line.ID))))
	ephemeral := prover.Element(prover.Base(x))
	key := transcript.ShareKey(setupID, t.Index, line.Index, ephemeral, shared)
	data := transcript.ShareData(setupID, t.Index, line.Index, t.Revealed.Commitments)
	return message.EncryptedShare{
		Ciphertext: Seal(key, data, plain), Ephemeral: ephemeral, Recipient: line.Index,
	}
}

// Seal is ChaCha20-Poly1305 with a zero nonce.
func Seal(key, data [32]byte, plain message.Scalar) []byte {
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic("election: share key: " + err.Error())
	}
	return aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), plain[:], data[:])
}

// Complain opens the share that dealer gave this trustee (S-05).
func (t *Trustee) Complain(setupID message.Digest, dealing message.DKGShares) message.DKGComplaint {
	enc := dealing.Shares[t.Index-1]
	ephemeral := Point(enc.Ephemeral)
	shared := prover.Element(prover.Mul(t.Decryption, ephemeral))
	key := prover.Element(prover.Base(t.Decryption))
	return message.DKGComplaint{
		Dealer: dealing.Dealer, Recipient: t.Index, Shared: shared,
		Proof: prover.Equal(Seed, "complaint", t.Decryption, ephemeral, func(a, b [32]byte) [32]byte {
			return transcript.Complaint(setupID, dealing.Dealer, t.Index, key, enc.Ephemeral, shared, a, b)
		}),
	}
}

// eligible is everybody who may vote, by id.
func eligible() []message.Credential {
	return []message.Credential{
		{Style: "full", Unit: "north", Weight: 1},
		{Style: "full", Unit: "north", Weight: 1},
		{Style: "full", Unit: "south", Weight: 1},
		{Style: "short", Unit: "south", Weight: 1},
		{Style: "full", Unit: "south", Weight: 3},
		{Style: "full", Unit: "south", Weight: 3},
	}
}

// VoterSecret is the secret of a credential.
func VoterSecret(id string) kyber.Scalar { return Seed.Scalar("credential", []byte(id)) }

// list posts the electorate (S-07).
func (e *Election) list() {
	for i, c := range eligible() {
		id := fmt.Sprintf("voter-%d", i+1)
		secret := VoterSecret(id)
		c.Key = prover.Element(prover.Base(secret))
		e.keys[id] = c.Key
		e.Voters = append(e.Voters, &Voter{ID: id, Secret: secret, Credential: c})
	}
	var roll []transcript.Voter
	for _, v := range e.Voters {
		roll = append(roll, transcript.Voter{ID: v.ID, Key: v.Credential.Key})
	}
	slices.SortFunc(e.Voters, func(a, b *Voter) int {
		return bytes.Compare(a.Credential.Key[:], b.Credential.Key[:])
	})
	body := message.Credentials{}
	for _, v := range e.Voters {
		body.List = append(body.List, v.Credential)
	}
	e.post("credentials", e.registrar(), message.TypeCredentials, e.SetupID, &body)
	sums := Electorate([]message.Credentials{body})
	sums.Roll = transcript.Roll(Seed.Bytes("salt"), roll)
	e.Root = sums.Root
	e.fingerprint(sums.Count)
	e.post("electorate", e.registrar(), message.TypeElectorate, e.SetupID, &sums)
}

// Electorate sums up chunks of credentials; the roll is left out.
func Electorate(chunks []message.Credentials) message.Electorate {
	out := message.Electorate{Chunks: uint64(len(chunks))}
	tree := record.NewTiler(func(string, []byte) error { return nil })
	for _, chunk := range chunks {
		for _, c := range chunk.List {
			if err := tree.Add(Encode(c)); err != nil {
				panic("election: credential tree: " + err.Error())
			}
			out.Count++
			out.Weight += c.Weight
		}
	}
	out.Root = tree.Root()
	return out
}

func (e *Election) fingerprint(count uint64) {
	var commitments [][]message.Element
	for _, t := range e.Trustees {
		commitments = append(commitments, t.Revealed.Commitments)
	}
	e.Fingerprint = transcript.Fingerprint(e.SetupID, e.EncodedKey(), commitments, e.Root, count)
}

func (e *Election) confirm() {
	for _, t := range e.Trustees {
		body := message.Confirm{ElectionKey: e.EncodedKey(), Fingerprint: e.Fingerprint}
		e.post("confirm/"+t.ID, t.author(), message.TypeConfirm, e.SetupID, &body)
	}
	e.post("open", e.authority(), message.TypeOpen, e.Fingerprint, &message.Open{ElectionKey: e.EncodedKey()})
}

// Voter finds a voter.
func (e *Election) Voter(id string) *Voter {
	for _, v := range e.Voters {
		if v.ID == id {
			return v
		}
	}
	panic("election: no voter " + id)
}

// CredentialList is the electorate in order.
func (e *Election) CredentialList() []message.Credential {
	var out []message.Credential
	for _, v := range e.Voters {
		out = append(out, v.Credential)
	}
	return out
}
