package roles

import (
	"errors"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
)

// barred is a head that the board hands out as published and that a role does
// not take: it is not signed as it should be, or by too few. An honest board
// publishes none such.
type barred struct {
	raw []byte
	err error
}

// refusedHead is what an error says about a head; nil where it is about
// something else.
func refusedHead(raw []byte, err error) *barred {
	if errors.Is(err, cosign.ErrQuorum) || errors.Is(err, cosign.ErrCosignature) || errors.Is(err, board.ErrCheckpoint) {
		return &barred{raw, err}
	}
	return nil
}

// finding says what is wrong with it. The head is the evidence: beside the
// published one of that size it convicts the board, if it bears its signature.
func (b *barred) finding(role string) manage.Finding {
	return manage.Finding{
		Check: "V-02", Culprit: string(message.RoleBoard), Detail: "the board shows a head that cannot be relied on: " + b.err.Error(),
		Role: role, ThirdParty: true, Evidence: map[string]codec.HexBytes{"head": b.raw},
	}
}
