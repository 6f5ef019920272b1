package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"scrutineer/harness/verify/head"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// Options say what to compare with and how to work. The zero value is good.
type Options struct {
	// PinFingerprint and PinBoardKey are compared with the record's where
	// they are set (V-09).
	PinFingerprint *message.Digest
	PinBoardKey    *message.Key
	// KeptHeads are checkpoints, and KeptReceipts receipts, that the user kept
	// from while the election ran (V-45).
	KeptHeads    [][]byte
	KeptReceipts []message.Receipt
	// Workers check ballots; default one for each processor.
	Workers int
	// Findings is how many findings of each check are kept; default
	// [DefaultFindings]. All are counted.
	Findings int
	// Intact holds the copy against its own tree and heads first, and leaves
	// all else where it is not what the board signed: a damaged copy is told
	// in the time it takes to read it.
	Intact bool
}

// DefaultFindings is how many findings of each check a report keeps.
const DefaultFindings = 100

// ErrInternal is a fault of the verifier itself.
var ErrInternal = errors.New("fault in the verifier")

// Verify makes all checks over a record. Whatever is wrong with the record is
// in the report; an error is a fault of ours: a source that cannot be read, a
// context that has ended, or ErrInternal.
//
// The source must be safe for concurrent reading.
func Verify(ctx context.Context, src record.Source, o Options) (report *Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			report, err = nil, fmt.Errorf("%w: %v\n%s", ErrInternal, p, debug.Stack())
		}
	}()
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Findings <= 0 {
		o.Findings = DefaultFindings
	}
	v := &verification{src: src, o: o}
	if err := v.run(ctx); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return v.report(), nil
}

// verification is one run of Verify.
type verification struct {
	src    record.Source
	o      Options
	heads  map[record.Moment]*head.Head
	start  tally // of what comes before the entries
	reader *reader
	fold   fold
	kept   kept
	// damaged: the copy is not what the board signed, and all else was left
	damaged bool
}

func (v *verification) run(ctx context.Context) (err error) {
	v.start.keep = v.o.Findings
	if v.heads, err = readHeads(v.src, &v.start); err != nil {
		return err
	}
	claimed := uint64(0)
	if h := v.heads[record.Final]; h != nil {
		claimed = h.Size
	}
	s, err := surveyFiles(v.src, claimed)
	if err != nil {
		return err
	}
	size := min(s.size(), maxEntries)
	if h := v.heads[record.Final]; h != nil && size != h.Size {
		v.start.add(found(Files, "the bundles hold %d entries, the final checkpoint is for %d", size, h.Size).counts(h.Size, size))
	}
	v.reader = newReader(v.src, size, v.o.Findings)
	for _, m := range earlier() {
		if h := v.heads[m]; h != nil {
			v.reader.want(h.Size)
		}
	}
	v.kept = readKept(v.o)
	for _, h := range v.kept.heads {
		if h != nil {
			v.reader.want(h.Size)
		}
	}
	v.fold.begin(v.src, size, v.o.Findings)
	if err := v.entries(ctx); err != nil {
		return err
	}
	if v.damaged {
		return nil
	}
	v.reader.finish()
	if v.reader.err != nil {
		return v.reader.err
	}
	v.fold.conclude()
	return v.end()
}

// entries folds all entries: one after the other up to the opening, and with
// workers from there.
func (v *verification) entries(ctx context.Context) error {
	for v.fold.order.stage < stageOpen {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, ok := v.reader.next()
		if !ok {
			return v.reader.err
		}
		t := tally{keep: v.o.Findings}
		it, err := v.fold.examine(r, &t)
		if err != nil {
			return err
		}
		v.fold.l.merge(&t)
		if err := v.fold.entry(it); err != nil {
			return err
		}
	}
	if v.o.Intact && v.fold.x != nil {
		if ok, err := v.intact(ctx, v.reader.layout.Size); err != nil || !ok {
			v.damaged = !ok
			return err
		}
	}
	p := pipeline{reader: v.reader, fold: &v.fold, workers: v.o.Workers, keep: v.o.Findings}
	return p.run(ctx)
}

// end makes the checks that need everything, and sets what was to be seen.
func (v *verification) end() error {
	f := &v.fold
	l := f.l
	l.merge(&v.start)
	l.merge(&v.reader.tally)
	aborted := f.abort != nil
	moments := append(earlier(), record.Final)
	if aborted {
		moments = moments[3:]
	}
	size, root := v.reader.tree.Size(), v.reader.tree.Root()
	f.identity.Size, f.identity.Root = size, root
	if f.x != nil && !f.order.whole() {
		l.add(found(NothingVacuous, "the record ends with neither result nor abort").blame(authority).unproven())
	}
	l.expect(Heads, len(moments))
	l.expect(Prefixes, len(moments)-1)
	l.expect(Times, len(moments))
	if f.x == nil {
		v.blockFrom(Order, "there is no manifest")
		l.block("there is no manifest", Heads, Prefixes, Authorisation, IdentityList)
	} else {
		h := &headCheck{l: l, m: f.x.m, heads: v.heads}
		h.signatures(moments)
		h.tree(size, root)
		if !aborted {
			h.prefixes(size, v.reader.roots, f.covers())
		}
		h.clock()
		v.expectSetup(aborted)
	}
	v.pins()
	if err := v.kept.check(f, v.heads, v.reader.roots, size); err != nil {
		return err
	}
	layout := record.Layout{Size: v.reader.layout.Size, Chunks: f.open.named(), Aborted: aborted}
	return checkFiles(v.src, layout, &l.tally)
}

// expectSetup sets what the ceremony and the voting must have shown, and
// blocks what could not be looked at.
func (v *verification) expectSetup(aborted bool) {
	f, l := &v.fold, v.fold.l
	if aborted {
		for _, c := range []Check{DKGCommitments, Coefficients, Knowledge, ElectionKey} {
			l.expected[c] = l.seen[c]
		}
		l.expected[Dealing] = l.seen[Dealing]
		return
	}
	n, t := len(f.x.m.Trustees), int(min(f.x.m.Threshold, uint64(len(f.x.m.Trustees))))
	l.expect(DKGCommitments, n)
	l.expect(Coefficients, n*t)
	l.expect(Knowledge, n*t)
	l.expect(Dealing, n)
	l.expect(ElectionKey, n+1)
	l.expect(Close, len(f.x.m.Channels))
	l.expect(Seal, 1)
	l.expect(Participation, int(f.participants()))
	if f.setup != nil && f.setup.electorate == nil {
		l.block(notListed, IdentityList, CheckInList, Voids)
		v.blockFrom(Aggregates, notListed)
	}
	if f.setup == nil {
		reason := "the setup does not hold together"
		if first := l.anyFailed(); first != 0 {
			reason += fmt.Sprintf(": %s failed", first)
		}
		for c := Decoding; c <= CastOrOpened; c++ {
			l.block(reason, c)
		}
		l.block(reason, Participation, Authorisation, IdentityList)
		if f.place != nil {
			l.block(reason, Minutes, Packs, CheckInList, DeviceBallots, Voids, Inventory)
		}
		v.blockFrom(Aggregates, reason)
	}
	if f.seal == nil {
		l.block("there is no seal", AfterSeal)
		if f.x.identified() {
			l.block("there is no seal", IdentityList)
		}
		if f.place != nil {
			l.block("there is no seal", Voids, Inventory)
		}
		v.blockFrom(Aggregates, "there is no seal")
	}
	if f.result == nil {
		l.block("there is no result", Totals, Bounds, ResultComplete, Outcome, ResultBound)
	}
}

// blockFrom blocks a check and all after it, but for the last and the pins.
func (v *verification) blockFrom(first Check, reason string) {
	for c := first; c < NothingVacuous; c++ {
		if c != Pins {
			v.fold.l.block(reason, c)
		}
	}
}

// pins makes V-09.
func (v *verification) pins() {
	l, id := v.fold.l, &v.fold.identity
	if v.o.PinBoardKey != nil {
		l.both(Pins, 1)
		if *v.o.PinBoardKey != id.BoardKey {
			l.add(found(Pins, "the board's key is another").sides("key of board = pinned key", id.BoardKey, *v.o.PinBoardKey))
		}
	}
	if v.o.PinFingerprint != nil {
		l.both(Pins, 1)
		if *v.o.PinFingerprint != id.Fingerprint {
			l.add(found(Pins, "the fingerprint is another").sides("fingerprint = pinned fingerprint", id.Fingerprint, *v.o.PinFingerprint))
		}
	}
	if l.expected[Pins] == 0 {
		l.notes[Pins] = "compare the fingerprint " + id.Fingerprint.String() + " with one from elsewhere"
	}
}

func (v *verification) report() *Report {
	f := &v.fold
	r := &Report{Protocol: message.Protocol, Ending: Incomplete, Identity: f.identity, Counts: f.counts, Contests: f.totals}
	switch {
	case f.abort != nil:
		r.Ending, r.Culprit = Aborted, clip(f.abort.Culprit)
	case f.result != nil:
		r.Ending = Complete
	}
	if r.Contests == nil {
		r.Contests = []ContestTotals{}
	}
	r.Checks = f.l.close()
	r.Findings = f.l.sorted()
	r.Passed = true
	for _, row := range r.Checks {
		r.Passed = r.Passed && (row.Status == Passed || row.Status == NotPinned)
	}
	return r
}
