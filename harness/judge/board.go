package judge

import (
	"errors"
	"strconv"
	"strings"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/verify"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reports/event"
)

// maxBoard is the largest board that is judged, in entries.
const maxBoard = 1 << 20

// board is what the record shows, entry by entry. A nil board shows nothing.
type board struct {
	manifest *message.Manifest
	entries  []message.Entry
	bodies   [][]byte
	raw      [][]byte
	result   *message.Result
	sealed   bool
	size     int64
}

// read opens the entries of a record. What cannot be read is left out: that
// something is wrong with the record is the verifier's to say.
func read(src record.Source) (*board, error) {
	if src == nil {
		return nil, nil
	}
	raw, err := entries(src)
	if errors.Is(err, errRecord) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b := &board{size: int64(len(raw)), raw: raw}
	fetch := func(d message.Digest) ([]byte, error) {
		return src.Read(record.ChunkPath(d), message.ChunkSize)
	}
	for _, data := range raw {
		e, body, err := scrutineer.OpenEntry(data, fetch)
		if err != nil {
			e, body = message.Entry{}, nil
		}
		b.entries, b.bodies = append(b.entries, e), append(b.bodies, body)
		b.take(e, body)
	}
	return b, nil
}

// take notes what the other methods need.
func (b *board) take(e message.Entry, body []byte) {
	limits := codec.Limits{Size: message.MaxBody}
	switch e.Type {
	case message.TypeManifest:
		if m, err := codec.Decode[message.ManifestBody](body, limits); err == nil && b.manifest == nil {
			b.manifest = &m.Manifest
		}
	case message.TypeSeal:
		b.sealed = true
	case message.TypeResult:
		if r, err := codec.Decode[message.Result](body, limits); err == nil && b.result == nil {
			b.result = &r
		}
	}
}

// opened is the index of the opening; −1 where there is none.
func (b *board) opened() int64 {
	if b != nil {
		for i, e := range b.entries {
			if e.Type == message.TypeOpen {
				return int64(i)
			}
		}
	}
	return -1
}

// ballots checks each cast by itself, for the manifest, the fingerprint and
// the key that the board opened the election with.
func (b *board) ballots() []event.Finding {
	at := b.opened()
	if at < 0 || b.manifest == nil {
		return nil
	}
	open, err := codec.Decode[message.Open](b.bodies[at], codec.Limits{Size: message.MaxBody})
	if err != nil {
		return nil
	}
	setup, ok := verify.NewSetup(b.manifest, b.entries[at].Context, open.ElectionKey)
	if !ok {
		return nil
	}
	var out []event.Finding
	for i := range b.entries {
		c, ok := b.cast(uint64(i))
		if !ok {
			continue
		}
		for _, f := range setup.CheckCast(&c) {
			f.Evidence.Entry = new(uint64(i))
			out = append(out, finding(f))
		}
	}
	return out
}

// entries reads all entry bundles of a record.
func entries(src record.Source) ([][]byte, error) {
	note, err := src.Read(record.CheckpointPath(record.Final), record.MaxCheckpoint)
	if err != nil {
		return nil, unreadable(err)
	}
	lines := strings.SplitN(string(note), "\n", 3)
	if len(lines) < 3 {
		return nil, recordFault("a head without a size")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size > maxBoard {
		return nil, recordFault("a head of %.20q entries", lines[1])
	}
	layout := record.Layout{Size: size}
	var out [][]byte
	for i := uint64(0); i < layout.Bundles(); i++ {
		width := layout.BundleWidth(i)
		p := record.Path{Kind: record.KindEntries, Index: i, Width: width}
		data, err := src.Read(p.String(), p.Limit())
		if err != nil {
			return nil, unreadable(err)
		}
		bundle, err := record.DecodeBundle(data, width)
		if err != nil {
			return nil, recordFault("%s: %v", p, err)
		}
		out = append(out, bundle...)
	}
	return out, nil
}

// unreadable tells a fault of the record from one of the machine.
func unreadable(err error) error {
	for _, known := range []error{record.ErrNotFound, record.ErrTooLarge, record.ErrIrregular, record.ErrPath} {
		if errors.Is(err, known) {
			return recordFault("%v", err)
		}
	}
	return err
}

// cast is the cast at an index; false where something else stands there.
func (b *board) cast(index uint64) (message.Cast, bool) {
	if b == nil || index >= uint64(len(b.entries)) || b.entries[index].Type != message.TypeCast {
		return message.Cast{}, false
	}
	c, err := codec.Decode[message.Cast](b.bodies[index], codec.Limits{Size: message.MaxBody})
	return c, err == nil
}

// casts is the board as oracles see it. Voters are known by credential.
func (b *board) casts(voters map[string]string) *history.Board {
	if b == nil {
		return nil
	}
	out := &history.Board{Size: b.size, Sealed: b.sealed}
	for i := range b.entries {
		if c, ok := b.cast(uint64(i)); ok {
			out.Entries = append(out.Entries, history.Entry{Index: int64(i), Voter: voters[c.Decision.Credential.String()],
				Tracker: c.Decision.Tracker.String(), Predecessor: c.Decision.Predecessor})
		}
	}
	return out
}

// totals is the published result; nil where there is none.
func (b *board) totals() *history.Totals {
	if b == nil || b.result == nil || b.manifest == nil {
		return nil
	}
	out := &history.Totals{}
	for _, contest := range b.result.Contests {
		known := scrutineer.Contest(b.manifest, contest.Contest)
		for _, cell := range contest.Cells {
			c := history.Cell{Contest: contest.Contest, Units: cell.Units, Options: map[string]uint64{}, Withheld: cell.Withheld}
			ballots := cell.Ballots
			c.Ballots = &ballots
			for i, n := range cell.Totals {
				switch {
				case known == nil || i > len(known.Options):
				case i == len(known.Options):
					c.Blank = n
				default:
					c.Options[known.Options[i].ID] = n
				}
			}
			out.Cells = append(out.Cells, c)
		}
	}
	return out
}
