package verify

import (
	"crypto/ed25519"
	"fmt"
	"iter"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/head"
	"scrutineer/harness/verify/merkle"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// OpenSetup folds the entries of a board up to its opening and returns what
// they fix, with the faults on the way. The setup is nil where the board does
// not get to a sound opening. Chunks of bodies are read from src; it may be
// nil where all bodies are inline.
func OpenSetup(entries iter.Seq2[[]byte, error], src record.Source) (*Setup, []Finding, error) {
	var f fold
	f.begin(src, 0, DefaultFindings)
	index := uint64(0)
	for data, err := range entries {
		if err != nil {
			return nil, nil, fmt.Errorf("open setup: entry %d: %w", index, err)
		}
		t := tally{keep: f.l.keep}
		it, err := f.examine(raw{index: index, data: data}, &t)
		if err != nil {
			return nil, nil, fmt.Errorf("open setup: %w", err)
		}
		f.l.merge(&t)
		if err := f.entry(it); err != nil {
			return nil, nil, fmt.Errorf("open setup: %w", err)
		}
		if index++; f.order.stage >= stageOpen {
			break
		}
	}
	return f.setup, f.l.sorted(), nil
}

// CheckReceipt reports whether the board's key signed a receipt of this
// election (S-19). A receipt that nothing on the board answers to is evidence
// against the board.
func (s *Setup) CheckReceipt(r *message.Receipt) bool {
	digest := challenge.Receipt(r)
	return r.Fingerprint == message.Digest(s.fingerprint) && s.byBoard(digest, r.Signature)
}

// CheckRefusal reports whether the board's key signed a refusal of this
// election (S-20).
func (s *Setup) CheckRefusal(r *message.Refusal) bool {
	digest := challenge.Refusal(r)
	return r.Fingerprint == message.Digest(s.fingerprint) && s.byBoard(digest, r.Signature)
}

func (s *Setup) byBoard(digest [32]byte, signature message.Signature) bool {
	return verified(s.index.m.Board.Key, digest, signature)
}

// verified is the one way of SPEC.md §1 to check an Ed25519 signature: S below
// L, no cofactor, R compared as bytes. crypto/ed25519 does just that; which
// keys there may be is V-08's.
func verified(key message.Key, digest [32]byte, signature message.Signature) bool {
	return ed25519.Verify(key[:], digest[:], signature[:])
}

// CheckHead makes V-02 for one checkpoint by itself. The head is nil where
// there is a finding.
func CheckHead(m *message.Manifest, checkpoint []byte) (*head.Head, []Finding) {
	h, err := head.Parse(checkpoint)
	if err != nil {
		return nil, []Finding{*found(Heads, "%v", err)}
	}
	_, problems := h.Check(keysOf(m))
	if len(problems) == 0 {
		return h, nil
	}
	var out []Finding
	for _, p := range problems {
		out = append(out, *found(Heads, "%s", p.Detail))
	}
	return nil, out
}

// keysOf are the keys that checkpoints of an election are checked with.
func keysOf(m *message.Manifest) head.Keys {
	keys := head.Keys{Origin: m.Board.Origin, Board: m.Board.Key, Quorum: m.Quorum}
	for _, w := range m.Witnesses {
		keys.Witnesses = append(keys.Witnesses, head.Witness{ID: w.ID, Key: w.Key})
	}
	return keys
}

// Root is the Merkle tree hash over entries (RFC 6962 §2.1), by the
// verifier's own code.
func Root(entries iter.Seq[[]byte]) message.Digest {
	var tree merkle.Range
	for e := range entries {
		tree.Append(merkle.Leaf(e))
	}
	return tree.Root()
}
