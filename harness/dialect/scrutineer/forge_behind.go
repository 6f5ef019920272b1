package scrutineer

import "io"

// A ballot that nobody but its credential knows of: well-formed, well-proven,
// well-signed, and cast by whoever has the secret. Against a malicious device
// that casts again after the voter's check there is no cryptography (Pereira,
// "Individual Verifiability and Revoting in the Estonian Internet Voting
// System", FC 2022 Workshops), and none against a registrar who gives
// credentials to the server (Cortier, Galindo, Glondu, Izabachène, ESORICS
// 2014): what is left is that somebody else must be asked for each cast, and
// tells.

// Behind casts with a voter's credential after his standing ballot, and leaves
// no trace in his history.
type Behind struct {
	device Voter
	Ticket *Ticket
	// Submission is the body for the box.
	Submission []byte
}

// ForgeBehind makes the ballot of a credential. Random must be no stream that
// another client of the credential draws from.
func (e *Election) ForgeBehind(c Credential, line Line, choices Choices, predecessor string, random io.Reader) (*Behind, error) {
	b := &Behind{device: Voter{Credential: c, Line: line, Election: e, Random: random}}
	p, err := b.device.Prepare(choices)
	if err != nil {
		return nil, err
	}
	if b.Submission, err = b.device.Submission(p); err != nil {
		return nil, err
	}
	b.Ticket, _, err = b.device.Cast(p, predecessor)
	return b, err
}
