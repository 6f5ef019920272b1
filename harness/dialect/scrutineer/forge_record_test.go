package scrutineer

import (
	"context"
	"errors"
	"slices"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	reference "scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// published is a finished election in which everybody chose yes, with its
// record, in the hands of a server that wants no.
func published(t *testing.T) (*Published, map[string][]byte) {
	w := yesNo(t, "u", "v")
	w.vote(w.voter("u"), Choices{"c": {"yes"}})
	w.vote(w.voter("v"), Choices{"c": {"yes"}})
	w.closeAndSeal()
	w.rounds(w.trustees...)
	p := &Published{Authority: w.authority, Election: w.view.Election, Random: w.seed.Stream("server"), Contest: "c", Winner: "yes"}
	result, err := p.stagedResult(&staged{view: w.view})
	w.must(err)
	w.post(w.authority.Result(w.view.Election, result))
	entries := make([][]byte, len(w.parcels))
	for i, parcel := range w.parcels {
		entries[i] = parcel.Entry
	}
	head := func(size uint64) []byte {
		note := SignCheckpoint(Checkpoint{Origin: w.manifest.Board.Origin, Size: size, Root: TreeRoot(entries[:size])}, w.keys.Board)
		for _, k := range w.keys.Witnesses {
			note, err = k.Cosign(note, noon+size)
			w.must(err)
		}
		return note
	}
	files, _, err := record.Export{Entries: record.Slice(entries), Checkpoints: map[record.Moment][]byte{
		record.Opened: head(w.view.Opened.Index + 1), record.Closed: head(w.view.Closes[0].Index + 1),
		record.Sealed: head(w.view.Seal.Index + 1), record.Final: head(uint64(len(entries))),
	}}.Memory()
	w.must(err)
	p.Winner = "no"
	w.must(p.Open(files))
	return p, files
}

// accepts says whether the reference's verifier takes a record.
func accepts(t *testing.T, files map[string][]byte, pin message.Digest, planted ...string) bool {
	t.Helper()
	set, err := weakness.Parse(planted)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reference.Record(context.Background(), record.Memory(files), reference.Options{Fingerprint: pin, Weak: set.For(weakness.Verifier)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Accepted()
}

// Every forgery of E12 is refused by a sound verifier and by the other weak
// one, gets through where its weakness is planted, and is seen by the
// independent verifier.
func TestForgedRecords(t *testing.T) {
	p, honest := published(t)
	pin := p.Election.Fingerprint
	vacuous, trusting := string(weakness.Vacuous), string(weakness.TrustRecordParams)
	if !accepts(t, honest, pin) || !accepts(t, honest, pin, vacuous) || !accepts(t, honest, pin, trusting) {
		t.Fatal("the honest record is refused")
	}
	for _, how := range []RecordForgery{RecordNoBallots, RecordNoShares, RecordUnknownEntry, RecordFirstPage,
		RecordNoFiles, RecordUnknownMethod, RecordOwnKeys} {
		t.Run(string(how), func(t *testing.T) {
			files, err := p.Forge(how)
			if err != nil {
				t.Fatal(err)
			}
			set, rest := vacuous, trusting
			if how == RecordOwnKeys {
				set, rest = rest, set
			}
			if accepts(t, files, pin) || accepts(t, files, pin, rest) {
				t.Error("it is accepted without the weakness")
			}
			if !accepts(t, files, pin, set) {
				t.Error("it is refused in spite of the weakness")
			}
			r, err := verify.Verify(context.Background(), record.Memory(files), verify.Options{PinFingerprint: &pin})
			if err != nil || r.Passed {
				t.Errorf("the independent verifier passes it: %v", err)
			}
		})
	}
}

// Published bytes that two readers read differently are refused unless every
// weakness of the set is planted, and seen by the independent verifier.
func TestAmbiguousRecords(t *testing.T) {
	p, honest := published(t)
	pin := p.Election.Fingerprint
	vacuous, lenient, trailing := string(weakness.Vacuous), string(weakness.LenientJSON), string(weakness.IgnoreTrailing)
	if !accepts(t, honest, pin, lenient) || !accepts(t, honest, pin, trailing) {
		t.Fatal("the honest record is refused")
	}
	for how, set := range map[RecordForgery][]string{
		RecordTwoResults: {lenient, vacuous}, RecordBundleTail: {trailing}, RecordHeadTail: {trailing},
	} {
		files, err := p.Forge(how)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		for i := range set {
			if without := slices.Delete(slices.Clone(set), i, i+1); accepts(t, files, pin, without...) {
				t.Errorf("%s is accepted with %v alone", how, without)
			}
		}
		if !accepts(t, files, pin, set...) {
			t.Errorf("%s is refused in spite of %v", how, set)
		}
		r, err := verify.Verify(context.Background(), record.Memory(files), verify.Options{PinFingerprint: &pin})
		if err != nil || r.Passed {
			t.Errorf("%s: the independent verifier passes it: %v", how, err)
		}
	}
	other := *p
	other.Winner = "nobody"
	if _, err := other.Forge(RecordTwoResults); err == nil {
		t.Error("a winner who does not stand")
	}
}

// A record of its own keys is sound in itself: nothing but the pin shows it.
func TestOwnKeysHoldWithoutAPin(t *testing.T) {
	p, _ := published(t)
	files, err := p.Forge(RecordOwnKeys)
	if err != nil {
		t.Fatal(err)
	}
	r, err := verify.Verify(context.Background(), record.Memory(files), verify.Options{})
	if err != nil || !r.Passed {
		t.Errorf("%v %+v", err, r.Findings)
	}
	if !accepts(t, files, message.Digest{}) {
		t.Error("the system's own verifier refuses it without a pin")
	}
}

func TestPublishedRefuses(t *testing.T) {
	p, files := published(t)
	if _, err := p.Forge("something"); err == nil {
		t.Error("an unknown forgery is made")
	}
	cut := record.Memory(files).Clone()
	for name := range cut {
		if path, _ := record.Parse(name); path.Kind == record.KindEntries {
			cut[name] = slices.Concat(cut[name], []byte{0})
		}
	}
	if err := new(Published).Open(cut); !errors.Is(err, ErrRecord) {
		t.Errorf("a broken bundle: %v", err)
	}
	if err := new(Published).Open(map[string][]byte{"checkpoint": nil}); !errors.Is(err, ErrRecord) {
		t.Errorf("no entries: %v", err)
	}
}
