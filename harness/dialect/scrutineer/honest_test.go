package scrutineer

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func municipal() Description {
	return Description{
		Contests: []message.Contest{
			Choose("mayor", 0, 1, true, "ada", "bob", "cyd"),
			Choose("council", 1, 2, false, "one", "two", "three"),
			Choose("levy", 0, 2, false, "yes", "no"),
		},
		Styles:  []message.Style{{ID: "full", Contests: []string{"mayor", "council", "levy"}}, {ID: "part", Contests: []string{"levy", "mayor"}}},
		Units:   []string{"north", "south", "west"},
		Weights: []uint64{1, 3},
		Voters: []Eligible{
			{ID: "u1", Unit: "north"}, {ID: "u2", Unit: "north", Weight: 3},
			{ID: "u3", Unit: "south", Style: "part"}, {ID: "u4", Unit: "south"}, {ID: "u5", Unit: "west"},
		},
	}
}

// An election of three contests, two styles, weights, a blank vote, a revote
// and a challenge comes out right, and every voter's check passes.
func TestWholeElection(t *testing.T) {
	w := opened(t, municipal())
	u1, u2, u3, u4 := w.voter("u1"), w.voter("u2"), w.voter("u3"), w.voter("u4")
	w.vote(u1, Choices{"mayor": {"ada"}, "council": {"one"}, "levy": {"yes"}})
	w.vote(u2, Choices{"mayor": {"blank"}, "council": {"one", "two"}, "levy": {"yes", "no"}})
	w.vote(u3, Choices{"mayor": {"bob"}, "levy": {"no"}})
	w.vote(u4, Choices{"council": {"three"}})

	p, err := u1.Prepare(Choices{"council": {"two"}})
	w.must(err)
	ticket, data, err := u1.Challenge(p)
	w.must(err)
	opened, err := codec.Decode[message.Challenge](data, codec.Limits{})
	w.must(err)
	if found, err := w.view.Election.CheckChallenge(&opened); err != nil || !slices.Equal(found["council"], []string{"two"}) {
		t.Fatalf("audit found %v, %v", found, err)
	}
	r := SignReceipt(message.Receipt{Decision: ticket.Digest, Fingerprint: w.view.Election.Fingerprint,
		Index: w.view.Size(), Tracker: p.Tracker}, w.keys.Board)
	data, err = codec.Encode(r)
	w.must(err)
	w.must(u1.Answer(ticket, data))
	w.post(w.authority.Challenge(w.view.Election, opened))

	w.vote(u1, Choices{"mayor": {"cyd"}, "council": {"two"}}) // a revote
	if u1.Head() != w.view.HeadOf(u1.Credential.Key) {
		t.Error("the voter's own head is not the board's")
	}
	w.closeAndSeal()
	w.rounds(w.trustees[:2]...)
	w.must(w.view.Sound())
	want := map[string]map[string][]uint64{
		"mayor": {"north": {0, 0, 1, 3}, "south": {0, 1, 0, 0}}, "council": {"north": {3, 4, 0}, "south": {0, 0, 1}},
		"levy": {"north": {3, 3}, "south": {0, 1}},
	}
	for contest, units := range want {
		for unit, totals := range units {
			got, err := w.view.Totals(contest, unit, 100)
			w.must(err)
			if !slices.Equal(got, totals) {
				t.Errorf("%s, %s: got %v, want %v", contest, unit, got, totals)
			}
		}
	}
	for _, v := range []*Voter{u1, u2, u3, u4} {
		w.must(v.Check(w.view))
	}
}

func TestSeedGivesTheSameBytes(t *testing.T) {
	a, b := opened(t, municipal()), opened(t, municipal())
	a.vote(a.voter("u1"), Choices{"council": {"one"}})
	b.vote(b.voter("u1"), Choices{"council": {"one"}})
	if a.view.Root() != b.view.Root() {
		t.Error("two runs of one seed differ")
	}
	x, y := make([]byte, 32), make([]byte, 32)
	_, _ = NewSeed(1).Stream("a").Read(x)
	_, _ = NewSeed(1).Stream("b").Read(y)
	if bytes.Equal(x, y) {
		t.Error("two actors draw the same bytes")
	}
}

// A small unit waits for the next one, and the leftover joins the last cell.
func TestCells(t *testing.T) {
	d := municipal()
	d.MinimumCell = 2
	d.Weights, d.Voters = []uint64{1}, []Eligible{{ID: "u1", Unit: "north"}, {ID: "u2", Unit: "south"}, {ID: "u3", Unit: "south"}, {ID: "u4", Unit: "west"}}
	for _, tc := range []struct {
		name  string
		votes []string
		want  string
	}{
		{"first waits", []string{"u1", "u2"}, "north+south:2 west:0"},
		{"rest joins", []string{"u2", "u3", "u4"}, "north:0 south+west:3"},
		{"alone", []string{"u4"}, "north:0 south:0 west:1 withheld"},
		{"nobody", nil, "north:0 south:0 west:0"},
		{"empty unit joins", []string{"u1", "u4"}, "north+south+west:2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := opened(t, d)
			for _, id := range tc.votes {
				w.vote(w.voter(id), Choices{"council": {"one"}})
			}
			w.closeAndSeal()
			var got []string
			for _, c := range w.view.SealedCells() {
				if c.Contest != "mayor" {
					continue
				}
				s := strings.Join(c.Units, "+") + ":" + string(rune('0'+c.Ballots))
				if c.Withheld {
					s += " withheld"
				}
				got = append(got, s)
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestLongBodiesGoIntoChunks(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("long", 0, 1, true, options(100)...)}, Voters: voters("u")})
	w.vote(w.voter("u"), Choices{"long": {"o7"}})
	last := w.parcels[len(w.parcels)-1]
	if len(last.Chunks) < 2 {
		t.Fatalf("%d chunks", len(last.Chunks))
	}
	last.Chunks[1][5] ^= 1
	if _, _, err := OpenEntry(last.Entry, Fetcher(last)); !errors.Is(err, ErrEntry) {
		t.Errorf("a changed chunk gives %v", err)
	}
}

func options(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "o" + strings.TrimLeft(string([]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)}), "0")
	}
	return out
}

// A wrong share leads to a complaint that names the dealer; a complaint about
// a right share names the one who complains.
func TestComplaint(t *testing.T) {
	for _, tc := range []struct {
		name    string
		honest  bool
		culprit string
	}{{"the dealer lies", false, "t1"}, {"the complainer lies", true, "t2"}} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, NewSeed(3), Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a")}, Voters: voters("u")})
			for w.view.Phase != message.PhaseDeal {
				for _, tr := range w.trustees {
					ps, err := tr.Next(w.view)
					w.must(err)
					for _, p := range ps {
						w.post(p, nil)
					}
				}
			}
			liar := w.trustees[0]
			if !tc.honest {
				liar.ceremony.coefficients[1] = integer(5) // not what it committed to
			}
			w.post(liar.Deal(w.view))
			w.post(w.trustees[1].Deal(w.view))
			w.post(w.trustees[2].Deal(w.view))
			p, err := w.trustees[1].Receive(w.view)
			w.must(err)
			if (p.Entry == nil) != tc.honest {
				t.Fatalf("complaint: %t", p.Entry != nil)
			}
			if tc.honest {
				p, err = w.trustees[1].complain(w.view, 1, w.view.Deals[0].Body.Shares[1])
				w.must(err)
			}
			w.post(p, nil)
			got, err := Culprit(&w.manifest, w.view.SetupID, &w.view.Reveals[0].Body, &w.view.Deals[0].Body, &w.view.Complaints[0].Body)
			if err != nil || got != tc.culprit {
				t.Errorf("culprit %q, %v", got, err)
			}
			w.post(w.authority.Abort(w.view.SetupID, got, "test"))
		})
	}
}

func TestCheckpointsAreReadStrictly(t *testing.T) {
	w := opened(t, municipal())
	good := string(w.view.Note)
	lines := strings.SplitAfter(good, "\n")
	sigs := lines[4:]
	for name, note := range map[string]string{
		"one witness":       strings.Join(lines[:6], ""),
		"no board":          strings.Join(append(slices.Clone(lines[:4]), sigs[1:]...), ""),
		"board twice":       strings.Join(append(slices.Clone(lines), sigs[0]), ""),
		"witness twice":     good + sigs[1],
		"other origin":      "x" + good,
		"size with a zero":  strings.Replace(good, "\n", "\n0", 1),
		"no line end":       strings.TrimSuffix(good, "\n"),
		"unknown key":       good + strings.Replace(sigs[1], "w1", "w9", 1),
		"two notes":         good + good,
		"another root":      strings.Replace(good, lines[2], "AAAA"+lines[2][4:], 1),
		"carriage return":   strings.ReplaceAll(good, "\n", "\r\n"),
		"empty":             "",
		"bits after base64": strings.Replace(good, "=\n", "=x\n", 1),
	} {
		if _, err := OpenCheckpoint(&w.manifest, []byte(note)); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenCheckpoint(&w.manifest, []byte(good)); err != nil {
		t.Error(err)
	}
}

func TestManifestFaults(t *testing.T) {
	for name, spoil := range map[string]func(*message.Manifest){
		"suite":         func(m *message.Manifest) { m.Suite = "p256" },
		"min above max": func(m *message.Manifest) { m.Contests[0].Min = 2 },
		"blank option":  func(m *message.Manifest) { m.Contests[0].Options[0].ID = "blank" },
		"contest twice": func(m *message.Manifest) { m.Contests[1].ID = "mayor" },
		"threshold":     func(m *message.Manifest) { m.Threshold = 1 },
		"quorum":        func(m *message.Manifest) { m.Quorum = 1 },
		"index":         func(m *message.Manifest) { m.Trustees[1].Index = 3 },
		"one key twice": func(m *message.Manifest) { m.Registrar = m.Authority },
		"weights":       func(m *message.Manifest) { m.Weights = []uint64{3, 1} },
		"no style":      func(m *message.Manifest) { m.Styles = nil },
		"style unknown": func(m *message.Manifest) { m.Styles[0].Contests[0] = "x" },
		"id":            func(m *message.Manifest) { m.Units[0].ID = "Nord" },
		"channel":       func(m *message.Manifest) { m.Channels[0].Kind = "post" },
		"stages":        func(m *message.Manifest) { m.Stages = m.Stages[:2] },
		"revote":        func(m *message.Manifest) { m.Revote = "maybe" },
	} {
		d := municipal().Filled()
		m, err := d.Manifest(d.Keys(NewSeed(1)).Public())
		if err != nil {
			t.Fatal(err)
		}
		spoil(&m)
		if err := CheckManifest(&m); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
