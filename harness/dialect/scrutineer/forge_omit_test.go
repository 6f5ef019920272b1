package scrutineer

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/harness/verify"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

var omissions = map[transcript.Omission]string{
	transcript.OmitBranches: "weak.fs.omit.branches", transcript.OmitElection: "weak.fs.omit.election",
	transcript.OmitSiblings: "weak.fs.omit.siblings", transcript.OmitVoter: "weak.fs.omit.voter",
}

func omissionAttacks() []attack {
	out := []attack{{"A06/key", func(t *testing.T) *world {
		w, p := solved(t)
		_ = w.cast(w.voter("m").Credential, p.Ballot, p.Tracker)
		return w
	}, []string{"weak.fs.omit.election", "weak.fs.omit.key"}}}
	for field, planted := range omissions {
		out = append(out, attack{"A06/" + planted, forgedBallot(twoQuestions(), func(m *Voter) (*Prepared, error) {
			return m.Election.ForgeOmitted(field, m.Line, Choices{"taxes": {"land"}}, m.Random)
		}), []string{planted}})
	}
	return out
}

// solved is a world whose key was solved for m's ballot.
func solved(t *testing.T) (*world, *Prepared) {
	w := newWorld(t, NewSeed(9), Description{Contests: []message.Contest{Choose("levy", 0, 1, false, "yes")}, Voters: voters("m", "u")})
	m := w.line("m")
	b, err := ForgeBackward(m, "levy", "yes", w.seed.Stream("backward"))
	w.must(err)
	w.trustees, err = b.Conspiracy(w.keys.Trustees, func(i uint64) io.Reader { return w.seed.Stream(fmt.Sprint("conspiracy", i)) })
	w.must(err)
	w.rounds(w.trustees...)
	w.open()
	p, err := b.Prepare(w.view.Election)
	w.must(err)
	return w, p
}

func TestProofBeforeKey(t *testing.T) {
	w, p := solved(t)
	if w.cast(w.voter("m").Credential, p.Ballot, p.Tracker) == nil {
		t.Error("the sound reader accepts it")
	}
	w.wantFaults("V-20")
	honest, err := w.voter("u").Prepare(Choices{"levy": {"yes"}})
	w.must(err)
	image := w.weaklyCounted("levy", p.Ballot, honest.Ballot)[0]
	if _, err := Logarithm(image, 100_000); !errors.Is(err, ErrLogarithm) {
		t.Errorf("the total is found: %v", err)
	}
	other := opened(t, Description{Contests: []message.Contest{Choose("levy", 0, 1, false, "yes")}, Voters: voters("m")})
	b, err := ForgeBackward(other.line("m"), "levy", "yes", other.seed.Stream("backward"))
	w.must(err)
	if _, err := b.Prepare(other.view.Election); !errors.Is(err, errForward) {
		t.Errorf("in an election with another key: %v", err)
	}
}

func TestOmissions(t *testing.T) {
	for field, name := range omissions {
		w := opened(t, twoQuestions())
		m := w.voter("m")
		p, err := m.Election.ForgeOmitted(field, m.Line, Choices{"taxes": {"land"}}, m.Random)
		w.must(err)
		_ = w.cast(m.Credential, p.Ballot, p.Tracker)
		if got := w.faults(); len(got) == 0 || got[0] != "V-20" {
			t.Errorf("%s fails %v", name, got)
		}
		want := []uint64{0, 1}
		if field == transcript.OmitBranches {
			want[0] = 5
		}
		if got := w.logarithms(w.weaklyCounted("taxes", p.Ballot)); !slices.Equal(got, want) {
			t.Errorf("%s counts %v", name, got)
		}
	}
	if _, err := (&Election{}).ForgeOmitted(transcript.OmitKey, Line{}, nil, nil); err == nil {
		t.Error("the key is left out without having been solved for")
	}
}

// fields of the statement of a ballot's proof, and what a prover puts in the
// place of the true one.
func statementFields(other [32]byte) map[string]func(*hashed) {
	return map[string]func(*hashed){
		"fingerprint": func(h *hashed) { h.Fingerprint = other },
		"key":         func(h *hashed) { h.ElectionKey = other },
		"style":       func(h *hashed) { h.Style = "other" },
		"contest":     func(h *hashed) { h.Contest = "other" },
		"option":      func(h *hashed) { h.option = "other" },
		"caster":      func(h *hashed) { h.Caster = other },
		"ciphertexts": func(h *hashed) { h.Ciphertexts = other },
		"alpha":       func(h *hashed) { h.alpha = other },
		"beta":        func(h *hashed) { h.beta = other },
		"min":         func(h *hashed) { h.min++; h.max++ },
		"max":         func(h *hashed) { h.max++ },
		"commitments": func(h *hashed) { h.commitments[1] = other },
		"branches":    func(h *hashed) { h.commitments = h.commitments[:2] },
		"order":       func(h *hashed) { slices.Reverse(h.commitments) },
	}
}

// hashed is everything that goes into a challenge of S-12 or S-13.
type hashed struct {
	transcript.Statement
	option      string
	alpha, beta [32]byte
	min, max    uint64
	commitments [][32]byte
}

func (h *hashed) selection() [32]byte {
	return h.end(h.NamedSelection(h.option, h.alpha, h.beta, len(h.commitments)/2))
}

func (h *hashed) sum() [32]byte {
	return h.end(h.NamedSum(h.min, h.max, h.alpha, h.beta, len(h.commitments)/2))
}

func (h *hashed) end(t *transcript.Transcript) [32]byte {
	for _, c := range h.commitments {
		t.Point(c)
	}
	return t.Sum()
}

// The omission mutations of A06: for every field of the statement of every kind
// of proof in a ballot, a proof made for another value of that field and sound
// otherwise is refused by the reference, by the harness's reader and by the
// independent verifier, each time at the equation.
func TestEveryFieldIsCovered(t *testing.T) {
	w := opened(t, twoQuestions())
	e, m := w.view.Election, w.voter("m")
	checks, ok := verify.NewSetup(e.Manifest, e.Fingerprint, e.Key)
	if !ok {
		t.Fatal("the set-up is not sound")
	}
	other := element(base(integer(12345)))
	for _, kind := range []string{"none", "V-20", "V-21"} {
		for field, alter := range statementFields(other) {
			if kind == "none" && field != "key" || kind == "V-20" && (field == "min" || field == "max") || kind == "V-21" && field == "option" {
				continue // the control once; fields that this kind of proof has not
			}
			p, err := e.proofFor(kind, m.Line, alter, m)
			w.must(err)
			before := len(w.judge(nil))
			_ = w.cast(m.Credential, p.Ballot, p.Tracker)
			var want []string
			if kind != "none" {
				want = []string{kind}
			}
			if got := w.faults(); !slices.Equal(got, want) {
				t.Errorf("%s of %s: the reader finds %v", field, kind, got)
			}
			if got := w.judge(nil)[before:]; len(got) != len(want) || len(got) > 0 && !strings.Contains(got[0], kind+":") {
				t.Errorf("%s of %s: the reference finds %v", field, kind, got)
			}
			decision, err := m.Credential.Decide(e.Fingerprint, p.Tracker, message.None, m.Random)
			w.must(err)
			found := checks.CheckCast(&message.Cast{Ballot: p.Ballot, Decision: decision})
			if len(found) != len(want) || len(found) > 0 && found[0].Check.String() != kind {
				t.Errorf("%s of %s: the verifier finds %v", field, kind, found)
			}
		}
	}
}

// proofFor is an honest ballot but for one proof, whose challenge is computed
// with a field altered: that of the first selection, or the sum's.
func (e *Election) proofFor(kind string, line Line, alter func(*hashed), m *Voter) (*Prepared, error) {
	plain, err := e.plaintexts(line.Style, Choices{"taxes": {"land"}, "council": {"bo"}})
	if err != nil {
		return nil, err
	}
	d, err := e.draft(line, plain, m.Random)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.proveSelections(m.Random), d.proveSums(m.Random)); err != nil || kind == "none" {
		return d.finish(), err
	}
	values := []kyber.Scalar{integer(0), integer(1)}
	if kind == "V-20" {
		s := &d.ballot.Contests[0].Selections[0]
		h := hashed{Statement: d.statement(0), option: s.Option, alpha: s.Alpha, beta: s.Beta}
		s.Proof, err = e.proveOneOf(d.openings[0][0], values, func(c ...[32]byte) [32]byte {
			h.commitments = c
			alter(&h)
			return h.selection()
		}, m.Random)
		return d.finish(), err
	}
	total := d.total(1)
	h := hashed{Statement: d.statement(1), min: d.contests[1].Min, max: d.contests[1].Max}
	h.alpha, h.beta = e.seal(total)
	proof, err := e.proveOneOf(total, values, func(c ...[32]byte) [32]byte {
		h.commitments = c
		alter(&h)
		return h.sum()
	}, m.Random)
	d.ballot.Contests[1].Sum = &proof
	return d.finish(), err
}

// The same for the proof of a decryption factor (S-35).
func TestEveryFieldOfADecryptionIsCovered(t *testing.T) {
	other := element(base(integer(12345)))
	for field, alter := range map[string]func(*transcript.Decryption){
		"none": func(*transcript.Decryption) {}, "fingerprint": func(d *transcript.Decryption) { d.Fingerprint = other },
		"root": func(d *transcript.Decryption) { d.Root = other }, "index": func(d *transcript.Decryption) { d.Index++ },
		"contest": func(d *transcript.Decryption) { d.Contest = "x" }, "unit": func(d *transcript.Decryption) { d.Unit = "x" },
		"option": func(d *transcript.Decryption) { d.Option = "x" }, "key": func(d *transcript.Decryption) { d.Key = other },
		"alpha": func(d *transcript.Decryption) { d.Alpha = other }, "beta": func(d *transcript.Decryption) { d.Beta = other },
		"factor": func(d *transcript.Decryption) { d.Factor = other },
	} {
		w, s, a := sealedWorld(t)
		b := &message.DecryptionShare{Contest: a.Contest, Index: s.Index, Root: w.view.Seal.Body.Root, Unit: a.Unit}
		for _, c := range a.Ciphertexts {
			alpha, err := decodeElement(c.Alpha)
			w.must(err)
			v, err := draw(s.Random)
			w.must(err)
			f := message.Factor{Alpha: c.Alpha, Beta: c.Beta, Option: c.Option, Factor: element(times(s.Secret, alpha))}
			subject := w.view.Election.subject(w.view.Election.Fingerprint, b, f)
			alter(&subject)
			challenge := reduce(subject.Challenge(element(base(v)), element(times(v, alpha))))
			f.Proof = message.Compact{Challenge: encodeScalar(challenge), Response: encodeScalar(add(v, mul(challenge, s.Secret)))}
			b.Shares = append(b.Shares, f)
		}
		p, err := s.Post(w.trustees[2].Signer(), b)
		w.must(err)
		_ = w.add(p)
		var want []string
		if field != "none" {
			want = []string{"V-37"}
		}
		if got := w.faults(); !slices.Equal(got, want) {
			t.Errorf("%s: the reader finds %v", field, got)
		}
		if got := w.judge(nil); len(got) != len(want) || len(got) > 0 && !strings.Contains(got[0], "V-37:") {
			t.Errorf("%s: the reference finds %v", field, got)
		}
	}
}
