package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// election is one election of a session.
type election struct {
	session *Session
	step    string // that set it up
	id      string
	target  targets.Election
	def     targets.Definition
	board   *board
	took    time.Duration // to set it up

	trustees map[int64]*scrutineer.Trustee // those that the harness plays
	shows    map[string]map[string]string  // see targetVoter
	rogue    reader                        // who reads ballots alone
	backward *scrutineer.Backward          // the proof that the key was solved for
	liar     sync.Mutex                    // one liar at a time

	writing sync.Mutex // one at a time writes on the board

	mu      sync.Mutex
	known   *scrutineer.Election
	players map[string]player // by voter
	shown   map[string]string // voter by tracker shown to him
	moved   map[string]string // unit by voter whose ballot was put there
	instead map[string][]byte // the record that the adversary published
	posted  [][]byte          // notices of the electoral body, in order
}

// bound is how much of a definition's answers is decoded.
var bound = codec.Limits{Size: 1 << 20}

// ability asserts an ability of an election's target.
func ability[T any](e *election, name targets.Ability) (T, error) {
	a, ok := e.target.(T)
	if !ok {
		return a, &Unable{name}
	}
	return a, nil
}

// The one channel of an election stays open for this time around any clock;
// fixed, so that a manifest and all that hashes it depend on the seed alone.
const (
	opens  = 1_735_689_600 // 2025
	closes = 4_102_444_800 // 2100
)

// define makes the definition of an election from the plan. The board is
// named after plan and step.
func (s *Session) define(step string) (targets.Definition, error) {
	p := s.cfg.Plan
	d := p.Description
	d.Origin = "scrutineer.test/" + p.Name + "/" + step
	d.Opens, d.Closes = opens, closes
	d.Voters = nil
	var roll []manage.RollLine
	for _, v := range p.Electorate.Voters {
		roll = append(roll, manage.RollLine{ID: v.Name, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	keys := scrutineer.Public{}
	def := targets.Definition{ID: p.Name + "/" + step, Seed: fmt.Sprintf("%x", s.cfg.Seed.Child("target"))}
	filled := d.Filled()
	for i := range filled.Trustees {
		line := message.TrusteeLine{ID: trusteeID(i + 1), Index: i + 1}
		if s.playsTrustee(int64(i + 1)) {
			line = s.trusteeKeys(int64(i + 1)).Line()
			def.Harness = append(def.Harness, "trustee/"+strconv.FormatUint(i+1, 10))
			def.Await = "posted"
		}
		keys.Trustees = append(keys.Trustees, line)
	}
	for i := range filled.Witnesses {
		keys.Witnesses = append(keys.Witnesses, message.WitnessLine{ID: "w" + strconv.FormatUint(i+1, 10)})
	}
	draft := manage.Draft{Ceremony: 1, Identity: d.Identity, Manifest: d.Draft(keys), Roll: roll}
	var err error
	def.Draft, err = codec.Encode(draft)
	return def, err
}

func trusteeID(index uint64) string { return "t" + strconv.FormatUint(index, 10) }

func (s *Session) playsTrustee(index int64) bool {
	return s.cfg.Plan.Harness("trustee", strconv.FormatInt(index, 10))
}

func (s *Session) trusteeKeys(index int64) scrutineer.TrusteeKeys {
	return s.cfg.Seed.Child("trustees").Trustee(trusteeID(uint64(index)), uint64(index))
}

// open opens an election on the target. Where a role refuses, the refusal is
// recorded and there is no election.
func (s *Session) open(ctx context.Context, step string, def targets.Definition) (*election, *targets.Refusal, error) {
	e, err := s.cfg.Target.Open(ctx, def)
	var refusal *targets.Refusal
	switch {
	case errors.As(err, &refusal):
		return nil, refusal, nil
	case err != nil:
		return nil, nil, err
	}
	reader, ok := e.(targets.BoardReader)
	if !ok {
		return nil, nil, errors.Join(&Unable{targets.Board}, e.Close())
	}
	out := &election{
		session: s, step: step, id: def.ID, target: e, def: def,
		board:    newBoard(reader, s.cfg.Limits),
		trustees: map[int64]*scrutineer.Trustee{},
		players:  map[string]player{}, shown: map[string]string{}, moved: map[string]string{},
	}
	s.mu.Lock()
	s.elections = append(s.elections, out)
	s.mu.Unlock()
	return out, nil, nil
}

// info is what the target says publicly of the election.
func (e *election) info(ctx context.Context) (message.Status, error) { return info(ctx, e.target) }

// settled waits for a head that covers all that was taken so far.
func (e *election) settled(ctx context.Context) error {
	return Election{Target: e.target}.Settle(ctx)
}

func info(ctx context.Context, e targets.Election) (message.Status, error) {
	raw, err := e.Info(ctx)
	if err != nil {
		return message.Status{}, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	st, err := codec.Decode[message.Status](raw, bound)
	if err != nil {
		return st, fmt.Errorf("%w: status: %w", targets.ErrTarget, err)
	}
	return st, nil
}

// public is the election as the board has it, once its key is known.
func (e *election) public(ctx context.Context) (*scrutineer.Election, error) {
	e.mu.Lock()
	known := e.known
	e.mu.Unlock()
	if known != nil {
		return known, nil
	}
	err := e.board.see(ctx, 0, func(v *scrutineer.View) error {
		known = v.Election
		return nil
	})
	if err == nil && known == nil {
		err = fmt.Errorf("%w: the board has no election key", targets.ErrTarget)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known = known
	return known, err
}

// board is what an adversary or an auditor reads of a board: every entry as it
// came, folded into a View.
type board struct {
	reader targets.BoardReader
	limits Limits

	mu      sync.Mutex
	view    scrutineer.View
	parcels []scrutineer.Parcel
}

func newBoard(r targets.BoardReader, l Limits) *board {
	return &board{reader: r, limits: l, view: scrutineer.View{Trusting: true}}
}

// see reads the board up to a published head of at least size entries, and
// hands the view to f, which keeps nothing of it. Faults of the board are no
// errors here: the view has them.
func (b *board) see(ctx context.Context, size uint64, f func(*scrutineer.View) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.view.Size() < size || size == 0 {
		if err := b.read(ctx, size); err != nil {
			return err
		}
	}
	return f(&b.view)
}

// read brings the view up to a head. The caller holds mu.
func (b *board) read(ctx context.Context, atLeast uint64) error {
	var note []byte
	var err error
	if atLeast > 0 {
		note, err = b.reader.Await(ctx, atLeast)
	} else {
		note, err = b.reader.Head(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w: reading a head: %w", targets.ErrTarget, err)
	}
	size, err := noteSize(note)
	if err != nil {
		return err
	}
	if size > b.limits.Entries {
		return fmt.Errorf("%w: a board of %d entries is above %d", targets.ErrTarget, size, b.limits.Entries)
	}
	for from := b.view.Size(); from < size; from = b.view.Size() {
		if err := b.load(ctx, from, min(size, from+256)); err != nil {
			return err
		}
	}
	if err := b.view.AddCheckpoint(note); err != nil {
		return fmt.Errorf("%w: head of %d entries: %w", targets.ErrTarget, size, err)
	}
	return nil
}

// load reads some entries with their chunks.
func (b *board) load(ctx context.Context, from, to uint64) error {
	entries, err := b.reader.Entries(ctx, from, to)
	if err != nil {
		return fmt.Errorf("%w: reading entries %d to %d: %w", targets.ErrTarget, from, to, err)
	}
	if uint64(len(entries)) != to-from {
		return fmt.Errorf("%w: %d entries instead of %d", targets.ErrTarget, len(entries), to-from)
	}
	for _, raw := range entries {
		p := scrutineer.Parcel{Entry: raw}
		fetch := func(d message.Digest) ([]byte, error) {
			c, err := b.reader.Chunk(ctx, d.String())
			if err == nil {
				p.Chunks = append(p.Chunks, c)
			}
			return c, err
		}
		_ = b.view.Add(raw, fetch) // faults are the view's
		b.parcels = append(b.parcels, p)
	}
	return nil
}

// all returns every entry as it came, up to the newest head.
func (b *board) all(ctx context.Context) ([]scrutineer.Parcel, error) {
	var out []scrutineer.Parcel
	err := b.see(ctx, 0, func(*scrutineer.View) error {
		out = slices.Clone(b.parcels)
		return nil
	})
	return out, err
}

// noteSize reads the number of entries from a checkpoint; whether the
// checkpoint holds is for the view to say, once it has these entries.
func noteSize(note []byte) (uint64, error) {
	lines := strings.SplitN(string(note[:min(len(note), 4096)]), "\n", 3)
	if len(lines) < 3 {
		return 0, fmt.Errorf("%w: a head without a size", targets.ErrTarget)
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%w: a head of %.20q entries", targets.ErrTarget, lines[1])
	}
	return size, nil
}
