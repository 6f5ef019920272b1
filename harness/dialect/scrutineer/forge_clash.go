package scrutineer

import (
	"io"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// B05: a clash, several voters get the same ballot and the same receipt.
//
// Ralf Küsters, Tomasz Truderung, Andreas Vogt, "Clash attacks on the
// verifiability of e-voting systems", IEEE Symposium on Security and Privacy
// 2012, eprint 2012/116. Two voters U and W want the same choice and use a
// device that colludes with the server:
//
//   - U's ballot b (caster U, tracker t_U) is prepared and cast honestly. It
//     stands at index i. U has nothing to complain about.
//   - W is shown b and t_U as her own, and what she believes to sign is the
//     decision {W, t_U}. The device has W's credential sign the decision
//     {W, t′} for another ballot b′ (caster W) of the adversary's choice.
//   - The server casts b′ for W, and promises W with the board's key
//     {W, H({W, t_U}), t_U, i}.
//
// Both see "their" tracker on the board; the choice of one of them is gone.
// The board itself is without fault: b and b′ are good ballots, each cast by
// its caster. Only W's check can tell: entry i is U's decision and not hers,
// which with the signed promise convinces anybody; and b's proofs do not hold
// with her credential.
//
// What the planted weaknesses accept, both in the voter's own check (S-21):
//
//   - weak.bb.aliases: the entry at the promised index is a cast with my
//     tracker. Its credential, decision and bytes, and other entries of my
//     credential, are not looked at, as on a board of aliases.
//   - weak.ballot.noVoterBinding: its proofs hold with the caster that the
//     ballot names. (Everywhere else the switch drops V-19, which this attack
//     does not need.)
//
// The variant with revotes is the same with W's standing ballot as
// predecessor.

// Clash is what the device makes of W.
type Clash struct {
	Shown    *Prepared        // U's ballot, shown to W as hers
	Believed message.Decision // what W believes to have decided; never sent on
	Instead  *Prepared        // the adversary's ballot with W as caster
	Real     message.Decision // W's signature on it; what is cast
}

// ForgeClash prepares the clash of W with the ballot shown, which U casts.
// Instead are the adversary's choices, predecessor W's standing ballot.
func (e *Election) ForgeClash(shown *Prepared, w Credential, line Line, instead Choices, predecessor string, r io.Reader) (*Clash, error) {
	c := &Clash{Shown: shown}
	var err error
	if c.Believed, err = w.Decide(e.Fingerprint, shown.Tracker, predecessor, r); err != nil {
		return nil, err
	}
	if c.Instead, err = e.Prepare(line, instead, r); err != nil {
		return nil, err
	}
	c.Real, err = w.Decide(e.Fingerprint, c.Instead.Tracker, predecessor, r)
	return c, err
}

// Submission is the adversary's body in W's name.
func (c *Clash) Submission(e *Election, w Credential, r io.Reader) ([]byte, error) {
	return w.Submission(e.Fingerprint, &c.Instead.Ballot, r)
}

// Promise is the receipt for W, signed with the board's key: her credential,
// U's tracker, the index of U's ballot.
func (c *Clash) Promise(a Authority, e *Election, index uint64) ([]byte, error) {
	r, err := a.Receipt(e, c.Believed, index)
	if err != nil {
		return nil, err
	}
	return codec.Encode(r)
}

// Ticket is the decision as W's own history has it.
func (c *Clash) Ticket() (*Ticket, error) {
	hd, err := DecisionDigest(c.Believed)
	return &Ticket{Prepared: c.Shown, Decision: &c.Believed, Digest: hd, Outcome: Unknown}, err
}
