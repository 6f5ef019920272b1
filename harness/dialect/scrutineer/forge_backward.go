package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A06 (a): the key is left out of the challenge, so the proof comes first.
//
// Before there is a key, fix a ciphertext α = rG, β = wG and commitments
// a_j = u_jG, b_j = e_jG, and let c be their challenge; the fingerprint is left
// out of it, too, since it contains the key. With Y = xG the checks
// a_j = z_jG − c_jα and b_j = z_jY − c_j(β − jG) hold exactly if
//
//	z_j = u_j + c_j·r  and  e_j − x·u_j = c_j(x·r − w + j).
//
// With t = xr − w, c_0 = (e_0 − x·u_0)/t and c_1 = (e_1 − x·u_1)/(t + 1), and
// c_0 + c_1 = c is a quadratic in x:
//
//	(e_0 − x·u_0)(t + 1) + (e_1 − x·u_1)t = c·t(t + 1).
//
// All trustees are corrupted: their constant terms add up to x. The ceremony
// is otherwise honest. The plaintext is m = w − x·r, of 252 bits.
//
// One x makes one false proof. Every other ciphertext of the ballot would have
// to be fixed before the key as well, hence the ballot has one selection and no
// sum proof.

// Backward is a selection with its proof, made before the key for which both
// hold.
type Backward struct {
	line      Line
	contest   string
	selection message.Selection
	r, secret kyber.Scalar
}

// ForgeBackward makes the ballot and solves for the election's secret. contest
// is the only one of the voter's style, and option its only selection.
func ForgeBackward(line Line, contest, option string, random io.Reader) (*Backward, error) {
	for {
		s, err := drawAll(random, 6)
		if err != nil {
			return nil, err
		}
		b := &Backward{line: line, contest: contest, r: s[0]}
		if b.solve(option, s[1], [2]kyber.Scalar{s[2], s[3]}, [2]kyber.Scalar{s[4], s[5]}) {
			return b, nil
		}
	}
}

// omitBackward is what the challenge must leave out.
const omitBackward = transcript.OmitKey | transcript.OmitElection

// solve finds x and with it the proof; it reports whether there is one.
func (b *Backward) solve(option string, w kyber.Scalar, u, e [2]kyber.Scalar) bool {
	r := b.r
	b.selection = message.Selection{Option: option, Alpha: element(base(r)), Beta: element(base(w))}
	start := omitBackward.Selection(b.statement(), option, b.selection.Alpha, b.selection.Beta)
	c := reduce(omitBackward.Branches(start, element(base(u[0])), element(base(e[0])), element(base(u[1])), element(base(e[1]))).Sum())

	// The quadratic with t = xr − w, sorted by powers of x.
	w1 := sub(integer(1), w)
	square := neg(add(mul(add(u[0], u[1]), r), mul(c, mul(r, r))))
	linear := sub(add(mul(add(e[0], e[1]), r), mul(u[1], w)), add(mul(u[0], w1), mul(mul(c, r), sub(w1, w))))
	constant := add(sub(mul(e[0], w1), mul(e[1], w)), mul(c, mul(w, w1)))
	roots, err := quadratic(square, linear, constant)
	if err != nil {
		return false
	}
	x := roots[0]
	t := sub(mul(x, r), w)
	if isZero(x) || isZero(t) || isZero(add(t, integer(1))) {
		return false
	}
	challenges := []kyber.Scalar{
		div(sub(e[0], mul(x, u[0])), t),
		div(sub(e[1], mul(x, u[1])), add(t, integer(1))),
	}
	b.secret, b.selection.Proof = x, respond(u[:], challenges, r)
	return true
}

// statement is what the challenge covers of it before there is an election.
func (b *Backward) statement() transcript.Statement {
	return transcript.Statement{
		Style: b.line.Style, Contest: b.contest,
		Caster:      transcript.Caster(message.Caster{Credential: b.line.Key}),
		Ciphertexts: omitBackward.Ciphertexts(message.Digest{}, b.line.Style, b.contests()),
	}
}

func (b *Backward) contests() []message.BallotContest {
	return []message.BallotContest{{Contest: b.contest, Selections: []message.Selection{b.selection}}}
}

// errForward: the election is not the one that the proof was made for.
var errForward = errors.New("the election's key is not the one that was solved for")

// Prepare is the ballot in the election that has come of it.
func (b *Backward) Prepare(e *Election) (*Prepared, error) {
	if element(base(b.secret)) != e.Key {
		return nil, errForward
	}
	contests, err := e.contests(b.line.Style)
	if err != nil {
		return nil, err
	}
	if len(contests) != 1 || NeedsSum(contests[0]) || len(Selections(contests[0])) != 1 {
		return nil, fmt.Errorf("style %q has more than one selection, or a sum proof", b.line.Style)
	}
	p := &Prepared{Ballot: message.Ballot{
		Caster: message.Caster{Credential: b.line.Key}, Contests: b.contests(), Fingerprint: e.Fingerprint,
		Style: b.line.Style, Unit: b.line.Unit, Weight: b.line.Weight,
	}}
	p.Tracker = transcript.Tracker(&p.Ballot)
	return p, nil
}

// Conspiracy is all trustees of one ceremony, whose contributions add up to a
// secret that was chosen beforehand. Each plays by the rules otherwise.
func (b *Backward) Conspiracy(keys []TrusteeKeys, random func(index uint64) io.Reader) ([]*Trustee, error) {
	rest := b.secret
	out := make([]*Trustee, len(keys))
	for i, k := range keys {
		out[i] = NewTrustee(k, random(k.Index))
		out[i].constant = rest
		if i < len(keys)-1 {
			share, err := draw(out[i].random)
			if err != nil {
				return nil, err
			}
			out[i].constant, rest = share, sub(rest, share)
		}
	}
	return out, nil
}
