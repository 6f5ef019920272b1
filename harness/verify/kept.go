package verify

import (
	"fmt"

	"scrutineer/harness/verify/canonical"
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/head"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// kept is what somebody kept of the board while the election ran.
type kept struct {
	heads    []*head.Head // nil where malformed
	errors   []error      // why
	receipts []message.Receipt
}

// readKept parses the heads, so that the tree's root is noted at their sizes.
func readKept(o Options) kept {
	k := kept{receipts: o.KeptReceipts}
	for _, note := range o.KeptHeads {
		h, err := head.Parse(note)
		k.heads, k.errors = append(k.heads, h), append(k.errors, err)
	}
	return k
}

func (k *kept) count() int { return len(k.heads) + len(k.receipts) }

// check makes V-45. A fault that is the board's own word against this record
// convinces a third party; a head or receipt that does not verify convinces
// nobody, and is a fault all the same: the user believes in it.
func (k *kept) check(f *fold, heads map[record.Moment]*head.Head, roots map[uint64][32]byte, size uint64) error {
	l := f.l
	l.expect(Kept, k.count())
	if f.x == nil {
		l.block("there is no manifest", Kept)
		return nil
	}
	for i, h := range k.heads {
		l.see(Kept, 1)
		if h == nil {
			l.add(found(Kept, "kept checkpoint %d: %v", i+1, k.errors[i]))
			continue
		}
		k.head(f, i, h, roots, size)
		k.first(f, i, h, heads)
	}
	for i := range k.receipts {
		l.see(Kept, 1)
		if err := k.receipt(f, i, size); err != nil {
			return err
		}
	}
	return nil
}

func (k *kept) head(f *fold, i int, h *head.Head, roots map[uint64][32]byte, size uint64) {
	_, problems := h.Check(keysOf(f.x.m))
	for _, p := range problems {
		f.l.add(found(Kept, "kept checkpoint %d: %s", i+1, p.Detail))
	}
	if len(problems) > 0 {
		return
	}
	switch root := roots[h.Size]; {
	case h.Size > size:
		f.l.add(found(Kept, "kept checkpoint %d is of %d entries, this record ends at %d", i+1, h.Size, size).
			counts(h.Size, size).blame(board))
	case root != h.Root:
		f.l.add(found(Kept, "kept checkpoint %d is of another history", i+1).
			sides("root = MTH(entries 0..size-1)", h.Root, root).blame(board))
	}
}

// first holds a kept head against those of the record, which must be the first
// to cover what they are for (SPEC.md §5): one in between shows that an
// earlier one, with an earlier time, was passed over.
func (k *kept) first(f *fold, i int, h *head.Head, heads map[record.Moment]*head.Head) {
	covers := f.covers()
	for _, m := range earlier() {
		if c := heads[m]; c != nil && covers[m] > 0 && covers[m] < h.Size && h.Size < c.Size {
			f.l.add(found(Kept, "kept checkpoint %d covers entry %d, and %s is a later one", i+1, covers[m], record.CheckpointPath(m)).
				entry(covers[m]).counts(h.Size, c.Size).blame(board))
		}
	}
}

// receipt holds a receipt (S-19) against the entry at its index.
func (k *kept) receipt(f *fold, i int, size uint64) error {
	r := &k.receipts[i]
	key := f.x.m.Board.Key
	digest := challenge.Receipt(r)
	switch {
	case !verified(key, digest, r.Signature):
		f.l.add(found(Kept, "kept receipt %d is not signed by this board", i+1))
		return nil
	case r.Fingerprint != f.identity.Fingerprint:
		f.l.add(found(Kept, "kept receipt %d is for another election", i+1).
			sides("fingerprint of receipt = fingerprint", r.Fingerprint, f.identity.Fingerprint))
		return nil
	case r.Index >= size:
		f.l.add(found(Kept, "kept receipt %d promises entry %d, this record ends at %d", i+1, r.Index, size).
			counts(r.Index, size).blame(board))
		return nil
	}
	it, err := f.reopen(r.Index)
	if err != nil {
		return fmt.Errorf("kept receipt %d: %w", i+1, err)
	}
	if hd, tracker, credential := decided(it); hd != [32]byte(r.Decision) || tracker != [32]byte(r.Tracker) || credential != [32]byte(r.Credential) {
		f.l.add(it.place(found(Kept, "entry %d is not the decision that kept receipt %d promises", r.Index, i+1)).
			sides("D(\"decision\"; m) of the entry = decision of the receipt", hd, r.Decision).blame(board))
	}
	return nil
}

// decided is what a receipt for an entry names: the decision's digest, the
// tracker, and the credential of a cast. All zero for other entries.
func decided(it *item) (hd, tracker, credential [32]byte) {
	switch m := it.body.(type) {
	case *message.Cast:
		return challenge.Decision(decisionContent(&m.Decision)), m.Decision.Tracker, m.Decision.Credential
	case *message.Challenge:
		return challenge.Decision(it.bytes), challenge.Tracker(m.Fingerprint, m.Style, challenge.OpenedCiphertexts(m), m.Commitment), credential
	}
	return hd, tracker, credential
}

// ParseReceipt reads a receipt as the board sent it.
func ParseReceipt(data []byte) (message.Receipt, error) {
	if err := canonical.Check(data); err != nil {
		return message.Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	r, err := codec.Decode[message.Receipt](data, codec.Limits{Size: message.MaxInline})
	if err != nil {
		return r, fmt.Errorf("receipt: %w", err)
	}
	return r, nil
}
