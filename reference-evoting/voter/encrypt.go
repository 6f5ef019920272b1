// Package voter is the voter's client: it encrypts, shows the tracker before
// the decision, casts or challenges, keeps the receipts, and makes the checks
// that SPEC.md says a voter owes or is offered (S-10..S-21). It sends and
// fetches nothing itself.
package voter

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// ErrChoice is wrapped for choices that the contest does not allow.
var ErrChoice = errors.New("choice")

// Choices names the options chosen in each contest; message.BlankOption alone
// is a blank vote. A contest without choices gets none.
type Choices map[string][]string

// Credential is what the registrar handed the voter.
type Credential struct {
	Key    message.Element
	Secret kyber.Scalar
	Style  string
	Unit   string
	Weight uint64
}

// Client is one voter's client in one election. It is not safe for
// concurrent use.
type Client struct {
	voting     *rules.Voting
	boardKey   message.Key
	credential Credential
	key        *proof.ElectionKey // to encrypt with
	random     cipher.Stream
	history    []*Prepared
}

// New is a client of an open election. voting holds what the client has
// verified from the board; its weaknesses are the client's.
func New(voting *rules.Voting, c Credential, random cipher.Stream) *Client {
	return &Client{
		voting: voting, boardKey: voting.Election.Manifest.Board.Key,
		credential: c, key: voting.Key, random: random,
	}
}

// Named takes the election key that the server names (V-14): it must be the one
// that follows from the board. The weak rule encrypts with the server's.
func (c *Client) Named(key message.Element) error {
	point, err := proof.Point(key)
	usable := func() bool { return err == nil && key != message.Element{} }
	if !c.voting.Weak.Widen(weakness.KeyUnpinned, key == c.voting.Key.Encoded, usable) {
		return fmt.Errorf("%w: the server names the election key %s, on the board it is %s", ErrAnswer, key, c.voting.Key.Encoded)
	}
	if key != c.voting.Key.Encoded {
		c.key = proof.NewElectionKey(point).Remembering(c.voting.Memory)
	}
	return nil
}

// Prepared is an encrypted ballot with what only its voter knows of it.
type Prepared struct {
	Encrypted
	Submission []byte // to the box, before the decision

	decision message.Digest
	receipt  *message.Receipt
	refusal  *message.Refusal
	cast     bool
	noted    bool // acknowledged without a promise
}

// Encrypt makes a ballot of the credential's style (S-10..S-16).
func (c *Client) Encrypt(choices Choices) (*Prepared, error) {
	e, err := Encrypter{Election: c.voting.Election, Key: c.key, Random: c.random}.Encrypt(message.Ballot{
		Caster: message.Caster{Credential: c.credential.Key}, Fingerprint: c.voting.Fingerprint,
		Style: c.credential.Style, Unit: c.credential.Unit, Weight: c.credential.Weight,
	}, choices)
	if err != nil {
		return nil, err
	}
	p := &Prepared{Encrypted: *e}
	return p, c.sign(p)
}

// Encrypter makes ballots: a voter's client for its credential, a device at a
// polling place for whoever stands before it.
type Encrypter struct {
	Election *manifest.Election
	Key      *proof.ElectionKey
	Random   cipher.Stream
}

// Encrypted is a ballot with what only its maker knows of it.
type Encrypted struct {
	Choices Choices
	Ballot  message.Ballot
	Tracker message.Digest

	plain      [][]uint64
	randomness [][]kyber.Scalar
}

// Encrypt fills a ballot that has all but its contests (S-10..S-15).
func (c Encrypter) Encrypt(ballot message.Ballot, choices Choices) (*Encrypted, error) {
	style, _, ok := c.Election.Style(ballot.Style)
	if !ok {
		return nil, fmt.Errorf("%w: style %q is unknown", ErrChoice, ballot.Style)
	}
	for id := range choices {
		if !slices.Contains(style.Contests, id) {
			return nil, fmt.Errorf("%w: contest %q is not on this ballot", ErrChoice, id)
		}
	}
	p := &Encrypted{Choices: choices, Ballot: ballot}
	for _, id := range style.Contests {
		contest, _, _ := c.Election.Contest(id)
		if err := c.fill(p, contest, choices[id]); err != nil {
			return nil, err
		}
	}
	c.prove(p)
	p.Tracker = transcript.Tracker(&p.Ballot)
	return p, nil
}

// fill encrypts the selections of one contest.
func (c Encrypter) fill(p *Encrypted, contest message.Contest, chosen []string) error {
	plain, err := marks(contest, chosen)
	if err != nil {
		return err
	}
	b := message.BallotContest{Contest: contest.ID}
	randomness := make([]kyber.Scalar, len(plain))
	for i, option := range manifest.Selections(contest) {
		randomness[i] = proof.Random(c.Random)
		alpha, beta := c.Key.Encrypt(plain[i], randomness[i])
		b.Selections = append(b.Selections, message.Selection{Alpha: alpha.Bytes(), Beta: beta.Bytes(), Option: option})
	}
	p.Ballot.Contests = append(p.Ballot.Contests, b)
	p.plain = append(p.plain, plain)
	p.randomness = append(p.randomness, randomness)
	return nil
}

// marks are the plaintexts of a contest's selections; they must fit its rules.
func marks(contest message.Contest, chosen []string) ([]uint64, error) {
	options := manifest.Selections(contest)
	out := make([]uint64, len(options))
	for _, id := range chosen {
		i := slices.Index(options, id)
		if i < 0 || out[i] == 1 {
			return nil, fmt.Errorf("%w: option %q of contest %s is unknown or chosen twice", ErrChoice, id, contest.ID)
		}
		out[i] = 1
	}
	if sum := total(contest, out); sum < contest.Min || sum > contest.Max {
		return nil, fmt.Errorf("%w: %d options of contest %s, want %d to %d", ErrChoice, sum, contest.ID, contest.Min, contest.Max)
	}
	return out, nil
}

// total is Σm + max·b (S-13).
func total(contest message.Contest, plain []uint64) uint64 {
	var sum uint64
	for i, m := range plain {
		if contest.Blank && i == len(plain)-1 {
			m *= contest.Max
		}
		sum += m
	}
	return sum
}

// prove adds the proofs, which are bound to all ciphertexts (S-12, S-13).
func (c Encrypter) prove(p *Encrypted) {
	statement := transcript.Statement{
		Fingerprint: p.Ballot.Fingerprint, ElectionKey: c.Key.Encoded, Style: p.Ballot.Style,
		Caster:      transcript.Caster(p.Ballot.Caster),
		Ciphertexts: transcript.Ciphertexts(p.Ballot.Fingerprint, p.Ballot.Style, p.Ballot.Contests),
	}
	for i := range p.Ballot.Contests {
		b := &p.Ballot.Contests[i]
		contest, _, _ := c.Election.Contest(b.Contest)
		statement.Contest = contest.ID
		for j := range b.Selections {
			s := &b.Selections[j]
			s.Proof = c.Key.ProveRange(p.plain[i][j], p.randomness[i][j], 0, 1,
				branches(statement.Selection(s.Option, s.Alpha, s.Beta)), c.Random)
		}
		if manifest.NeedsSum(contest) {
			b.Sum = c.proveSum(contest, p.plain[i], p.randomness[i], statement)
		}
	}
}

func (c Encrypter) proveSum(contest message.Contest, plain []uint64, randomness []kyber.Scalar, statement transcript.Statement) *message.Branches {
	r := new(ristretto.Scalar).Zero()
	for i, ri := range randomness {
		if contest.Blank && i == len(randomness)-1 {
			ri = new(ristretto.Scalar).Mul(ri, proof.Uint(contest.Max))
		}
		r.Add(r, ri)
	}
	m := total(contest, plain)
	a, b := c.Key.Encrypt(m, r)
	out := c.Key.ProveRange(m, r, contest.Min, contest.Max,
		branches(statement.Sum(contest.Min, contest.Max, a.Bytes(), b.Bytes())), c.Random)
	return &out
}

// branches finishes a challenge with the commitments.
func branches(t *transcript.Transcript) func([]proof.Branch) [32]byte {
	return func(list []proof.Branch) [32]byte {
		for _, b := range list {
			t.Branch(b.A, b.B)
		}
		return t.Sum()
	}
}

// sign makes the submission (S-16).
func (c *Client) sign(p *Prepared) error {
	body, err := codec.Encode(p.Ballot)
	if err != nil {
		return fmt.Errorf("ballot: %w", err)
	}
	s := message.Submission{Ballot: p.Ballot}
	s.Signature = proof.Sign(c.credential.Secret, transcript.PurposeBallotBody, c.voting.Fingerprint, transcript.BodyDigest(body), c.random)
	p.Submission, err = codec.Encode(s)
	return err
}
