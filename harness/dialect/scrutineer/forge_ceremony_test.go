package scrutineer

import (
	"slices"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// until lets the honest trustees of the world and a rogue one play up to the
// phase, whatever faults there are.
func (w *world) rogue(form Knowledge) *RogueTrustee {
	w.t.Helper()
	n := len(w.trustees) - 1
	honest := w.trustees[:n]
	m := NewRogueTrustee(w.keys.Trustees[n], form, w.seed.Stream("rogue"))
	for _, tr := range honest {
		w.post(tr.Commit(w.view))
	}
	w.post(m.Commit(w.view))
	for _, tr := range honest {
		w.post(tr.Reveal())
	}
	p, err := m.Reveal(w.view)
	w.must(err)
	if w.add(p) == nil {
		w.t.Error("the sound reader accepts the rogue reveal")
	}
	w.wantFaults("V-10", "V-12")
	for _, tr := range honest {
		if _, err := tr.Next(w.view); err == nil {
			w.t.Error("a sound trustee goes on")
		}
		w.post(tr.Deal(w.view))
	}
	w.post(m.Deal(w.view))
	return m
}

func TestRogueKey(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 5} {
		for _, form := range []Knowledge{KnowledgeSimulated, KnowledgeAbsent} {
			w := newWorld(t, NewSeed(n), Description{Contests: []message.Contest{Choose("c", 0, 1, true, "a", "b"), Choose("d", 0, 2, false, "x", "y")},
				Trustees: n, Threshold: n, Voters: voters("v")})
			m := w.rogue(form)
			// The dealt shares verify, so there is no complaint.
			for _, tr := range w.trustees[:n-1] {
				p, err := tr.Receive(w.view)
				w.must(err)
				if p.Entry != nil {
					t.Error("a trustee complains")
				}
			}
			parcels, err := w.registrar.Register(w.view.SetupID)
			w.must(err)
			for _, p := range parcels {
				w.post(p, nil)
			}
			for _, tr := range w.trustees[:n-1] {
				w.post(tr.Confirm(w.view))
			}
			w.post(m.Confirm(w.view))
			w.post(w.authority.Open(w.view.Election))
			// Neither weak rule lifts the other's check, and none more is needed.
			var checks []string
			for _, f := range w.view.Faults {
				checks = append(checks, f.Check)
			}
			if !slices.Equal(checks, []string{"V-10", "V-12"}) {
				t.Errorf("faults %v", checks)
			}
			if !m.Owns(w.view.Election) {
				t.Fatal("the key is not the adversary's")
			}
			p, err := w.voter("v").Prepare(Choices{"c": {"b"}, "d": {"x", "y"}})
			w.must(err)
			read, err := m.Read(&p.Ballot)
			w.must(err)
			if !slices.Equal(read["c"], []string{"b"}) || !slices.Equal(read["d"], []string{"x", "y"}) {
				t.Errorf("it reads %v", read)
			}
		}
	}
}

func TestRogueKeyNeedsAllTrustees(t *testing.T) {
	w := newWorld(t, NewSeed(1), Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a")}, Voters: voters("v")})
	for _, tr := range w.trustees[:2] {
		w.post(tr.Commit(w.view))
	}
	m := NewRogueTrustee(w.keys.Trustees[2], KnowledgeAbsent, w.seed.Stream("rogue"))
	if _, err := m.Reveal(w.view); err == nil {
		t.Error("2 of 3")
	}
}

// rehearsal is an election in which u has voted and which was decrypted.
func rehearsal(t *testing.T, seed Seed) (*world, *Prepared) {
	w := newWorld(t, seed, Description{Title: "rehearsal", Origin: "rehearsal", Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("u", "v")})
	w.rounds(w.trustees...)
	w.open()
	u := w.voter("u")
	w.vote(u, Choices{"c": {"b"}})
	p := u.History[0].Prepared
	w.closeAndSeal()
	w.rounds(w.trustees[:2]...)
	return w, p
}

// production has the rehearsal's ceremony replayed, up to the opening.
func production(t *testing.T, seed Seed, old *world) *world {
	d := old.desc
	d.Title, d.Origin = "production", "production"
	w := newWorld(t, seed, d)
	fresh := w.trustees[0]
	parcels, err := ReplayedCeremony(old.parcels)
	w.must(err)
	for _, p := range parcels {
		if w.add(p) == nil {
			t.Error("the sound reader accepts a replayed message of the ceremony")
		}
	}
	if len(parcels) != 9 {
		t.Fatalf("%d messages replayed", len(parcels))
	}
	if _, err := fresh.Next(w.view); err == nil {
		t.Error("a sound trustee goes on")
	}
	// keyReuse: the setupID that the entries name makes all of it hold.
	named := old.view.SetupID
	for i, tr := range w.trustees {
		var share kyber.Scalar = newScalar()
		for k, deal := range w.view.Deals {
			reveal := w.view.Reveals[k].Body
			w.must(CheckKnowledge(named, &reveal))
			if transcript.Commitment(named, &reveal) != w.view.Commits[k].Body.Hash {
				t.Error("hash does not match")
			}
			s := deal.Body.Shares[i]
			ephemeral, err := decodeElement(s.Ephemeral)
			w.must(err)
			x, err := OpenShare(named, uint64(k)+1, reveal.Commitments, s, element(times(tr.keys.Decryption, ephemeral)))
			w.must(err)
			share = add(share, x)
		}
		tr.ceremony = &ceremonyState{setupID: w.view.SetupID, share: share}
		if !share.Equal(old.trustees[i].Share()) {
			t.Error("another share than in the rehearsal")
		}
	}
	more, err := w.registrar.Register(w.view.SetupID)
	w.must(err)
	for _, p := range more {
		w.post(p, nil)
	}
	for _, tr := range w.trustees {
		w.post(tr.Confirm(w.view))
	}
	w.post(w.authority.Open(w.view.Election))
	return w
}

func TestTransplant(t *testing.T) {
	seed := NewSeed(7)
	old, body := rehearsal(t, seed)
	w := production(t, seed, old)
	e, f1 := w.view.Election, old.view.Election.Fingerprint
	if e.Key != old.view.Election.Key || e.Fingerprint == f1 {
		t.Fatal("want the same key under another fingerprint")
	}
	// Body: M's own new decision for the old body.
	u := w.voter("u")
	_, d, err := u.Credential.ReplayedBody(e, body, message.None, u.Random)
	w.must(err)
	w.must(CheckDecision(e.Fingerprint, d))
	w.must(weakElection(e, body.Ballot.Fingerprint).CheckBallot(&body.Ballot, u.Credential.Key))
	if e.CheckBallot(&body.Ballot, u.Credential.Key) == nil {
		t.Error("sound rule accepts the old body")
	}
	// Decision: the whole cast, without the voter.
	cast := old.view.Ballots[0].Body
	p, err := ReplayedCast(e, cast)
	w.must(err)
	if w.add(p) == nil {
		t.Error("the sound reader accepts the old cast")
	}
	w.wantFaults("V-18", "V-24")
	w.must(CheckDecision(cast.Decision.Fingerprint, cast.Decision))
	if transcript.Tracker(&cast.Ballot) != cast.Decision.Tracker {
		t.Error("the weak tracker, under the fingerprint named, differs")
	}
	if got := w.logarithms(w.weaklyCounted("c", cast.Ballot)); !slices.Equal(got, []uint64{0, 1}) {
		t.Errorf("it counts %v: u has not voted", got)
	}
	transplantShares(t, old, w, cast.Ballot)
}

// transplantShares replays the rehearsal's shares for aggregates that are the
// same because its ballots were replayed.
func transplantShares(t *testing.T, old, w *world, ballot message.Ballot) {
	shares, err := ReplayedShares(old.parcels, "t1")
	w.must(err)
	if len(shares) != 1 {
		t.Fatalf("%d shares", len(shares))
	}
	w.closeAndSeal()
	header, raw, err := OpenEntry(shares[0].Entry, nil)
	w.must(err)
	w.must(Signed(&w.manifest, header, raw)) // the same trustee's key, over the context it names
	if w.add(shares[0]) == nil {
		t.Error("the sound reader accepts the old share")
	}
	if got := w.faults(); got[0] != "V-16" || !slices.Contains(got, "V-36") {
		t.Errorf("fails %v", got)
	}
	b := old.view.Shares[0].Body
	cell := unitCell(Contest(&w.manifest, "c"), "main", []message.Ballot{ballot})
	for k, f := range b.Shares {
		if f.Alpha != element(cell.sums[k].alpha) || f.Beta != element(cell.sums[k].beta) {
			t.Error("the aggregates differ")
		}
		w.must(w.view.Election.checkFactor(header.Context, &b, f))
		if w.view.Election.checkFactor(w.view.Election.Fingerprint, &b, f) == nil {
			t.Error("the sound proof holds too")
		}
	}
}
