package scrutineer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/counting"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// E12: a record that was made afterwards, and a verifier that says yes because
// it had nothing to check.
//
// Haines, Goré and others (IEEE S&P 2020): an apparently successful
// verification implies nothing until one knows what was verified. Belenios'
// shuffle check passed without ballots (mended in ce28c728); Swiss Post's
// findings YWH-PGM2323-64 and -192 are of the same kind. A server that holds
// the keys of authority and board, and nobody else's, cuts a finished board
// short, names another winner, signs seal, result and heads anew, and
// publishes that.
//
// It cannot make honest decryption shares anew: they name the sealed root and
// the ciphertexts, and trustees sign them. So they are gone, and what a
// vacuous verifier does is to check every share that is there.
//
// What the planted weaknesses accept:
//
//   - weak.verifier.vacuous: a head without any cosignature; heads and tiles
//     that are not there; entries of unknown type, which are passed over; a
//     participation where no ballot counts; a result over no share at all,
//     believed as it stands; an outcome by an unknown counting method; and a
//     board of which only the first 256 entries hold.
//   - weak.verifier.trustRecordParams: any fingerprint, whichever was pinned.

// RecordForgery is a way to forge a finished record.
type RecordForgery string

// The forgeries of E12.
const (
	RecordNoBallots     RecordForgery = "no-ballots"
	RecordNoShares      RecordForgery = "no-shares"
	RecordUnknownEntry  RecordForgery = "unknown-entries"
	RecordFirstPage     RecordForgery = "first-page"
	RecordNoFiles       RecordForgery = "no-files"
	RecordUnknownMethod RecordForgery = "unknown-method"
	RecordOwnKeys       RecordForgery = "own-keys"
)

// The forgeries of a finished record by H01 and H07.
const (
	RecordTwoResults RecordForgery = "two-results"
	RecordBundleTail RecordForgery = "bundle-tail"
	RecordHeadTail   RecordForgery = "head-tail"
)

// ErrRecord is wrapped where a record is not one that can be forged: it ends
// before the result, or cannot be read.
var ErrRecord = errors.New("the record cannot be taken apart")

// Published is a finished record taken apart, in the hands of the server.
type Published struct {
	Authority Authority
	Election  *Election
	Random    io.Reader
	// Contest is where the result is to be another, and Winner the option that
	// gets every vote.
	Contest, Winner string

	entries [][]byte
	headers []message.Entry
	bodies  [][]byte
	chunks  map[message.Digest][]byte
	heads   map[record.Moment][]byte
}

// Open takes the files of a record apart.
func (p *Published) Open(files map[string][]byte) error {
	p.chunks, p.heads = map[message.Digest][]byte{}, map[record.Moment][]byte{}
	bundles := map[uint64][][]byte{}
	for name, data := range files {
		path, err := record.Parse(name)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRecord, err)
		}
		switch path.Kind {
		case record.KindCheckpoint:
			p.heads[path.Moment] = data
		case record.KindChunk:
			p.chunks[path.Digest] = data
		case record.KindEntries:
			if bundles[path.Index], err = record.DecodeBundle(data, path.Width); err != nil {
				return fmt.Errorf("%w: %w", ErrRecord, err)
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(bundles)) {
		for _, raw := range bundles[i] {
			if err := p.add(raw); err != nil {
				return err
			}
		}
	}
	if n := len(p.headers); n == 0 || p.headers[n-1].Type != message.TypeResult {
		return fmt.Errorf("%w: it does not end with a result", ErrRecord)
	}
	return nil
}

func (p *Published) add(raw []byte) error {
	e, body, err := OpenEntry(raw, func(d message.Digest) ([]byte, error) {
		c, ok := p.chunks[d]
		if !ok {
			return nil, fmt.Errorf("%w: chunk %s", ErrRecord, d)
		}
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrRecord, len(p.entries), err)
	}
	p.entries, p.headers, p.bodies = append(p.entries, raw), append(p.headers, e), append(p.bodies, body)
	return nil
}

// Forge makes the files of the forged record.
func (p *Published) Forge(how RecordForgery) (map[string][]byte, error) {
	switch how {
	case RecordNoBallots:
		return p.rebuilt(nil, func(t message.Type) bool {
			return t == message.TypeCast || t == message.TypeChallenge || tallied(t)
		}, true)
	case RecordNoShares:
		return p.rebuilt(nil, func(t message.Type) bool { return t == message.TypeDecryptionShare }, false)
	case RecordFirstPage:
		padding, err := p.padding()
		if err != nil {
			return nil, err
		}
		return p.rebuilt(padding, tallied, true)
	case RecordUnknownEntry:
		return p.relabelled()
	case RecordUnknownMethod:
		return p.elected()
	case RecordNoFiles:
		return p.thinned()
	case RecordOwnKeys:
		return p.anew()
	case RecordTwoResults:
		return p.ambiguous()
	case RecordBundleTail, RecordHeadTail:
		return p.followed(how)
	}
	return nil, fmt.Errorf("no forgery %q", how)
}

// tallied are the entries between seal and result.
func tallied(t message.Type) bool {
	return t == message.TypeAggregate || t == message.TypeDecryptionShare
}

// rebuilt leaves entries out, puts others in after the opening, seals anew
// where that is asked for, and ends with the false result.
func (p *Published) rebuilt(padding [][]byte, without func(message.Type) bool, reseal bool) (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	for i, h := range p.headers {
		raw := p.entries[i]
		switch {
		case without(h.Type):
			continue
		case h.Type == message.TypeSeal && reseal:
			root = TreeRoot(b.entries)
			raw, err = p.signed(h.Type, &message.Seal{Count: uint64(len(b.entries)), Root: root})
		case h.Type == message.TypeResult:
			raw, err = p.falseResult(root, "")
		}
		if err != nil {
			return nil, err
		}
		b.put(h.Type, raw)
		if h.Type == message.TypeOpen {
			for _, raw := range padding {
				b.put(message.TypeChallenge, raw)
			}
		}
	}
	return b.files()
}

// relabelled carries the shares under a type that nobody knows.
func (p *Published) relabelled() (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	for i, h := range p.headers {
		raw := p.entries[i]
		switch h.Type {
		case message.TypeDecryptionShare:
			h.Type += "-2"
			raw, err = codec.Encode(h)
		case message.TypeResult:
			raw, err = p.falseResult(root, "")
		}
		if err != nil {
			return nil, err
		}
		b.put(h.Type, raw)
	}
	return b.files()
}

// elected has the true totals, and another winner by a method that nobody
// knows.
func (p *Published) elected() (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	for i, h := range p.headers {
		raw := p.entries[i]
		if h.Type == message.TypeResult {
			var err error
			if raw, err = p.falseResult(message.Digest{}, "approval"); err != nil {
				return nil, err
			}
		}
		b.put(h.Type, raw)
	}
	return b.files()
}

// thinned is the honest record without its tiles of hashes and without its
// earlier heads, so that nobody can say when voting was opened and closed.
func (p *Published) thinned() (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	for i, h := range p.headers {
		b.put(h.Type, p.entries[i])
	}
	files, err := b.files()
	for name := range files {
		path, bad := record.Parse(name)
		if bad == nil && (path.Kind == record.KindTile || path.Kind == record.KindCheckpoint && path.Moment != record.Final) {
			delete(files, name)
		}
	}
	return files, err
}

// padding are challenges that fill the first page of the board: ballots of
// nobody, opened by whoever made them, as anybody may.
func (p *Published) padding() ([][]byte, error) {
	var out [][]byte
	m := p.Election.Manifest
	line := Line{Style: m.Styles[0].ID, Unit: m.Units[0].ID, Weight: 1}
	for i := slices.IndexFunc(p.headers, func(h message.Entry) bool { return h.Type == message.TypeOpen }); i < record.TileWidth; i++ {
		plain, err := p.Election.plaintexts(line.Style, p.someChoice(line.Style))
		if err != nil {
			return nil, err
		}
		d, err := p.Election.draft(line, plain, p.Random)
		if err != nil {
			return nil, err
		}
		parcel, err := p.Authority.Challenge(p.Election, d.finish().Opening)
		if err != nil {
			return nil, err
		}
		out = append(out, parcel.Entry)
	}
	return out, nil
}

// someChoice marks as few options as each contest of a style allows.
func (p *Published) someChoice(style string) Choices {
	out := Choices{}
	contests, err := p.Election.contests(style)
	if err != nil {
		return out // plaintexts says so
	}
	for _, c := range contests {
		out[c.ID] = []string{}
		for _, o := range c.Options[:c.Min] {
			out[c.ID] = append(out[c.ID], o.ID)
		}
	}
	return out
}

// root is the sealed root.
func (p *Published) root() (message.Digest, error) {
	for i, h := range p.headers {
		if h.Type == message.TypeSeal {
			s, err := codec.Decode[message.Seal](p.bodies[i], codec.Limits{})
			return s.Root, err
		}
	}
	return message.Digest{}, fmt.Errorf("%w: it has no seal", ErrRecord)
}

func (p *Published) signed(t message.Type, body any) ([]byte, error) {
	parcel, err := p.Authority.Signer().Entry(t, p.Election.Fingerprint, body)
	if err == nil && len(parcel.Chunks) > 0 {
		err = fmt.Errorf("%w: a result that does not fit into its entry", ErrRecord)
	}
	return parcel.Entry, err
}

// falseResult gives every vote of the contest to the winner, or, by a method
// of that kind, the seat alone.
func (p *Published) falseResult(root message.Digest, kind string) ([]byte, error) {
	r, contest, at, err := p.trueResult()
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Contests[at].Outcome = message.Outcome{Kind: kind, Tied: []string{}, Winners: []string{p.Winner}}
		return p.signed(message.TypeResult, &r)
	}
	r.Root = root
	if err := claim(&r.Contests[at], contest, p.Winner); err != nil {
		return nil, err
	}
	return p.signed(message.TypeResult, &r)
}

// trueResult is the result of the record, the contest in it that is to be
// another, and its place.
func (p *Published) trueResult() (r message.Result, contest *message.Contest, at int, err error) {
	r, err = codec.Decode[message.Result](p.bodies[len(p.bodies)-1], codec.Limits{Size: message.MaxBody})
	if err != nil {
		return r, nil, 0, fmt.Errorf("%w: result: %w", ErrRecord, err)
	}
	contest = Contest(p.Election.Manifest, p.Contest)
	at = slices.IndexFunc(r.Contests, func(c message.ContestResult) bool { return c.Contest == p.Contest })
	if contest == nil || at < 0 {
		return r, nil, 0, fmt.Errorf("no contest %q", p.Contest)
	}
	return r, contest, at, nil
}

// falseContests are those of the result, in which the winner has every vote.
func (p *Published) falseContests() ([]message.ContestResult, error) {
	r, contest, at, err := p.trueResult()
	if err != nil {
		return nil, err
	}
	return r.Contests, claim(&r.Contests[at], contest, p.Winner)
}

// claim writes the result in which everybody chose the same.
func claim(r *message.ContestResult, contest *message.Contest, chosen ...string) error {
	ids := Selections(contest)
	r.Totals = make([]uint64, len(ids))
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Withheld {
			continue
		}
		c.Totals = make([]uint64, len(ids))
		for _, option := range chosen {
			place := slices.Index(ids, option)
			if place < 0 {
				return fmt.Errorf("contest %q has no option %q", contest.ID, option)
			}
			c.Totals[place] = c.Weight
			r.Totals[place] += c.Weight
		}
	}
	counted, err := counting.Plurality(r.Totals[:len(contest.Options)], int(contest.Method.Seats))
	if err != nil {
		return err
	}
	r.Outcome.Winners, r.Outcome.Tied = []string{}, []string{}
	for _, i := range counted.Winners {
		r.Outcome.Winners = append(r.Outcome.Winners, contest.Options[i].ID)
	}
	for _, i := range counted.Tied {
		r.Outcome.Tied = append(r.Outcome.Tied, contest.Options[i].ID)
	}
	return nil
}

// forgedBoard is a board that is put together again.
type forgedBoard struct {
	by      *Published
	entries [][]byte
	covers  map[record.Moment]uint64 // what each head must cover at least
}

func (b *forgedBoard) put(t message.Type, raw []byte) {
	b.entries = append(b.entries, raw)
	if b.covers == nil {
		b.covers = map[record.Moment]uint64{}
	}
	b.covers[record.Final] = uint64(len(b.entries))
	moment, ok := map[message.Type]record.Moment{
		message.TypeOpen: record.Opened, message.TypeCloseChannel: record.Closed, message.TypeSeal: record.Sealed,
	}[t]
	if ok {
		b.covers[moment] = uint64(len(b.entries))
	}
}

// files export the board. A head of the honest record that still fits stays;
// the others have the board's signature, and no witness's.
func (b *forgedBoard) files() (map[string][]byte, error) {
	m := b.by.Election.Manifest
	heads := map[record.Moment][]byte{}
	for moment, size := range b.covers {
		if c, err := OpenCheckpoint(m, b.by.heads[moment]); err == nil && c.Size >= size && c.Size <= uint64(len(b.entries)) &&
			c.Root == TreeRoot(b.entries[:c.Size]) {
			heads[moment] = b.by.heads[moment]
			continue
		}
		heads[moment] = SignCheckpoint(Checkpoint{Origin: m.Board.Origin, Size: size, Root: TreeRoot(b.entries[:size])}, b.by.Authority.Board)
	}
	files, _, err := record.Export{Entries: record.Slice(b.entries), Chunks: record.Slice(b.chunks()), Checkpoints: heads}.Memory()
	return files, err
}

// chunks are those that the entries name.
func (b *forgedBoard) chunks() [][]byte {
	var out [][]byte
	for _, raw := range b.entries {
		if e, err := message.DecodeEntry(raw); err == nil {
			for _, d := range e.Chunks {
				out = append(out, b.by.chunks[d])
			}
		}
	}
	return out
}
