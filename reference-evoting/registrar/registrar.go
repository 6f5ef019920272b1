// Package registrar holds the electoral roll: it fixes one credential for
// each eligible voter (S-07), and after the close tells who voted (S-30).
//
// What it does not do: bind credentials to persons at login. Without an
// identity service a registrar alone could vote for every abstainer, and
// SPEC.md says so.
package registrar

import (
	"bytes"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/rules"
)

// Voter is one line of the roll.
type Voter struct {
	ID, Style, Unit string
	Weight          uint64
}

// ErrRoll is wrapped for a roll that is not one: nobody on it, or an id twice.
var ErrRoll = errors.New("roll")

// Roll is the registrar's secret list: who has which credential.
type Roll struct {
	lines []line // by credential key, ascending
	salt  [32]byte
}

type line struct {
	voter  Voter
	key    message.Element
	secret kyber.Scalar
}

// Enrol draws a credential for each voter.
func Enrol(voters []Voter, random cipher.Stream) (*Roll, error) {
	seen := make(map[string]bool, len(voters))
	r := &Roll{lines: make([]line, 0, len(voters))}
	for _, v := range voters {
		if v.ID == "" || seen[v.ID] {
			return nil, fmt.Errorf("%w: voter id %q is empty or there twice", ErrRoll, v.ID)
		}
		seen[v.ID] = true
		secret := proof.Random(random)
		key := proof.Element(ristretto.NewPoint().Mul(secret, nil))
		r.lines = append(r.lines, line{voter: v, key: key, secret: secret})
	}
	if len(r.lines) == 0 {
		return nil, fmt.Errorf("%w: nobody is on it", ErrRoll)
	}
	slices.SortFunc(r.lines, func(a, b line) int { return bytes.Compare(a.key[:], b.key[:]) })
	random.XORKeyStream(r.salt[:], r.salt[:])
	return r, nil
}

// Credential is what one voter is handed.
type Credential struct {
	Voter  Voter
	Key    message.Element
	Secret kyber.Scalar
}

// Credentials lists them by voter id.
func (r *Roll) Credentials() []Credential {
	out := make([]Credential, len(r.lines))
	for i, l := range r.lines {
		out[i] = Credential{l.voter, l.key, l.secret}
	}
	slices.SortFunc(out, func(a, b Credential) int { return strings.Compare(a.Voter.ID, b.Voter.ID) })
	return out
}

// list is the public list, in order.
func (r *Roll) list() []message.Credential {
	out := make([]message.Credential, len(r.lines))
	for i, l := range r.lines {
		out[i] = message.Credential{Key: l.key, Style: l.voter.Style, Unit: l.voter.Unit, Weight: l.voter.Weight}
	}
	return out
}

// Entries are the credential chunks and the electorate (S-07).
func (r *Roll) Entries(setupID message.Digest, key ed25519.PrivateKey) ([]entry.Packed, error) {
	var out []entry.Packed
	list := r.list()
	header := message.Entry{Context: setupID, Role: message.RoleRegistrar, Type: message.TypeCredentials}
	electorate := message.Electorate{Count: uint64(len(list)), Roll: r.commitment()}
	for chunk := range slices.Chunk(list, message.CredentialChunk) {
		p, err := entry.Pack(header, message.Credentials{Chunk: electorate.Chunks, List: chunk}, key)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
		electorate.Chunks++
	}
	for _, c := range list {
		electorate.Weight += c.Weight
	}
	root, err := Root(list)
	if err != nil {
		return nil, err
	}
	electorate.Root = root
	header.Type = message.TypeElectorate
	p, err := entry.Pack(header, electorate, key)
	return append(out, p), err
}

// Root is the Merkle root over a credential list (S-07).
func Root(list []message.Credential) (message.Digest, error) {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := f.NewEmptyRange(0)
	for _, c := range list {
		leaf, err := codec.Encode(c)
		if err != nil {
			return message.Digest{}, err
		}
		if err := tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil); err != nil {
			return message.Digest{}, err
		}
	}
	root, err := tree.GetRootHash(nil)
	if err != nil || len(root) != 32 {
		return message.Digest{}, fmt.Errorf("credential root: %w", err)
	}
	return message.Digest(root), nil
}

// commitment hides the roll under the salt, which stays with the registrar.
func (r *Roll) commitment() message.Digest {
	voters := make([]transcript.Voter, len(r.lines))
	for i, l := range r.lines {
		voters[i] = transcript.Voter{ID: l.voter.ID, Key: l.key}
	}
	slices.SortFunc(voters, func(a, b transcript.Voter) int { return strings.Compare(a.ID, b.ID) })
	return transcript.Roll(r.salt, voters)
}

// Registrar is the role: it follows the board and posts what is due.
type Registrar struct {
	Roll  *Roll
	Key   ed25519.PrivateKey
	State *rules.State
}

// Next gives the entries that are due and not on the board yet.
func (r *Registrar) Next() ([]entry.Packed, error) {
	switch r.State.Phase() {
	case message.PhaseCredentials:
		all, err := r.Roll.Entries(r.State.Election().SetupID, r.Key)
		if err != nil {
			return nil, err
		}
		return all[min(r.State.CredentialChunks(), uint64(len(all))):], nil
	case message.PhaseClosed:
		if r.State.Unsettled() != nil {
			return nil, nil // polling places come first
		}
		p, err := r.participation()
		return []entry.Packed{p}, err
	}
	return nil, nil
}

// participation names those with a counted ballot and those who came to a place, by id and so in no order
// of time (S-30).
func (r *Registrar) participation() (entry.Packed, error) {
	body := message.Participation{Voters: []string{}}
	for _, l := range r.Roll.lines {
		voter, ok := r.State.Voter(l.key)
		if !ok {
			return entry.Packed{}, fmt.Errorf("%w: the credential of %s is not on the board", ErrRoll, l.voter.ID)
		}
		if _, voted := r.State.HeadIndex(voter); voted || r.State.CheckedIn(voter) {
			body.Voters = append(body.Voters, l.voter.ID)
		}
	}
	slices.Sort(body.Voters)
	header := message.Entry{Context: r.State.Fingerprint(), Role: message.RoleRegistrar, Type: message.TypeParticipation}
	return entry.Pack(header, body, r.Key)
}
