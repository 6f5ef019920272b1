package scrutineer

import (
	"fmt"
	"strings"

	"scrutineer/protocols/message"
)

// D01: different boards for different readers.
//
// Lucca Hirschi, Lara Schmid, David Basin, "Fixing the Achilles Heel of
// E-Voting: The Bulletin Board", CSF 2021; RFC 9162, section 11. A server that
// holds the board's key keeps two logs with a common beginning. On H₁, for V,
// stands her ballot at the index that she was promised; on H₂, which the
// trustees tally, stands the next voter's. Both heads are signed. As V's
// promise contradicts H₂, she must be shown H₁ to the end.
//
// What stops it is that no head counts without the cosignatures of a quorum:
// of two quorums each has more than half of the witnesses, so that one witness
// would have to cosign both. Two heads of one size under the board's signature
// with different roots convict it before anyone.
//
// What the planted weaknesses accept, in every role that follows heads:
//
//   - weak.bb.noGossip: a head with fewer cosignatures than the quorum.
//   - weak.bb.unsignedHead: a head of which no signature holds.

// Fork is a head of the other board, over these entries.
func (a Authority) Fork(origin string, entries [][]byte) []byte {
	return SignCheckpoint(Checkpoint{Origin: origin, Size: uint64(len(entries)), Root: TreeRoot(entries)}, a.Board)
}

// UnsignedHead is a head without its signature lines.
func UnsignedHead(note []byte) []byte {
	text, _, _ := strings.Cut(string(note), "\n\n")
	return []byte(text + "\n\n")
}

// OpenBoardHead opens a head that bears the board's signature, whatever else
// stands on it.
func OpenBoardHead(m *message.Manifest, note []byte) (Checkpoint, error) {
	text, signatures, ok := strings.Cut(string(note[:min(len(note), maxCheckpoint)]), "\n\n")
	if !ok {
		return Checkpoint{}, checkpointFault("no note")
	}
	text += "\n"
	c, err := parseCheckpointText(text)
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(signatures) {
		if by, _, err := verifyLine(m, text, line); err == nil && by == "" && c.Origin == m.Board.Origin {
			return c, nil
		}
	}
	return c, fmt.Errorf("%w: the board has not signed it", ErrCheckpoint)
}
