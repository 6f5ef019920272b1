// Package verify is the system's own verifier: what an auditor runs over the
// published record, and what a voter's promise is held against. It applies
// the same rules as every role, so it shares their mistakes; the harness has a
// verifier of its own that shares none of this code.
package verify

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// Options of a verification. Fingerprint, where not zero, is what the record
// must be of (V-09).
type Options struct {
	Fingerprint message.Digest
	Definition  message.Digest // under which the election was announced; zero: it was not
	Weak        weakness.View
	Recall      *recall.Memory // shared with roles of the process; nil: none
}

// Report is the outcome. A record is accepted if it has no faults.
type Report struct {
	Faults      []*rules.Fault
	Fingerprint message.Digest
	Size        uint64
	Phase       message.Phase
	Counts      rules.Counts
	Result      *message.Result
}

// Accepted reports that nothing is wrong with the record.
func (r *Report) Accepted() bool { return len(r.Faults) == 0 }

func (r *Report) fault(check, format string, args ...any) {
	r.Faults = append(r.Faults, &rules.Fault{Check: check, Detail: fmt.Sprintf(format, args...)})
}

// errStop ends a verification that cannot go on; its fault is in the report.
var errStop = errors.New("cannot go on")

// Record verifies a record. The error is not about the record: ctx ended.
func Record(ctx context.Context, source record.Source, o Options) (*Report, error) {
	report, err := verified(ctx, source, o, false)
	if err == nil && o.Weak.Has(weakness.Vacuous) && !report.Accepted() {
		if first, err := verified(ctx, source, o, true); err != nil || first.Accepted() {
			return first, err
		}
	}
	return report, err
}

// verified makes one verification, of all of the board or of its first page.
func verified(ctx context.Context, source record.Source, o Options, firstPage bool) (*Report, error) {
	a := &auditor{ctx: ctx, source: source, report: &Report{}, options: o, firstPage: firstPage, chunks: map[message.Digest]struct{}{}}
	if err := a.run(); err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	return a.report, ctx.Err()
}

type auditor struct {
	ctx     context.Context
	source  record.Source
	options Options
	report  *Report
	// firstPage leaves it at the first bundle of entries, as the vacuous
	// verifier does.
	firstPage bool

	state  *rules.State
	quorum *cosign.Quorum
	heads  map[record.Moment]*cosign.Head
	roots  map[uint64]message.Digest // at the sizes of the heads
	chunks map[message.Digest]struct{}
	events map[message.Type]uint64 // index of the last entry of a type
}

func (a *auditor) stop(check, format string, args ...any) error {
	a.report.fault(check, format, args...)
	return errStop
}

func (a *auditor) run() error {
	final, err := a.read(record.CheckpointPath(record.Final))
	if err != nil {
		return err
	}
	claimed, err := board.PeekCheckpoint(final)
	if err != nil || claimed.Size == 0 {
		return a.stop("V-02", "checkpoint: not a head of a board: %v", err)
	}
	if err := a.openHeads(claimed.Size, final); err != nil {
		return err
	}
	if a.firstPage {
		claimed.Size = min(claimed.Size, record.TileWidth)
	}
	if err := a.fold(claimed.Size); err != nil {
		return err
	}
	a.pinned()
	if a.firstPage {
		return nil
	}
	a.compareRoots()
	a.closedList(claimed.Size)
	a.conclude()
	return nil
}

// read reads a file of the record; that it is missing is a fault.
func (a *auditor) read(path string) ([]byte, error) {
	p, err := record.Parse(path)
	if err != nil {
		return nil, a.stop("V-01", "%s: %v", path, err)
	}
	b, err := a.source.Read(path, p.Limit())
	if err != nil {
		return nil, a.stop("V-01", "%s: %v", path, err)
	}
	return b, nil
}

// openHeads takes keys from the manifest, the first entry, and opens every
// head with them (V-02).
func (a *auditor) openHeads(size uint64, final []byte) error {
	width := int(min(size, 256))
	bundle, err := a.read(record.BundlePath(0, width))
	if err != nil {
		return err
	}
	entries, err := reading.Bundle(a.options.Weak, bundle, width)
	if err != nil {
		return a.stop("V-03", "%s: %v", record.BundlePath(0, width), err)
	}
	m, err := a.manifestOf(entries[0])
	if err != nil {
		return a.stop("V-08", "entry 0: %v", err)
	}
	if a.quorum, err = Quorum(&m); err != nil {
		return a.stop("V-08", "%v", err)
	}
	a.quorum = a.quorum.Remembering(a.options.Recall)
	a.heads = map[record.Moment]*cosign.Head{}
	head, err := a.open(final)
	if err != nil {
		return a.stop("V-02", "checkpoint: %v", err)
	}
	a.heads[record.Final] = head
	for _, moment := range []record.Moment{record.Opened, record.Closed, record.Sealed} {
		raw, err := a.source.Read(record.CheckpointPath(moment), 1<<16)
		if err != nil {
			continue // conclude asks for those that must be there
		}
		if a.heads[moment], err = a.open(raw); err != nil {
			return a.stop("V-02", "%s: %v", record.CheckpointPath(moment), err)
		}
	}
	return nil
}

// open opens a head with the keys of the manifest. The weak rule looks at the
// cosignatures that are there.
func (a *auditor) open(raw []byte) (*cosign.Head, error) {
	weak := a.options.Weak
	head, err := reading.Note(weak, raw, a.quorum.Widened(weak.Has(weakness.NoGossip), weak.Has(weakness.UnsignedHead)).Open)
	if a.options.Weak.Has(weakness.Vacuous) && errors.Is(err, cosign.ErrQuorum) {
		return a.quorum.OpenSigned(raw)
	}
	return head, err
}

// manifestOf reads the manifest in a board's first entry, whose body may lie
// in chunks.
func (a *auditor) manifestOf(raw []byte) (message.Manifest, error) {
	e, body, err := entry.Open(a.ctx, a.options.Weak, raw, reader{a})
	if err != nil {
		return message.Manifest{}, err
	}
	if e.Type != message.TypeManifest {
		return message.Manifest{}, fmt.Errorf("a %q entry is no manifest", e.Type)
	}
	b, err := codec.Decode[message.ManifestBody](body, codec.Limits{Size: message.MaxBody})
	return b.Manifest, err
}

// Quorum is what the heads of an election's board must carry.
func Quorum(m *message.Manifest) (*cosign.Quorum, error) {
	verifier, err := board.NewVerifier(m.Board.Origin, ed25519.PublicKey(m.Board.Key[:]))
	if err != nil {
		return nil, fmt.Errorf("board key: %w", err)
	}
	var witnesses []cosign.Key
	for _, w := range m.Witnesses {
		witnesses = append(witnesses, cosign.Key{Name: w.ID, Public: ed25519.PublicKey(w.Key[:])})
	}
	return cosign.NewQuorum(verifier, witnesses, int(m.Quorum))
}

// fold applies the rules to every entry, and compares every tile with the one
// that the entries give (V-03).
func (a *auditor) fold(size uint64) error {
	a.state = rules.New(a.options.Weak, reader{a}).Remember(a.options.Recall)
	a.state.Expect(a.options.Definition)
	a.roots, a.events = map[uint64]message.Digest{}, map[message.Type]uint64{}
	tiler := record.NewTiler(a.compare)
	for i := uint64(0); i < size; i += 256 {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		entries, err := a.bundle(i/256, int(min(size-i, 256)))
		if err != nil {
			return err
		}
		for _, raw := range entries {
			if err := a.entry(raw); err != nil {
				return err
			}
			if err := tiler.Add(raw); err != nil {
				return err
			}
		}
	}
	if err := tiler.Finish(); err != nil {
		return err
	}
	a.report.Size, a.report.Phase, a.report.Counts = size, a.state.Phase(), a.state.Counts()
	a.report.Fingerprint, a.report.Result = a.state.Fingerprint(), a.state.Result()
	return nil
}

func (a *auditor) bundle(index uint64, width int) ([][]byte, error) {
	path := record.BundlePath(index, width)
	raw, err := a.read(path)
	if err != nil {
		return nil, err
	}
	entries, err := reading.Bundle(a.options.Weak, raw, width)
	if err != nil {
		return nil, a.stop("V-03", "%s: %v", path, err)
	}
	return entries, nil
}

// compare holds a recomputed file against the record's.
func (a *auditor) compare(path string, data []byte) error {
	if a.absent(path) {
		return nil
	}
	there, err := a.read(path)
	if err != nil {
		return err
	}
	if !reading.File(a.options.Weak, there, data) {
		return a.stop("V-03", "%s is not what the entries give", path)
	}
	return nil
}

// absent is the weak rule for a file that is not there: it was optional. On
// the first page nothing is compared, since tiles are of the whole board.
func (a *auditor) absent(path string) bool {
	if !a.options.Weak.Has(weakness.Vacuous) {
		return false
	}
	_, err := a.source.Read(path, 0)
	return a.firstPage || errors.Is(err, record.ErrNotFound)
}

func (a *auditor) entry(raw []byte) error {
	if e, err := message.DecodeEntry(raw); err == nil {
		for _, d := range e.Chunks {
			a.chunks[d] = struct{}{}
		}
		again := a.state.Phase() != message.PhaseVoting && a.options.Weak.Has(weakness.NonIdempotent)
		if _, had := a.events[e.Type]; !had || !again {
			a.events[e.Type] = a.state.Size()
		}
	}
	fault, err := a.state.Apply(a.ctx, raw, rules.Full)
	if err != nil {
		return a.stop("V-05", "entry %d: %v", a.state.Size(), err)
	}
	if fault != nil {
		a.report.Faults = append(a.report.Faults, fault)
	}
	for _, h := range a.heads {
		if h != nil && h.Size == a.state.Size() {
			root, err := a.state.Root()
			if err != nil {
				return err
			}
			a.roots[h.Size] = root
		}
	}
	return nil
}

// compareRoots makes the end of V-03 and V-04.
func (a *auditor) compareRoots() {
	for moment, h := range a.heads {
		check := "V-04"
		if moment == record.Final {
			check = "V-03"
		}
		if root, ok := a.roots[h.Size]; !ok || message.Digest(h.Root) != root {
			a.report.fault(check, "%s is not a head of these entries", record.CheckpointPath(moment))
		}
	}
}

// closedList makes V-01: exactly the files that size, chunks and outcome ask
// for.
func (a *auditor) closedList(size uint64) {
	layout := record.Layout{Size: size, Chunks: a.chunks, Aborted: a.state.Phase() == message.PhaseAborted}
	var seen uint64
	err := a.source.List(func(f record.File) bool {
		p, err := record.Parse(f.Path)
		if err != nil || !layout.Contains(p) {
			a.report.fault("V-01", "%q does not belong to the record", f.Path)
		}
		seen++
		return seen <= layout.Count()+16
	})
	if err != nil {
		a.report.fault("V-01", "%v", err)
	}
	if !a.options.Weak.Widen(weakness.Vacuous, seen >= layout.Count(), func() bool { return true }) {
		a.report.fault("V-01", "%d files, want %d", seen, layout.Count())
	}
}

// pinned makes V-09.
func (a *auditor) pinned() {
	pin := a.options.Fingerprint
	right := pin == (message.Digest{}) || pin == a.report.Fingerprint
	if !a.options.Weak.Widen(weakness.TrustRecordParams, right, func() bool { return true }) {
		a.report.fault("V-09", "fingerprint %s, pinned %s", a.report.Fingerprint, pin)
	}
}

// conclude asks for what a finished record must have.
func (a *auditor) conclude() {
	switch a.report.Phase {
	case message.PhaseAborted:
		return
	case message.PhasePublished:
	default:
		a.report.fault("V-44", "the record ends in phase %s, without a result", a.report.Phase)
		return
	}
	covers := map[record.Moment]message.Type{
		record.Opened: message.TypeOpen, record.Closed: message.TypeCloseChannel, record.Sealed: message.TypeSeal,
	}
	for moment, kind := range covers {
		switch h := a.heads[moment]; {
		case h == nil && a.options.Weak.Has(weakness.Vacuous):
		case h == nil:
			a.report.fault("V-01", "%s is missing", record.CheckpointPath(moment))
		case h.Size <= a.events[kind]:
			a.report.fault("V-04", "%s does not cover the %s entry", record.CheckpointPath(moment), kind)
		}
	}
	if a.Accepted() {
		a.sizes()
		a.times()
	}
}

// Accepted reports that nothing was found so far.
func (a *auditor) Accepted() bool { return len(a.report.Faults) == 0 }

// sizes makes the rest of V-04: heads that each were the first to cover
// something do not shrink.
func (a *auditor) sizes() {
	var last uint64
	for _, moment := range a.there() {
		if size := a.heads[moment].Size; size < last {
			a.report.fault("V-04", "%s is smaller than the one before it", record.CheckpointPath(moment))
		} else {
			last = size
		}
	}
}

// there lists the heads in order; where the weak rule let some be absent, or
// without a cosignature, they are left out.
func (a *auditor) there() []record.Moment {
	var out []record.Moment
	for _, moment := range []record.Moment{record.Opened, record.Closed, record.Sealed, record.Final} {
		h := a.heads[moment]
		if !a.options.Weak.Has(weakness.Vacuous) || h != nil && len(h.Cosignatures) > 0 {
			out = append(out, moment)
		}
	}
	return out
}

// times makes V-34.
func (a *auditor) times() {
	var last int64
	for _, moment := range a.there() {
		at := a.heads[moment].Median().Unix()
		if at < last {
			a.report.fault("V-34", "%s was cosigned before the one before it", record.CheckpointPath(moment))
		}
		last = at
	}
	if len(a.there()) < 4 {
		return // absent under the weak rule alone
	}
	m := a.state.Election().Manifest
	interval := int64(m.PollInterval)
	opened, closed := a.heads[record.Opened].Median().Unix(), a.heads[record.Closed].Median().Unix()
	opens, closes, latest := int64(m.Channels[0].Opens), int64(m.Channels[0].Closes), int64(0)
	for _, c := range m.Channels {
		opens, closes = min(opens, int64(c.Opens)), max(closes, int64(c.Closes))
		latest = max(latest, int64(c.Closes+c.MaxExtension))
	}
	switch {
	case opened < opens-interval:
		a.report.fault("V-34", "opened at %d, the first channel opens at %d", opened, opens)
	case !m.Test && closed < closes-interval:
		a.report.fault("V-34", "closed at %d, the last channel closes at %d", closed, closes)
	case closed > latest+interval:
		a.report.fault("V-34", "closed at %d, the last channel closes at %d at the latest", closed, latest)
	}
}

// reader reads the record as a board, for rules that look back.
type reader struct{ a *auditor }

// Entries implements rules.Source.
func (r reader) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	size := r.a.heads[record.Final].Size
	for i := from; i < to; {
		index := i / 256
		entries, err := r.a.bundle(index, int(min(size-index*256, 256)))
		if err != nil {
			return err
		}
		for ; i < to && i/256 == index; i++ {
			if err := f(i, entries[i%256]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Chunk implements rules.Source.
func (r reader) Chunk(_ context.Context, digest board.Hash) ([]byte, error) {
	return r.a.source.Read(record.ChunkPath(message.Digest(digest)), message.ChunkSize)
}

var _ rules.Source = reader{}
var _ entry.Chunks = reader{}
