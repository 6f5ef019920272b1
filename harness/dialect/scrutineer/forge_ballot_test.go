package scrutineer

import (
	"errors"
	"slices"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// faults are the numbers of the checks that the last entry fails.
func (w *world) faults() []string {
	var out []string
	for _, f := range w.view.Faults {
		if f.Index == w.view.Size()-1 && !slices.Contains(out, f.Check) {
			out = append(out, f.Check)
		}
	}
	return out
}

func (w *world) wantFaults(want ...string) {
	w.t.Helper()
	if got := w.faults(); !slices.Equal(got, want) {
		w.t.Errorf("the last entry fails %v, want %v", got, want)
	}
}

func TestWeakFiatShamir(t *testing.T) {
	contests := map[WeakFS][]message.Contest{
		WeakFSPair: {
			Choose("c", 0, 1, true, "a", "b", "c"), Choose("c", 1, 1, false, "a", "b", "c"),
			Choose("c", 1, 3, false, "a", "b", "c"), Choose("c", 0, 3, false, "a", "b", "c"),
		},
		WeakFSSingle: {Choose("c", 0, 3, false, "a", "b", "c"), Choose("c", 0, 1, false, "a")},
		WeakFSReused: {
			Choose("c", 0, 1, false, "a", "b"), Choose("c", 0, 1, true, "a", "b"),
			Choose("c", 2, 3, true, "a", "b", "c"), Choose("c", 3, 4, false, "a", "b", "c", "d"),
		},
	}
	for way, list := range contests {
		for i, c := range list {
			t.Run(string([]byte{'0' + byte(way), '-', '0' + byte(i)}), func(t *testing.T) { weakFS(t, way, c) })
		}
	}
}

func weakFS(t *testing.T, way WeakFS, c message.Contest) {
	w := opened(t, Description{Contests: []message.Contest{c, Choose("other", 0, 1, false, "x", "y")}, Voters: voters("m", "u")})
	e, m := w.view.Election, w.voter("m")
	f, err := e.ForgeWeakFS(way, m.Line, "c", Choices{"other": {"y"}}, m.Random)
	w.must(err)
	w.must(weakCommitmentsOnly(e, &f.Ballot))
	if err := e.CheckBallot(&f.Ballot, m.Credential.Key); !errors.Is(err, ErrSelection) {
		t.Errorf("sound rule: %v", err)
	}
	if w.cast(m.Credential, f.Ballot, f.Tracker) == nil {
		t.Error("the sound reader accepts it")
	}
	w.wantFaults("V-20")
	// The effect: the ciphertext holds the number that was solved for, which is
	// no small total, also after an honest ballot is added.
	u := w.voter("u")
	p, err := u.Prepare(Choices{"c": honestMarks(&c)})
	w.must(err)
	w.must(weakCommitmentsOnly(e, &p.Ballot))
	images := w.weaklyCounted("c", f.Ballot, p.Ballot)
	for k := range f.Options {
		if _, err := Logarithm(images[k], 100_000); !errors.Is(err, ErrLogarithm) {
			t.Errorf("option %d: the total is found: %v", k, err)
		}
	}
	if way == WeakFSPair {
		values, err := decodeScalars(f.Values)
		w.must(err)
		if !add(values[0], values[1]).Equal(integer(1)) {
			t.Error("the pair does not add to 1")
		}
	}
}

// honestMarks is an allowed choice.
func honestMarks(c *message.Contest) []string {
	return Selections(c)[:max(c.Min, 1)]
}

func TestWeakFiatShamirNeedsTheRightContest(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 2, 4, false, "a", "b", "c", "d", "e")}, Voters: voters("m")})
	for way := WeakFSPair; way <= WeakFSReused; way++ {
		m := w.voter("m")
		if _, err := m.Election.ForgeWeakFS(way, m.Line, "c", nil, m.Random); err == nil {
			t.Errorf("way %d forged what it cannot", way)
		}
	}
}

func TestSkippedSum(t *testing.T) {
	contest := Choose("c", 1, 2, true, "a", "b", "c")
	for _, tc := range []struct {
		name  string
		marks []string
		total []uint64 // of the forged ballot alone
	}{
		{"all options", []string{"a", "b", "c"}, []uint64{1, 1, 1, 0}},
		{"blank and option", []string{"b", "blank"}, []uint64{0, 1, 0, 1}},
		{"too few", nil, []uint64{0, 0, 0, 0}},
		{"everything", []string{"a", "b", "c", "blank"}, []uint64{1, 1, 1, 1}},
	} {
		for form, check := range map[SumForm]string{SumAbsent: "V-18", SumJunk: "V-21", SumWider: "V-18"} {
			t.Run(tc.name+check+string('0'+rune(form)), func(t *testing.T) {
				w := opened(t, Description{Contests: []message.Contest{contest, Choose("other", 0, 1, false, "x")}, Voters: voters("m", "u")})
				e, m := w.view.Election, w.voter("m")
				p, err := e.ForgeMarks(form, m.Line, "c", tc.marks, Choices{"other": {"x"}}, m.Random)
				w.must(err)
				w.must(weakSkipSum(e, &p.Ballot))
				if w.cast(m.Credential, p.Ballot, p.Tracker) == nil {
					t.Error("the sound reader accepts it")
				}
				w.wantFaults(check)
				if got := w.logarithms(w.weaklyCounted("c", p.Ballot)); !slices.Equal(got, tc.total) {
					t.Errorf("it counts %v, want %v", got, tc.total)
				}
				honest, err := w.voter("u").Prepare(Choices{"c": {"a"}})
				w.must(err)
				w.must(weakSkipSum(e, &honest.Ballot))
			})
		}
	}
	w := opened(t, Description{Contests: []message.Contest{contest}, Voters: voters("m")})
	m := w.voter("m")
	if _, err := m.Election.ForgeMarks(SumAbsent, m.Line, "c", []string{"a"}, nil, m.Random); !errors.Is(err, errNotForged) {
		t.Errorf("allowed marks: %v", err)
	}
}

// districts has two styles with a contest of equal shape each.
func districts() Description {
	return Description{
		Contests: []message.Contest{Choose("mayor", 0, 1, false, "ada", "bob"),
			Choose("east", 0, 1, false, "ada", "bob"), Choose("west", 0, 1, false, "ada", "bob")},
		Styles: []message.Style{{ID: "e", Contests: []string{"mayor", "east"}}, {ID: "w", Contests: []string{"mayor", "west"}}},
		Voters: []Eligible{{ID: "m", Style: "e"}, {ID: "u", Style: "w"}},
	}
}

func TestOtherContests(t *testing.T) {
	for _, tc := range []struct {
		name, style string
		contests    []string
		faults      []string
		foreign     string // contest in which it counts without right
	}{
		{"other style", "w", []string{"mayor", "west"}, []string{"V-25"}, "west"},
		{"foreign contest", "e", []string{"mayor", "west"}, []string{"V-18"}, "west"},
		{"swapped", "e", []string{"east", "mayor"}, []string{"V-18"}, ""},
		{"one more", "e", []string{"mayor", "east", "west"}, []string{"V-18"}, "west"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := opened(t, districts())
			e, m := w.view.Election, w.voter("m")
			choices := make(Choices)
			for _, c := range tc.contests {
				choices[c] = []string{"bob"}
			}
			p, err := e.PrepareAs(m.Line, tc.style, tc.contests, choices, m.Random)
			w.must(err)
			w.must(weakContests(e, &p.Ballot, m.Credential.Key))
			if w.cast(m.Credential, p.Ballot, p.Tracker) == nil {
				t.Error("the sound reader accepts it")
			}
			w.wantFaults(tc.faults...)
			if tc.foreign == "" {
				return
			}
			if got := w.logarithms(w.weaklyCounted(tc.foreign, p.Ballot)); !slices.Equal(got, []uint64{0, 1}) {
				t.Errorf("in %s it counts %v", tc.foreign, got)
			}
		})
	}
}

// The tracker binds what the voter was shown: it does not bind unit and
// weight, which the list decides (V-25).
func TestBallotFaults(t *testing.T) {
	for _, tc := range []struct {
		check string
		spoil func(*message.Ballot)
	}{
		{"V-25", func(b *message.Ballot) { b.Weight = 2 }},
		{"V-25", func(b *message.Ballot) { b.Unit = "moon" }},
		{"V-18", func(b *message.Ballot) { b.Style = "moon" }},
		{"V-18", func(b *message.Ballot) { b.Fingerprint[0] ^= 1 }},
		{"V-18", func(b *message.Ballot) { b.Contests[0].Selections = b.Contests[0].Selections[:1] }},
		{"V-18", func(b *message.Ballot) { b.Contests[0].Sum = nil }},
		{"V-19", func(b *message.Ballot) { b.Caster.Sequence = 1 }},
		{"V-20", func(b *message.Ballot) {
			s := b.Contests[0].Selections
			s[0].Proof, s[1].Proof = s[1].Proof, s[0].Proof
		}},
		{"V-20", func(b *message.Ballot) {
			s := b.Contests[0].Selections
			s[0].Alpha, s[1].Alpha = s[1].Alpha, s[0].Alpha
		}},
		{"V-21", func(b *message.Ballot) {
			c := b.Contests[0].Sum.Challenges
			c[0], c[1] = c[1], c[0]
		}},
		{"V-17", func(b *message.Ballot) { b.Contests[0].Selections[0].Alpha = message.Element{} }},
		{"V-17", func(b *message.Ballot) {
			b.Contests[0].Selections[0].Beta = negated(b.Contests[0].Selections[0].Beta)
		}},
		{"V-17", func(b *message.Ballot) {
			r := b.Contests[0].Selections[0].Proof.Responses
			r[0] = plusOrder(r[0])
		}},
	} {
		w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m")})
		m := w.voter("m")
		p, err := m.Prepare(Choices{"c": {"a"}})
		w.must(err)
		tc.spoil(&p.Ballot)
		_ = w.cast(m.Credential, p.Ballot, transcript.Tracker(&p.Ballot))
		if got := w.faults(); len(got) == 0 || got[0] != tc.check {
			t.Errorf("fails %v, want %s", got, tc.check)
		}
	}
}
