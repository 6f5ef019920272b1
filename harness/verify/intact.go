package verify

import (
	"context"
	"crypto/sha256"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// notIntact is why the other checks were not made.
const notIntact = "this copy is not what the board signed"

// intact holds the whole copy against its own tree, heads and chunk names
// before the first proof is looked at. It needs the manifest, and leaves a
// ledger with what is wrong where the copy is not what the board signed.
func (v *verification) intact(ctx context.Context, size uint64) (bool, error) {
	r := newReader(v.src, size, v.o.Findings)
	for ok := true; ok; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		_, ok = r.next()
	}
	r.finish()
	if r.err != nil {
		return false, r.err
	}
	l := newLedger(v.o.Findings)
	l.merge(&v.start)
	l.merge(&r.tally)
	l.expected[Tree] = l.seen[Tree]
	var there []record.Moment
	for _, m := range append(earlier(), record.Final) {
		if v.heads[m] != nil {
			there = append(there, m)
		}
	}
	l.expect(Heads, len(there))
	h := &headCheck{l: l, m: v.fold.x.m, heads: v.heads}
	h.signatures(there)
	h.tree(r.tree.Size(), r.tree.Root())
	if err := intactChunks(v.src, l); err != nil {
		return false, err
	}
	if l.anyFailed() == 0 {
		return true, nil
	}
	for _, c := range Checks() {
		if !l.failed(c) && c != Pins && c != Kept && c != NothingVacuous {
			l.block(notIntact, c)
		}
	}
	l.expect(Kept, v.kept.count())
	v.fold.l = l
	return false, nil
}

// intactChunks compares each chunk with its name.
func intactChunks(src record.Source, l *ledger) error {
	var failure error
	err := src.List(func(f record.File) bool {
		p, err := record.Parse(f.Path)
		if err != nil || p.Kind != record.KindChunk {
			return true // an unknown file is for V-01
		}
		data, err := src.Read(f.Path, p.Limit())
		switch {
		case err != nil && !isFault(err):
			failure = err
			return false
		case err != nil:
			l.add(found(Entries, "%s: %v", p, err).file(p.String()))
		case message.Digest(sha256.Sum256(data)) != p.Digest:
			l.add(found(Entries, "%s is not what its name says", p).file(p.String()))
		}
		return true
	})
	if failure == nil && err != nil && isFault(err) {
		err = nil // for V-01
	}
	if failure != nil {
		return failure
	}
	return err
}
