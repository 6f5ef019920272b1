package scrutineer

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// This test ties two readings of SPEC.md together: what the dialect's players
// write, the reference's rules take; and what a forger writes, they take with
// its planted set only, and with no member of it missing.

// source is the board of a world to the reference.
type source struct{ w *world }

func (s source) Entries(_ context.Context, from, to uint64, f func(uint64, []byte) error) error {
	for i := from; i < to; i++ {
		if err := f(i, s.w.parcels[i].Entry); err != nil {
			return err
		}
	}
	return nil
}

func (s source) Chunk(_ context.Context, d board.Hash) ([]byte, error) {
	return Fetcher(s.w.parcels...)(message.Digest(d))
}

// judge applies the reference's rules to the board of a world.
func (w *world) judge(planted []string) []string {
	w.t.Helper()
	set, err := weakness.Parse(planted)
	w.must(err)
	state := rules.New(set.For(weakness.Trustee), source{w})
	var faults []string
	for i, p := range w.parcels {
		fault, err := state.Apply(context.Background(), p.Entry, rules.Full)
		w.must(err)
		if fault != nil {
			faults = append(faults, fmt.Sprintf("%d %s: %s", i, fault.Check, fault.Detail))
		}
	}
	return faults
}

// attack is a forged board and its minimal planted set.
type attack struct {
	name    string
	board   func(*testing.T) *world
	planted []string
}

func TestReferenceAgrees(t *testing.T) {
	attacks := slices.Concat(ballotAttacks(), proofAttacks(), contextAttacks(), roleAttacks(), closeAttacks(), byteAttacks())
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			w := a.board(t)
			if faults := w.judge(a.planted); len(faults) > 0 {
				t.Errorf("with the planted set: %v", faults)
			}
			for i := range a.planted {
				rest := slices.Delete(slices.Clone(a.planted), i, i+1)
				if len(w.judge(rest)) == 0 {
					t.Errorf("without %s it is accepted still", a.planted[i])
				}
			}
		})
	}
	honest := finished(t)
	if faults := honest.judge(nil); len(faults) > 0 {
		t.Errorf("honest: %v", faults)
	}
	for _, a := range attacks {
		if faults := honest.judge(a.planted); len(faults) > 0 {
			t.Errorf("honest, %v: %v", a.planted, faults)
		}
	}
}

// forgedBallot is a world in which the voter m casts a forged ballot.
func forgedBallot(d Description, forge func(*Voter) (*Prepared, error)) func(*testing.T) *world {
	return func(t *testing.T) *world {
		w := opened(t, d)
		m := w.voter("m")
		p, err := forge(m)
		w.must(err)
		_ = w.cast(m.Credential, p.Ballot, p.Tracker) // a fault to the sound reader
		return w
	}
}

func ballotAttacks() []attack {
	var out []attack
	for way, c := range map[WeakFS]message.Contest{
		WeakFSPair:   Choose("c", 0, 1, true, "a", "b", "c"),
		WeakFSSingle: Choose("c", 0, 2, false, "a", "b"),
		WeakFSReused: Choose("c", 1, 2, true, "a", "b", "c"),
	} {
		d := Description{Contests: []message.Contest{c}, Voters: voters("m")}
		out = append(out, attack{fmt.Sprint("A03/", way), forgedBallot(d, func(m *Voter) (*Prepared, error) {
			f, err := m.Election.ForgeWeakFS(way, m.Line, "c", nil, m.Random)
			return &f.Prepared, err
		}), []string{"weak.fs.commitmentsOnly"}})
	}
	d := Description{Contests: []message.Contest{Choose("c", 1, 2, true, "a", "b", "c")}, Voters: voters("m")}
	for form := SumAbsent; form <= SumWider; form++ {
		for _, marks := range [][]string{{"a", "b", "c"}, {"a", "blank"}, {}} {
			out = append(out, attack{fmt.Sprint("A08/", form, marks), forgedBallot(d, func(m *Voter) (*Prepared, error) {
				return m.Election.ForgeMarks(form, m.Line, "c", marks, nil, m.Random)
			}), []string{"weak.ballot.skipSumProof"}})
		}
	}
	return out
}

func contextAttacks() []attack {
	binding, reuse := "weak.ctx.noElectionBinding", "weak.trustee.keyReuse"
	out := []attack{
		{"A14/ceremony", func(t *testing.T) *world {
			old, _ := rehearsal(t, NewSeed(7))
			return production(t, NewSeed(7), old)
		}, []string{reuse}},
		{"A14/decision", func(t *testing.T) *world { return replayed(t, false) }, []string{binding, reuse}},
		{"A14/body", func(t *testing.T) *world { return replayed(t, true) }, []string{binding, reuse}},
		{"A14/share", replayedToTheEnd, []string{binding, reuse}},
	}
	for name, named := range map[string]message.Style{
		"style":   {ID: "w", Contests: []string{"mayor", "west"}},
		"contest": {ID: "e", Contests: []string{"mayor", "west"}},
		"swapped": {ID: "e", Contests: []string{"east", "mayor"}},
	} {
		out = append(out, attack{"A14/" + name, forgedBallot(districts(), func(m *Voter) (*Prepared, error) {
			return m.Election.PrepareAs(m.Line, named.ID, named.Contests, Choices{"mayor": {"bob"}}, m.Random)
		}), []string{"weak.ctx.noContestBinding"}})
	}
	return out
}

// replayed has u's rehearsal ballot on the production board, with the old
// decision or with a new one.
func replayed(t *testing.T, anew bool) *world {
	old, body := rehearsal(t, NewSeed(7))
	w := production(t, NewSeed(7), old)
	cast := old.view.Ballots[0].Body
	if anew {
		u := w.voter("u")
		_, d, err := u.Credential.ReplayedBody(w.view.Election, body, message.None, u.Random)
		w.must(err)
		cast.Decision = d
	}
	p, err := ReplayedCast(w.view.Election, cast)
	w.must(err)
	_ = w.add(p)
	return w
}

// replayedToTheEnd is a production that consists of the rehearsal's ballots
// and is decrypted with its shares.
func replayedToTheEnd(t *testing.T) *world {
	old, _ := rehearsal(t, NewSeed(7))
	w := replayed(t, false)
	f := w.view.Election.Fingerprint
	w.post(w.authority.Close(w.view.Election, "online"))
	p, err := w.registrar.Signer().Entry(message.TypeParticipation, f, &message.Participation{Voters: []string{"u"}})
	w.must(err)
	_ = w.add(p) // to the sound reader nobody has voted
	w.post(w.authority.Seal(w.view))
	p, err = w.authority.Signer().Entry(message.TypeAggregate, f, &old.view.Aggregates[0].Body)
	w.must(err)
	_ = w.add(p)
	for _, id := range []string{"t1", "t2"} {
		shares, err := ReplayedShares(old.parcels, id)
		w.must(err)
		for _, p := range shares {
			_ = w.add(p)
		}
	}
	return w
}

func roleAttacks() []attack {
	out := []attack{{"C11", func(t *testing.T) *world {
		w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m")})
		racers, err := w.voter("m").Siblings(5, Choices{"c": {"a"}}, message.None)
		w.must(err)
		for _, r := range racers {
			p, err := w.authority.Cast(w.view.Election, r.Ticket.Prepared.Ballot, *r.Ticket.Decision)
			w.must(err)
			_ = w.add(p)
		}
		return w
	}, []string{"weak.cast.checkThenInsert"}}}
	for _, form := range []Knowledge{KnowledgeSimulated, KnowledgeAbsent} {
		out = append(out, attack{fmt.Sprint("E01/", form), func(t *testing.T) *world {
			w := newWorld(t, NewSeed(3), Description{Contests: []message.Contest{Choose("c", 0, 1, true, "a", "b")},
				Trustees: 3, Threshold: 3, Voters: voters("v")})
			w.rogue(form)
			return w
		}, []string{"weak.dkg.noCommitRound", "weak.setup.noPoK"}})
	}
	for name, way := range map[string]SubstituteKey{"own": KeyOwn, "added": KeyAdded, "subset": KeySubset} {
		out = append(out, attack{"E06/" + name, func(t *testing.T) *world {
			w, _ := openedWith(t, way)
			return w
		}, []string{"weak.setup.keyAssembledByServer"}})
	}
	for name, index := range map[string]uint64{"zero": 0, "taken": 1, "beyond": 4, "huge": 1<<53 - 1} {
		out = append(out, attack{"E04/" + name, func(t *testing.T) *world {
			w, _ := announced(t, index)
			return w
		}, []string{"weak.dkg.indexUnchecked"}})
	}
	for name, post := range map[string]func(*world, *ChosenTotal) *message.DecryptionShare{"A04/chosen": chosenShare, "A04/huge": hugeShare} {
		out = append(out, attack{name, func(t *testing.T) *world {
			w, plan := chosenWorld(t)
			p, err := w.liar(1, 3).Post(w.trustees[2].Signer(), post(w, plan))
			w.must(err)
			_ = w.add(p)
			return w
		}, []string{"weak.fs.decryptCommitmentsOnly"}})
	}
	for _, row := range forgedShares() {
		var planted []string
		switch {
		case row.noProof:
			planted = []string{"weak.decrypt.noProof"}
		case row.unbound:
			planted = []string{"weak.decrypt.proofUnboundToCiphertext"}
		default:
			continue // prevented whatever is planted
		}
		out = append(out, attack{"E08/" + row.name, func(t *testing.T) *world {
			w, s, a := sealedWorld(t)
			b, err := row.forge(w, s, a)
			w.must(err)
			p, err := s.Post(w.trustees[2].Signer(), b)
			w.must(err)
			_ = w.add(p)
			return w
		}, planted})
	}
	return out
}
