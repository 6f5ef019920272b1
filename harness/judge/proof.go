package judge

import (
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// proofs re-checks the evidence of alarms.
type proofs struct {
	in     Input
	board  *board
	checks []string
}

// convince says whether anybody who has the record and the evidence is
// convinced.
func (p proofs) convince(f event.Finding) bool {
	if p.in.Case.Opaque {
		return f.Role == "auditor" // the system's own verifier, which found it twice
	}
	if f.Role == "voter" {
		return p.broken(f) || p.split(f)
	}
	return slices.Contains(p.checks, f.Check) || f.Role == "auditor" && p.watched(f)
}

// split says whether the head that an alarm names bears the board's signature
// and is no head of the board that was published: two heads of one size, of
// which the published one proves the other's root wrong.
func (p proofs) split(f event.Finding) bool {
	if p.in.Evidence == nil || p.board == nil || p.board.manifest == nil || f.Evidence == nil || f.Evidence.File == "" {
		return false
	}
	raw, err := p.in.Evidence(f.Evidence.File)
	if err != nil {
		return false
	}
	c, err := scrutineer.OpenBoardHead(p.board.manifest, raw)
	if err != nil || c.Size > uint64(len(p.board.raw)) {
		return false // the board may still come to it
	}
	return c.Root != scrutineer.TreeRoot(p.board.raw[:c.Size])
}

// broken says whether the receipt that an alarm names is a promise that the
// board signed and did not keep.
func (p proofs) broken(f event.Finding) bool {
	if p.in.Evidence == nil || p.board == nil || p.board.manifest == nil || f.Evidence == nil || f.Evidence.File == "" {
		return false
	}
	raw, err := p.in.Evidence(f.Evidence.File)
	if err != nil {
		return false
	}
	r, err := codec.Decode[message.Receipt](raw, codec.Limits{Size: 4096})
	if err != nil || scrutineer.CheckReceipt(p.board.manifest, r) != nil {
		return false
	}
	if r.Index >= uint64(len(p.board.entries)) {
		return false // the board may still keep it
	}
	c, ok := p.board.cast(r.Index)
	if !ok {
		return true
	}
	kept, err := scrutineer.DecisionDigest(c.Decision)
	return err != nil || kept != r.Decision
}
