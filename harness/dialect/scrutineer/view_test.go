package scrutineer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"scrutineer/protocols/message"
)

// finished is a small election from the manifest to the last share.
func finished(t *testing.T) *world {
	w := yesNo(t, "u", "v")
	u := w.voter("u")
	w.vote(u, Choices{"c": {"yes"}})
	p, err := u.Prepare(Choices{})
	w.must(err)
	w.post(w.authority.Challenge(w.view.Election, p.Opening))
	w.vote(u, Choices{"c": {"no"}})
	w.closeAndSeal()
	w.rounds(w.trustees...)
	return w
}

// Whatever digit or letter of an entry is changed, the view notices at that
// entry, and reads on without a panic.
func TestEveryCharacterMatters(t *testing.T) {
	w := finished(t)
	r := rand.New(rand.NewPCG(1, 2))
	for at := range w.parcels {
		for range 3 {
			changed := bytes.Clone(w.parcels[at].Entry)
			i := r.IntN(len(changed))
			for !alphanumeric(changed[i]) {
				i = r.IntN(len(changed))
			}
			changed[i] = other(changed[i])
			v := new(View)
			for k, p := range w.parcels {
				data := p.Entry
				if k == at {
					data = changed
				}
				if err := v.Add(data, nil); k == at && err == nil {
					t.Errorf("entry %d, byte %d: accepted: %s", at, i, snippet(changed, i))
				}
			}
		}
	}
}

func alphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' }

// other is another digit or letter of the same kind, so that hex stays hex.
func other(c byte) byte {
	switch c {
	case '9':
		return '8'
	case 'f', 'z':
		return c - 1
	}
	return c + 1
}

func snippet(b []byte, i int) string {
	return string(b[max(0, i-40):i]) + "»" + string(b[i:i+1]) + "«" + string(b[i+1:min(len(b), i+20)])
}

// An entry left out or repeated is noticed. Of the shares, which come last,
// some may be missing.
func TestOrderMatters(t *testing.T) {
	w := finished(t)
	for i := range w.parcels {
		if i < len(w.parcels)-len(w.trustees) && readAgain(w.parcels[:i], w.parcels[i+1:]) == nil {
			t.Errorf("entry %d left out: no fault", i)
		}
		if readAgain(w.parcels[:i+1], w.parcels[i:]) == nil {
			t.Errorf("entry %d twice: no fault", i)
		}
	}
	if err := readAgain(w.parcels); err != nil {
		t.Error(err)
	}
}

func readAgain(parts ...[]Parcel) error {
	v := new(View)
	for _, part := range parts {
		for _, p := range part {
			_ = v.Add(p.Entry, nil) // the faults are in v
		}
	}
	return v.Sound()
}

func TestFaultNamesEntryAndCheck(t *testing.T) {
	w := yesNo(t, "u")
	_ = w.add(Parcel{Entry: []byte("{}")})
	f := w.view.Faults[0]
	if want := fmt.Sprintf("entry %d fails V-05", w.view.Size()-1); f.Check != "V-05" || !bytes.HasPrefix([]byte(f.Error()), []byte(want)) {
		t.Error(f)
	}
}

func BenchmarkPrepare(b *testing.B) {
	line, e := benchWorld(b)
	r := NewSeed(1).Stream("bench")
	for b.Loop() {
		if _, err := e.Prepare(line, Choices{"c": {"b"}}, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckBallot(b *testing.B) {
	line, e := benchWorld(b)
	p, err := e.Prepare(line, Choices{"c": {"b"}}, NewSeed(1).Stream("bench"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := e.CheckBallot(&p.Ballot, line.Key); err != nil {
			b.Fatal(err)
		}
	}
}

// benchWorld is an election of five options, without a ceremony.
func benchWorld(b *testing.B) (Line, *Election) {
	d := Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b", "c", "d", "e")}, Opens: noon,
		Trustees: 1, Threshold: 1, Voters: voters("u")}.Filled()
	m, err := d.Manifest(d.Keys(NewSeed(1)).Public())
	if err != nil {
		b.Fatal(err)
	}
	y := element(base(integer(5)))
	e, err := NewElection(&m, message.Digest{}, [][]message.Element{{y}}, message.Digest{}, 1)
	if err != nil {
		b.Fatal(err)
	}
	return Line{Key: NewSeed(1).Credential("u").Key, Style: "all", Unit: "main", Weight: 1}, e
}
