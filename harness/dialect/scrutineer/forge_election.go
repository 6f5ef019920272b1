package scrutineer

import (
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// E12, the other half: the whole election held once more, by one party, with
// keys that it drew for everybody. Everything in the record holds, since it is
// checked against keys that the record brings along. The only thing that it
// cannot have is the fingerprint that trustees signed when the real election
// was opened, so that a verifier to whom somebody gave that (V-09) refuses it
// at once; and no voter finds his ballot.

// staged is an election that one party plays alone, entry by entry.
type staged struct {
	keys      Keys
	authority Authority
	registrar *Registrar
	trustees  []*Trustee
	seed      Seed
	view      *View
	entries   [][]byte
	chunks    [][]byte
	notes     [][]byte // the cosigned head after each entry
	clock     uint64
}

// anew plays the election of a record again, with as many voters who are
// entitled to the same, all of whom choose the winner.
func (p *Published) anew() (map[string][]byte, error) {
	var seed Seed
	var err error
	if seed, err = drawBytes(p.Random); err != nil {
		return nil, err
	}
	s, err := p.stage(seed)
	if err != nil {
		return nil, err
	}
	for _, act := range []func() error{s.register, func() error { return s.ballots(p) }, s.sealed, s.counted} {
		if err := act(); err != nil {
			return nil, err
		}
	}
	result, err := p.stagedResult(s)
	if err != nil {
		return nil, err
	}
	if err := s.post(s.authority.Result(s.view.Election, result)); err != nil {
		return nil, err
	}
	return s.files()
}

// stage sets up the roles, all with keys of one seed, and posts a manifest
// that differs from the real one in its keys only.
func (p *Published) stage(seed Seed) (*staged, error) {
	real := p.Election.Manifest
	eligible, err := p.eligible()
	if err != nil {
		return nil, err
	}
	d := Description{Trustees: uint64(len(real.Trustees)), Threshold: real.Threshold,
		Witnesses: uint64(len(real.Witnesses)), Quorum: real.Quorum, Identity: real.Identity != (message.Key{})}
	keys := d.Keys(seed)
	public := keys.Public()
	m := *real
	m.Authority, m.Board.Key, m.Registrar, m.Identity = public.Authority, public.Board, public.Registrar, public.Identity
	m.Trustees, m.Witnesses = public.Trustees, public.Witnesses
	s := &staged{keys: keys, seed: seed, view: &View{Trusting: true}, authority: Authority{Key: keys.Authority, Board: keys.Board},
		clock: m.Channels[0].Opens}
	for i := range m.Witnesses {
		m.Witnesses[i].ID, s.keys.Witnesses[i].ID = real.Witnesses[i].ID, real.Witnesses[i].ID
	}
	if s.registrar, err = NewRegistrar(keys.Registrar, eligible, seed.CredentialKeys(eligible), seed.Stream("registrar")); err != nil {
		return nil, err
	}
	for _, k := range keys.Trustees {
		s.trustees = append(s.trustees, NewTrustee(k, seed.Stream("trustee/"+k.ID)))
	}
	if err := s.post(s.authority.Manifest(m, 1)); err != nil {
		return nil, err
	}
	return s, s.rounds()
}

// eligible are as many voters as the real list has, with the same rights.
func (p *Published) eligible() ([]Eligible, error) {
	var out []Eligible
	for i, h := range p.headers {
		if h.Type != message.TypeCredentials {
			continue
		}
		c, err := codec.Decode[message.Credentials](p.bodies[i], codec.Limits{Size: message.MaxBody})
		if err != nil {
			return nil, fmt.Errorf("%w: entry %d: %w", ErrRecord, i, err)
		}
		for _, l := range c.List {
			out = append(out, Eligible{ID: fmt.Sprintf("voter-%d", len(out)+1), Style: l.Style, Unit: l.Unit, Weight: l.Weight})
		}
	}
	return out, nil
}

// post puts an entry on the board and cosigns a head that covers it.
func (s *staged) post(p Parcel, err error) error {
	if err != nil {
		return err
	}
	if err := s.view.Add(p.Entry, Fetcher(p)); err != nil {
		return fmt.Errorf("staging entry %d: %w", len(s.entries), err)
	}
	s.entries, s.chunks = append(s.entries, p.Entry), append(s.chunks, p.Chunks...)
	s.clock++
	note := s.authority.Checkpoint(s.view)
	for _, w := range s.keys.Witnesses[:s.view.Manifest.Quorum] {
		if note, err = w.Cosign(note, s.clock); err != nil {
			return err
		}
	}
	s.notes = append(s.notes, note)
	return s.view.AddCheckpoint(note)
}

// rounds lets all trustees post until none has anything to say.
func (s *staged) rounds() error {
	for busy := true; busy; {
		busy = false
		for _, t := range s.trustees {
			before := t.Share()
			parcels, err := t.Next(s.view)
			if err != nil {
				return err
			}
			for _, p := range parcels {
				if err := s.post(p, nil); err != nil {
					return err
				}
			}
			busy = busy || len(parcels) > 0 || (before == nil) != (t.Share() == nil)
		}
	}
	return nil
}

// register lists the voters and opens.
func (s *staged) register() error {
	parcels, err := s.registrar.Register(s.view.SetupID)
	if err != nil {
		return err
	}
	for _, p := range parcels {
		if err := s.post(p, nil); err != nil {
			return err
		}
	}
	if err := s.rounds(); err != nil {
		return err
	}
	return s.post(s.authority.Open(s.view.Election))
}

// ballots has everybody choose the winner.
func (s *staged) ballots(p *Published) error {
	for _, w := range s.registrar.voters {
		v, err := s.registrar.Voter(s.view.Election, w.id, s.seed)
		if err != nil {
			return err
		}
		choices := p.someChoice(v.Line.Style)
		if _, votes := choices[p.Contest]; votes {
			choices[p.Contest] = []string{p.Winner}
		}
		made, err := v.Prepare(choices)
		if err != nil {
			return err
		}
		t, _, err := v.Cast(made, message.None)
		if err != nil {
			return err
		}
		if err := s.post(s.authority.Cast(s.view.Election, made.Ballot, *t.Decision)); err != nil {
			return err
		}
	}
	return nil
}

// sealed closes, seals and posts the aggregates.
func (s *staged) sealed() error {
	for _, c := range s.view.Manifest.Channels {
		if err := s.post(s.authority.Close(s.view.Election, c.ID)); err != nil {
			return err
		}
	}
	if err := s.post(s.registrar.Participation(s.view)); err != nil {
		return err
	}
	if err := s.post(s.authority.Seal(s.view)); err != nil {
		return err
	}
	parcels, err := s.authority.Aggregates(s.view)
	for _, p := range parcels {
		if err := s.post(p, nil); err != nil {
			return err
		}
	}
	return err
}

// counted has as many trustees answer as it takes.
func (s *staged) counted() error {
	for _, t := range s.trustees[:s.view.Manifest.Threshold] {
		parcels, err := t.Shares(s.view)
		if err != nil {
			return err
		}
		for _, p := range parcels {
			if err := s.post(p, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// stagedResult is the result of the staged ballots, which are known.
func (p *Published) stagedResult(s *staged) (message.Result, error) {
	out := message.Result{Root: s.view.Seal.Body.Root, Version: 1}
	cells := s.view.SealedCells()
	for i := range s.view.Manifest.Contests {
		contest := &s.view.Manifest.Contests[i]
		r := message.ContestResult{Contest: contest.ID, Totals: make([]uint64, len(Selections(contest))),
			Outcome: message.Outcome{Kind: contest.Method.Kind}}
		for k := range cells {
			c := &cells[k]
			if c.Contest == contest.ID {
				r.Cells = append(r.Cells, message.Cell{Ballots: c.Ballots, Weight: c.Weight, Unit: c.Units[0],
					Units: c.Units, Withheld: c.Withheld, Totals: []uint64{}})
			}
		}
		chosen := make([]string, 0, contest.Min)
		for _, o := range contest.Options[:contest.Min] {
			chosen = append(chosen, o.ID)
		}
		if contest.ID == p.Contest {
			chosen = []string{p.Winner}
		}
		if err := claim(&r, contest, chosen...); err != nil {
			return out, err
		}
		out.Contests = append(out.Contests, r)
	}
	return out, nil
}

// files export the staged board with its heads.
func (s *staged) files() (map[string][]byte, error) {
	heads := map[record.Moment][]byte{record.Final: s.notes[len(s.notes)-1],
		record.Opened: s.notes[s.view.Opened.Index], record.Sealed: s.notes[s.view.Seal.Index]}
	for _, c := range s.view.Closes {
		heads[record.Closed] = s.notes[c.Index]
	}
	files, _, err := record.Export{Entries: record.Slice(s.entries), Chunks: record.Slice(slices.Clone(s.chunks)), Checkpoints: heads}.Memory()
	return files, err
}
