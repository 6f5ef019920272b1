package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// setup is an honest election up to its opening.
func (s *Session) setup(ctx context.Context, st Step) (Result, error) {
	def, err := s.define(st.Name)
	if err == nil && st.Args.Bool("announced") {
		err = s.announce(ctx, &def)
	}
	if cpu := st.Args.Int("cpu"); cpu > 0 {
		def.Field = &targets.Field{CPU: int(cpu)}
	}
	if err != nil {
		return Result{}, err
	}
	return s.begin(ctx, st, def, s.playTrustees)
}

// begin opens an election, lets the harness's own trustees take part, and
// waits for the opening.
func (s *Session) begin(ctx context.Context, st Step, def targets.Definition, take func(context.Context, *election) (*targets.Refusal, error)) (Result, error) {
	p := s.cfg.History.Invoke(event.Operation{Election: st.Name, Actor: "authority", Role: "authority",
		Op: OpSetup, Adversary: st.Adversarial})
	defer p.Unknown(nil)
	began := time.Now()
	e, refusal, err := s.open(ctx, st.Name, def)
	if err == nil && refusal == nil && def.Await != "" {
		refusal, err = take(ctx, e)
	}
	if e != nil {
		e.took = time.Since(began)
	}
	if err != nil {
		return Result{Actor: "authority", Outcome: event.Unknown}, err
	}
	if refusal != nil {
		s.refused(st.Name, refusal.Role, refusal.Check, refusal.Detail)
		p.Refused(func(o *event.Operation) { o.Code, o.Message = refusal.Check, refusal.Error() })
		return Result{Actor: "authority", Outcome: event.Refused, Detail: refusal.Error()}, nil
	}
	p.OK(nil)
	return Result{Actor: "authority", Outcome: event.OK}, nil
}

// playTrustees takes part in a ceremony as the honest trustees that the
// harness plays.
func (s *Session) playTrustees(ctx context.Context, e *election) (*targets.Refusal, error) {
	s.seatTrustees(e)
	return e.ceremony(ctx, e.owed)
}

// seatTrustees makes the honest trustees that the harness plays.
func (s *Session) seatTrustees(e *election) {
	for i := range e.session.cfg.Plan.Description.Filled().Trustees {
		index := int64(i + 1)
		if s.playsTrustee(index) {
			e.trustees[index] = scrutineer.NewTrustee(s.trusteeKeys(index), s.stream(e, "trustee/"+number(index)))
		}
	}
}

// owed is what those trustees post now.
func (e *election) owed(v *scrutineer.View) ([]scrutineer.Parcel, error) {
	var out []scrutineer.Parcel
	for _, t := range e.trustees {
		p, err := t.Next(v)
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

// ceremony follows the board until the election is open, and posts what next
// makes of every state of it. It ends with a refusal where the ceremony is
// aborted or a trustee of the target will not go on.
func (e *election) ceremony(ctx context.Context, next func(*scrutineer.View) ([]scrutineer.Parcel, error)) (*targets.Refusal, error) {
	for {
		var posts []scrutineer.Parcel
		var open bool
		var size uint64
		var refusal *targets.Refusal
		err := e.board.see(ctx, 0, func(v *scrutineer.View) (err error) {
			size, open = v.Size(), v.Opened != nil
			if v.Abort != nil {
				refusal = &targets.Refusal{Role: "authority", Check: "abort", Detail: v.Abort.Body.Culprit + ": " + v.Abort.Body.Reason}
			}
			if !open && refusal == nil {
				posts, err = next(v)
			}
			return err
		})
		if err != nil || open {
			return nil, err
		}
		if refused, err := e.objections(ctx); err != nil || refused != nil {
			return refused, err
		}
		if refusal != nil {
			return refusal, nil
		}
		if refusal, err = e.post(ctx, posts); err != nil || refusal != nil {
			return refusal, err
		}
		if len(posts) > 0 {
			continue
		}
		if err := e.await(ctx, size+1); err != nil {
			return nil, err
		}
	}
}

// await waits for a head of that size, but not for ever: a trustee that
// refuses posts nothing.
func (e *election) await(ctx context.Context, size uint64) error {
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if _, err := e.board.reader.Await(short, size); err != nil && short.Err() == nil {
		return fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return ctx.Err()
}

// objections asks the target's trustees whether they found fault, and records
// it.
func (e *election) objections(ctx context.Context) (*targets.Refusal, error) {
	trustees, err := ability[targets.Trustees](e, targets.Trustee)
	if err != nil {
		return nil, err
	}
	var refusal *targets.Refusal
	for i := range e.session.cfg.Plan.Description.Filled().Trustees {
		index := int(i + 1)
		if e.session.playsTrustee(int64(index)) {
			continue
		}
		found, err := trustees.Follow(ctx, index)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", targets.ErrTarget, err)
		}
		for _, f := range found {
			if refusal == nil {
				refusal = &targets.Refusal{Role: f.Role, Check: f.Check, Detail: f.Detail}
			}
		}
	}
	return refusal, nil
}

// post posts entries; the first that is refused is the refusal.
func (e *election) post(ctx context.Context, posts []scrutineer.Parcel) (*targets.Refusal, error) {
	for _, p := range posts {
		a, err := e.submitEntry(ctx, p)
		if err != nil {
			return nil, err
		}
		if a.Outcome == targets.Refused {
			return &targets.Refusal{Role: "authority", Check: a.Code, Detail: a.Detail}, nil
		}
	}
	return nil, nil
}

// submitEntry posts one entry with its chunks.
func (e *election) submitEntry(ctx context.Context, p scrutineer.Parcel) (targets.Answer, error) {
	submitter, err := ability[targets.Submitter](e, targets.Submit)
	if err != nil {
		return targets.Answer{}, err
	}
	for _, c := range p.Chunks {
		a, err := submitter.Submit(ctx, "chunk", c)
		if a, err = answered(ctx, a, err); err != nil || a.Outcome != targets.OK {
			return a, err
		}
	}
	a, err := submitter.Submit(ctx, "entry", p.Entry)
	return answered(ctx, a, err)
}

// setupReplayed is A14: a second election with the ceremony of the first.
func (s *Session) setupReplayed(ctx context.Context, st Step) (Result, error) {
	from, err := s.in(Step{Args: map[string]any{"in": st.Args.Text("from")}})
	if err != nil {
		return Result{}, err
	}
	def, err := s.define(st.Name)
	if err != nil {
		return Result{}, err
	}
	replayed, err := s.replayed(ctx, from, def)
	if err != nil {
		return Result{}, err
	}
	r, err := s.begin(ctx, st, replayed, nil)
	r.Actor = "server"
	if err != nil || r.Outcome != event.Refused {
		return r, err
	}
	// There must be an election in any case.
	_, refusal, err := s.open(ctx, st.Name, def)
	if refusal != nil {
		err = fmt.Errorf("%w: an honest ceremony after the replayed one: %w", targets.ErrTarget, refusal)
	}
	return r, err
}

// replayed is the definition with the first entries of a board on which the
// server plays an old ceremony again: a manifest of its own, signed with the
// authority's key, and the key ceremony of the other election.
func (s *Session) replayed(ctx context.Context, from *election, def targets.Definition) (targets.Definition, error) {
	insider, err := ability[targets.Corruptible](from, targets.Insider)
	if err != nil {
		return def, err
	}
	a, err := adversary(ctx, insider)
	if err != nil {
		return def, err
	}
	old, err := from.board.all(ctx)
	if err != nil {
		return def, err
	}
	draft, err := decodeDraft(def.Draft)
	if err != nil {
		return def, err
	}
	// Roles and keys are those of the other election; the rest is new.
	err = from.board.see(ctx, 0, func(v *scrutineer.View) error {
		m := v.Manifest
		m.Title, m.Board.Origin = draft.Manifest.Title, draft.Manifest.Board.Origin
		draft.Manifest = m
		return nil
	})
	if err != nil {
		return def, err
	}
	first, err := a.Manifest(draft.Manifest, draft.Ceremony)
	if err != nil {
		return def, err
	}
	parcels, err := scrutineer.ReplayedCeremony(old)
	if err != nil {
		return def, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	if len(first.Chunks) > 0 {
		return def, fmt.Errorf("%w: the manifest is too long to be replayed", ErrPlan)
	}
	def.Entries = [][]byte{first.Entry}
	for _, p := range parcels {
		def.Entries = append(def.Entries, p.Entry)
	}
	def.Draft, err = codec.Encode(draft)
	return def, err
}

// setupRogueKey is E01.
func (s *Session) setupRogueKey(ctx context.Context, st Step) (Result, error) {
	index := st.Args.Int("trustee")
	if !s.playsTrustee(index) {
		return Result{}, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
	}
	def, err := s.define(st.Name)
	if err != nil {
		return Result{}, err
	}
	return s.setupHostile(ctx, st, def, index, func(e *election, actor string) hostile {
		return scrutineer.NewRogueTrustee(s.trusteeKeys(index), scrutineer.KnowledgeSimulated, s.stream(e, actor))
	})
}

// setupHostile is an election in whose ceremony the harness plays one trustee
// that does not keep to the rules.
func (s *Session) setupHostile(ctx context.Context, st Step, def targets.Definition, index int64, play func(e *election, actor string) hostile) (Result, error) {
	actor := "trustee/" + number(index)
	r, err := s.begin(ctx, st, def, func(ctx context.Context, e *election) (*targets.Refusal, error) {
		t := &rogue{trustee: play(e, actor), place: int(index) - 1}
		refusal, err := e.ceremony(ctx, t.next)
		if refusal == nil && err == nil {
			e.rogue = t.trustee
		}
		return refusal, err
	})
	r.Actor = actor
	if errors.Is(err, scrutineer.ErrNotReady) {
		err = fmt.Errorf("%w: %w", ErrPlan, err)
	}
	return r, err
}

// hostile is a trustee of the dialect's forgers: what it posts in each round,
// once those of the others that it needs are there.
type hostile interface {
	reader
	Commit(*scrutineer.View) (scrutineer.Parcel, error)
	Reveal(*scrutineer.View) (scrutineer.Parcel, error)
	Deal(*scrutineer.View) (scrutineer.Parcel, error)
	Confirm(*scrutineer.View) (scrutineer.Parcel, error)
}

// rogue plays a hostile trustee round by round.
type rogue struct {
	trustee   hostile
	place     int
	committed bool
	revealed  bool
	dealt     bool
	confirmed bool
}

// next is what the rogue posts now.
func (t *rogue) next(v *scrutineer.View) ([]scrutineer.Parcel, error) {
	var p scrutineer.Parcel
	var err error
	switch {
	case !t.committed && v.Size() > 0:
		p, err = t.trustee.Commit(v)
		t.committed = true
	case !t.revealed && allBut(v.Reveals, t.place):
		p, err = t.trustee.Reveal(v)
		t.revealed = true
	case t.revealed && !t.dealt && allBut(v.Reveals, -1):
		p, err = t.trustee.Deal(v)
		t.dealt = true
	case t.dealt && !t.confirmed && v.Election != nil:
		p, err = t.trustee.Confirm(v)
		t.confirmed = true
	default:
		return nil, nil
	}
	return []scrutineer.Parcel{p}, err
}

// allBut reports that every message of a round is there but the one at place.
func allBut[T any](round []*T, place int) bool {
	for i, m := range round {
		if m == nil && i != place {
			return false
		}
	}
	return len(round) > 0
}

func decodeDraft(raw []byte) (manage.Draft, error) {
	return codec.Decode[manage.Draft](raw, codec.Limits{Size: len(raw)})
}
