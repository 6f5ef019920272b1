package scrutineer

import (
	"fmt"
	"slices"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// proofAttacks are the ballots of A06, A07 and A09 with their planted sets.
func proofAttacks() []attack {
	out := slices.Concat(omissionAttacks(), nonmemberAttacks())
	for _, form := range rangeForms {
		out = append(out, attack{fmt.Sprint("A07/", form), forgedBallot(mayor(), func(m *Voter) (*Prepared, error) {
			return m.Election.ForgeExponents(form, m.Line, "mayor", "ana", "bo", 10, nil, m.Random)
		}), []string{"weak.ballot.skipIndividualProofs"}})
	}
	for _, f := range BranchFaults() {
		planted := "weak.or.noSumCheck"
		if f.Named() {
			planted = "weak.or.branchFromProof"
		}
		out = append(out, attack{"A09/" + f.Name, forgedBallot(twoQuestions(), func(m *Voter) (*Prepared, error) {
			return m.Election.ForgeBranches(f, m.Line, m.Random)
		}), []string{planted}})
	}
	return out
}

var rangeForms = []RangeForm{RangeJunk, RangeAbsent, RangeTruncated, RangeCopied, RangeReordered}

func mayor() Description {
	return Description{Contests: []message.Contest{Choose("mayor", 0, 1, false, "ana", "bo", "cleo", "dan")}, Voters: voters("m", "u")}
}

func twoQuestions() Description {
	return Description{Contests: []message.Contest{
		Choose("taxes", 0, 2, false, "income", "land"), Choose("council", 0, 1, false, "ana", "bo", "cleo")}, Voters: voters("m", "u")}
}

func TestExponents(t *testing.T) {
	checks := map[RangeForm]string{RangeJunk: "V-20", RangeAbsent: "V-18", RangeTruncated: "V-18", RangeCopied: "V-20", RangeReordered: "V-20"}
	for _, form := range rangeForms {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			w := opened(t, mayor())
			e, m := w.view.Election, w.voter("m")
			p, err := e.ForgeExponents(form, m.Line, "mayor", "ana", "bo", 10, nil, m.Random)
			w.must(err)
			if w.cast(m.Credential, p.Ballot, p.Tracker) == nil {
				t.Error("the sound reader accepts it")
			}
			w.wantFaults(checks[form])
			// The effect: ten votes move. Ten for bo are left at 0.
			images := w.weaklyCounted("mayor", p.Ballot)
			images[1] = plus(images[1], base(integer(10)))
			if got := w.logarithms(images); !slices.Equal(got, []uint64{11, 0, 0, 0}) {
				t.Errorf("it counts %v", got)
			}
			sum := *p
			sum.Ballot.Contests = slices.Clone(p.Ballot.Contests)
			if err := e.checkSum(&sum.Ballot); err != nil {
				t.Errorf("the sum proof: %v", err)
			}
		})
	}
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m")})
	m := w.voter("m")
	if _, err := m.Election.ForgeExponents(RangeJunk, m.Line, "c", "a", "b", 1, nil, m.Random); err == nil {
		t.Error("two options both lie, and yet there is an honest proof")
	}
}

// checkSum looks at the sum proofs of a ballot alone.
func (e *Election) checkSum(b *message.Ballot) error {
	last := len(b.Contests[0].Selections)
	n := 0
	return e.eachProof(&message.Ballot{Caster: b.Caster, Contests: honestShape(b.Contests), Fingerprint: b.Fingerprint, Style: b.Style}, func(p proof) error {
		if n++; n > last && !p.sum.Equal(p.challenge) {
			return p.fault
		}
		return nil
	})
}

// honestShape fills proofs of another length, which hct does not cover.
func honestShape(contests []message.BallotContest) []message.BallotContest {
	out := slices.Clone(contests)
	for i := range out {
		out[i].Selections = slices.Clone(out[i].Selections)
		for k := range out[i].Selections {
			out[i].Selections[k].Proof = message.Branches{Challenges: make([]message.Scalar, 2), Responses: make([]message.Scalar, 2)}
		}
	}
	return out
}

// Every row of the table is refused by the sound rule at the proof, or at its
// shape; the weak rules take the rows that they are for, and none besides.
func TestBranchFaults(t *testing.T) {
	w := opened(t, twoQuestions())
	e, m := w.view.Election, w.voter("m")
	for _, f := range BranchFaults() {
		p, err := e.ForgeBranches(f, m.Line, m.Random)
		w.must(err)
		_ = w.cast(m.Credential, p.Ballot, p.Tracker)
		want := "V-20"
		switch {
		case f.Named():
			want = "V-18"
		case f.Sum:
			want = "V-21"
		}
		if got := w.faults(); !slices.Equal(got, []string{want}) {
			t.Errorf("%s fails %v, want %s", f.Name, got, want)
		}
		contest, marks := "taxes", []kyber.Scalar{signed(f.Plain), newScalar()}
		if f.Sum {
			contest, marks = "council", []kyber.Scalar{integer(1), integer(1), integer(1)}
		}
		for k, image := range w.weaklyCounted(contest, p.Ballot) {
			if !image.Equal(base(marks[k])) {
				t.Errorf("%s: option %d holds something else", f.Name, k)
			}
		}
	}
}

// What no weakness of A09 is about stays refused with all of them planted.
func TestBranchFaultsOfNobody(t *testing.T) {
	both := []string{"weak.or.branchFromProof", "weak.or.noSumCheck"}
	for name, spoil := range map[string]func(*message.Branches){
		"no branch":        func(p *message.Branches) { *p = message.Branches{} },
		"a response more":  func(p *message.Branches) { p.Responses = append(p.Responses, p.Responses[0]) },
		"a challenge more": func(p *message.Branches) { p.Challenges = append(p.Challenges, p.Challenges[0]) },
		"an odd count": func(p *message.Branches) {
			p.Challenges = append(p.Challenges, p.Challenges[0], p.Challenges[0], p.Challenges[0])
		},
		"three branches": func(p *message.Branches) {
			p.Challenges = append(p.Challenges, p.Challenges[0])
			p.Responses = append(p.Responses, p.Responses[0])
		},
		"c not reduced": func(p *message.Branches) { p.Challenges[0] = plusOrder(p.Challenges[0]) },
		"z not reduced": func(p *message.Branches) { p.Responses[0] = plusOrder(p.Responses[0]) },
		"value not reduced": func(p *message.Branches) {
			p.Challenges = append(p.Challenges, message.Scalar{}, plusOrder(message.Scalar{}))
		},
	} {
		w := opened(t, twoQuestions())
		m := w.voter("m")
		p, err := m.Prepare(Choices{"taxes": {"land"}})
		w.must(err)
		spoil(&p.Ballot.Contests[0].Selections[0].Proof)
		_ = w.cast(m.Credential, p.Ballot, transcript.Tracker(&p.Ballot))
		if len(w.judge(both)) == 0 {
			t.Errorf("%s: accepted", name)
		}
	}
}
