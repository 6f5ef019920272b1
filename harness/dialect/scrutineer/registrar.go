package scrutineer

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Registrar plays the registrar: it knows which credential is whose.
type Registrar struct {
	key    ed25519.PrivateKey
	salt   [32]byte
	voters []registered
}

type registered struct {
	id   string
	line message.Credential
}

// NewRegistrar registers voters under the public keys of their credentials,
// by voter id. The salt of the roll comes from r.
func NewRegistrar(key ed25519.PrivateKey, voters []Eligible, keys map[string]message.Element, r io.Reader) (*Registrar, error) {
	g := &Registrar{key: key}
	var err error
	if g.salt, err = drawBytes(r); err != nil {
		return nil, err
	}
	for _, v := range voters {
		k, ok := keys[v.ID]
		if !ok {
			return nil, fmt.Errorf("voter %q has no credential", v.ID)
		}
		g.voters = append(g.voters, registered{v.ID,
			message.Credential{Key: k, Style: v.Style, Unit: v.Unit, Weight: v.Weight}})
	}
	slices.SortFunc(g.voters, func(a, b registered) int { return bytes.Compare([]byte(a.id), []byte(b.id)) })
	return g, nil
}

// CredentialKeys are the public keys of the voters' credentials from a seed.
func (s Seed) CredentialKeys(voters []Eligible) map[string]message.Element {
	out := make(map[string]message.Element, len(voters))
	for _, v := range voters {
		out[v.ID] = s.Credential(v.ID).Key
	}
	return out
}

// Line is what the list says about a voter.
func (g *Registrar) Line(voter string) (Line, bool) {
	for _, v := range g.voters {
		if v.id == voter {
			return v.line, true
		}
	}
	return Line{}, false
}

// Signer signs entries as the registrar.
func (g *Registrar) Signer() Signer { return Signer{Role: message.RoleRegistrar, Key: g.key} }

// list is the credentials in ascending order of keys (S-07).
func (g *Registrar) list() []message.Credential {
	out := make([]message.Credential, len(g.voters))
	for i, v := range g.voters {
		out[i] = v.line
	}
	slices.SortFunc(out, func(a, b message.Credential) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return out
}

// Register is S-07: the credentials entries, then the electorate.
func (g *Registrar) Register(setupID message.Digest) ([]Parcel, error) {
	list := g.list()
	root, weight, err := electorateRoot(list)
	if err != nil {
		return nil, err
	}
	var out []Parcel
	chunk := uint64(0)
	for part := range slices.Chunk(list, message.CredentialChunk) {
		p, err := g.Signer().Entry(message.TypeCredentials, setupID, &message.Credentials{Chunk: chunk, List: part})
		if err != nil {
			return nil, err
		}
		out, chunk = append(out, p), chunk+1
	}
	roll := make([]transcript.Voter, len(g.voters))
	for i, v := range g.voters {
		roll[i] = transcript.Voter{ID: v.id, Key: v.line.Key}
	}
	p, err := g.Signer().Entry(message.TypeElectorate, setupID, &message.Electorate{
		Chunks: chunk, Count: uint64(len(list)), Root: root, Weight: weight,
		Roll: transcript.Roll(g.salt, roll),
	})
	return append(out, p), err
}

// Participation is S-30: who has a counted ballot, by voter id.
func (g *Registrar) Participation(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	body := &message.Participation{Voters: []string{}}
	for _, w := range g.voters {
		if v.HeadOf(w.line.Key) != message.None {
			body.Voters = append(body.Voters, w.id)
		}
	}
	return g.Signer().Entry(message.TypeParticipation, v.Election.Fingerprint, body)
}

// Voter is the client of a registered voter, with its credential from the
// seed and a stream of its own, which no other election shares. There is one
// client for each voter: a second one would draw the same bytes again, repeat
// the first one's ciphertexts, and give its signing key away.
func (g *Registrar) Voter(e *Election, id string, seed Seed) (*Voter, error) {
	line, ok := g.Line(id)
	credential := seed.Credential(id)
	if !ok || line.Key != credential.Key {
		return nil, fmt.Errorf("voter %q is not registered with this seed's credential", id)
	}
	random := seed.Child(e.Fingerprint.String()).Stream("voter/" + id)
	return &Voter{ID: id, Credential: credential, Line: line, Election: e, Random: random}, nil
}
